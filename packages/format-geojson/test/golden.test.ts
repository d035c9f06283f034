import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { collection, corpus, feature, hex, read } from "./reading.ts"

interface Golden {
  readonly file: string
  readonly rows: ReadonlyArray<{
    readonly properties: Readonly<Record<string, string>>
    readonly type: string
    readonly positions: number
    readonly bbox: ReadonlyArray<number>
    readonly wkb?: string
    readonly coordinateSums?: readonly [number, number]
  }>
}
const golden = (name: string): Golden =>
  JSON.parse(readFileSync(new URL(`./fixtures/golden/${name}.json`, import.meta.url), "utf8")) as Golden
const wkb = JSON.parse(
  readFileSync(new URL("../../geometry/test/fixtures/golden/wkb.json", import.meta.url), "utf8"),
) as {
  readonly rows: ReadonlyArray<{ readonly geometry: unknown; readonly wkb: string }>
}

/** A tenth of a millimetre. */
const DEGREES = 1e-9

const boxOf = (row: Readonly<Record<string, unknown>>): ReadonlyArray<number> =>
  ["xmin", "ymin", "xmax", "ymax"].map((name) => Number(row[name]))

/** Every position of a MultiPolygon in two dimensions. */
const positionsOf = (bytes: Uint8Array): ReadonlyArray<readonly [number, number]> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: Array<readonly [number, number]> = []
  let at = 9
  for (let polygons = view.getUint32(5, true); polygons > 0; polygons--) {
    at += 9
    for (let rings = view.getUint32(at - 4, true); rings > 0; rings--) {
      at += 4
      for (let count = view.getUint32(at - 4, true); count > 0; count--, at += 16)
        found.push([view.getFloat64(at, true), view.getFloat64(at + 8, true)])
    }
  }
  return found
}

describe("geometries", () => {
  it.effect("of the departments are byte for byte what GDAL reads and shapely writes, rings turned", () =>
    Effect.gen(function* () {
      const { file, rows } = golden("departements")
      const { main, rejects, facts } = yield* read(corpus(file))
      assert.deepStrictEqual([main.length, rejects.length], [rows.length, 0])
      rows.forEach((row, index) => {
        const ours = main[index] ?? {}
        assert.deepStrictEqual([ours["code"], ours["nom"]], [row.properties["code"], row.properties["nom"]])
        assert.deepStrictEqual(boxOf(ours), row.bbox)
        assert.strictEqual(
          createHash("sha256")
            .update(ours["geometry"] as Uint8Array)
            .digest("hex"),
          row.wkb,
          row.properties["nom"],
        )
      })
      assert.strictEqual(facts["ringsTurned"], 118)
    }),
  )

  it.effect("in Lambert-93 are where PROJ puts them", () =>
    Effect.gen(function* () {
      const { file, rows } = golden("districts")
      const { main, facts } = yield* read(corpus(file))
      assert.strictEqual(facts["crs"], "EPSG:2154")
      rows.forEach((row, index) => {
        const ours = main[index] ?? {}
        assert.strictEqual(ours["nom"], row.properties["nom"])
        boxOf(ours).forEach((edge, axis) => assert.closeTo(edge, row.bbox[axis] ?? 0, DEGREES))
        const positions = positionsOf(ours["geometry"] as Uint8Array)
        assert.strictEqual(positions.length, row.positions)
        const sums = positions.reduce(([x, y], [east, north]) => [x + east, y + north] as const, [0, 0] as const)
        sums.forEach((sum, axis) => assert.closeTo(sum, row.coordinateSums?.[axis] ?? 0, DEGREES * positions.length))
      })
    }),
  )

  it.effect("of every type, with and without heights, are the bytes that shapely writes", () =>
    Effect.gen(function* () {
      const { main } = yield* read(collection(wkb.rows.map(({ geometry }) => feature(geometry))))
      assert.deepStrictEqual(
        main.map((row) => hex(row["geometry"])),
        wkb.rows.map((row) => row.wkb),
      )
    }),
  )
})
