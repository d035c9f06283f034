import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { crsOf, GeometryEncoder, Positions, readWkb, type Shape } from "../src/index.ts"

const golden = JSON.parse(readFileSync(new URL("./fixtures/golden/wkb.json", import.meta.url), "utf8")) as {
  readonly rows: ReadonlyArray<{ readonly wkb: string }>
}
const curves = JSON.parse(readFileSync(new URL("./fixtures/golden/curves.json", import.meta.url), "utf8")) as {
  readonly rows: ReadonlyArray<{
    readonly what: string
    readonly wkb: string
    readonly type: string
    readonly length: number
    readonly box: ReadonlyArray<number>
  }>
}
const degrees = crsOf("OGC:CRS84")

const forEachLine = ({ type, from, to, lines }: Shape, line: (from: number, to: number) => void): void => {
  let at = from
  for (const length of type === "LineString" ? [to - from] : lines) line(at, (at += length))
}

const again = (bytes: Uint8Array): string => {
  const positions = new Positions()
  const encoder = new GeometryEncoder(true)
  if (degrees !== undefined) assert.isUndefined(encoder.encode(positions, readWkb(bytes, positions), degrees))
  return Buffer.from(encoder.cells[0] as Uint8Array)
    .toString("hex")
    .toUpperCase()
}

describe("well-known binary", () => {
  it("that shapely wrote is read and written again byte for byte", () => {
    for (const { wkb } of golden.rows) assert.strictEqual(again(Buffer.from(wkb, "hex")), wkb)
  })

  it("is read in big-endian order and with the flags of EWKB, measures left out", () => {
    const big = Buffer.from("00000000014002CCCCCCCCCCCD40486CCCCCCCCCCD", "hex")
    assert.strictEqual(again(big), golden.rows[0]?.wkb)
    const flags = Buffer.concat([
      Buffer.from("01010000E0E6100000", "hex"),
      Buffer.from(Float64Array.of(2.35, 48.85, 35.5, 7).buffer),
    ])
    assert.strictEqual(again(flags), golden.rows[1]?.wkb)
  })

  it("of curves is lines that GDAL's are no longer or shorter than, and ends where they end", () => {
    for (const { what, wkb, type, length, box } of curves.rows) {
      const positions = new Positions()
      const found = readWkb(Buffer.from(wkb, "hex"), positions)
      assert.strictEqual(found.type, type, what)
      let ours = 0
      forEachLine(found, (from, to) => {
        for (let at = from; at + 1 < to; at++) {
          const [x0, y0, , x1, y1] = positions.xyz.subarray(at * 3, at * 3 + 6) as unknown as [
            number,
            number,
            number,
            number,
            number,
          ]
          ours += Math.hypot(x1 - x0, y1 - y0)
        }
      })
      assert.closeTo(ours, length, length * 0.002, what)
      const encoder = new GeometryEncoder(true)
      if (degrees !== undefined) assert.isUndefined(encoder.encode(positions, found, degrees), what)
      for (const [index, corner] of box.entries()) assert.closeTo(Number(encoder.cells[index + 1]), corner, 0.01, what)
    }
  })

  it("of surfaces is polygons", () => {
    const triangle =
      "01030000000100000004000000" + Buffer.from(Float64Array.of(0, 0, 1, 0, 1, 1, 0, 0).buffer).toString("hex")
    const surface = readWkb(Buffer.from(`010f00000002000000${triangle.repeat(2)}`, "hex"), new Positions())
    assert.deepInclude(surface, { type: "MultiPolygon", lines: [4, 4], polygons: [1, 1] })
  })

  it("that is cut, unknown or nested without end is refused", () => {
    const whole = Buffer.from(golden.rows[5]?.wkb ?? "", "hex")
    for (let length = 0; length < whole.length; length++)
      assert.throws(() => again(whole.subarray(0, length)), RangeError)
    assert.throws(() => again(Buffer.from("0163000000", "hex")), /not known/)
    assert.throws(
      () => again(Buffer.concat(Array.from({ length: 40 }, () => Buffer.from("010700000001000000", "hex")))),
      /nested/,
    )
  })
})
