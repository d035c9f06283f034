import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { crsOf, GeometryEncoder, Positions, readWkb } from "../src/index.ts"

const golden = JSON.parse(readFileSync(new URL("./fixtures/golden/wkb.json", import.meta.url), "utf8")) as {
  readonly rows: ReadonlyArray<{ readonly wkb: string }>
}
const degrees = crsOf("OGC:CRS84")

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

  it("that is cut, curved or nested without end is refused", () => {
    const whole = Buffer.from(golden.rows[5]?.wkb ?? "", "hex")
    for (let length = 0; length < whole.length; length++)
      assert.throws(() => again(whole.subarray(0, length)), RangeError)
    assert.throws(() => again(Buffer.from("0108000000", "hex")), /curves/)
    assert.throws(
      () => again(Buffer.concat(Array.from({ length: 40 }, () => Buffer.from("010700000001000000", "hex")))),
      /nested/,
    )
  })
})
