import { assert, describe, it } from "@effect/vitest"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import { geopackage, shapefile } from "../src/index.ts"
import { bundle, golden, type Golden, gpkg, outline, plu, read } from "./reading.ts"

/** A tenth of a millimetre. */
const DEGREES = 1e-9

const same = (
  ours: ReadonlyArray<Readonly<Record<string, unknown>>>,
  { layer, rows }: Golden["layers"][number],
): void => {
  assert.strictEqual(ours.length, rows.length, layer)
  rows.forEach((row, index) => {
    const mine = ours[index] ?? {}
    for (const [name, value] of Object.entries(row.properties)) {
      // GDAL gives dates as midnights.
      assert.strictEqual(
        mine[name] === null ? null : `${mine[name] as string | bigint}`,
        value?.replace(/T00:00:00$/, "") ?? null,
        `${name} of row ${index + 1} in ${layer}`,
      )
    }
    if (row.bbox === undefined) return
    const { sums, ...shape } = outline(mine["geometry"] as Uint8Array)
    assert.deepStrictEqual(shape, { type: row.type, hasZ: row.hasZ, bytes: row.bytes }, `row ${index + 1} in ${layer}`)
    const box = ["xmin", "ymin", "xmax", "ymax"].map((edge) => Number(mine[edge]))
    box.forEach((edge, axis) => assert.closeTo(edge, row.bbox?.[axis] ?? 0, DEGREES))
    sums.forEach((sum, axis) => assert.closeTo(sum, row.sums?.[axis] ?? 0, DEGREES * (row.positions ?? 1)))
  })
}

describe("what GDAL and PROJ read", () => {
  it.effect("in a shapefile is what we read: attributes, polygons with their holes, places", () =>
    Effect.gen(function* () {
      const { main } = yield* read(shapefile(), bundle(plu()))
      const [layer] = golden("zone_urba").layers
      if (layer !== undefined) same(main?.rows ?? [], layer)
      assert.deepStrictEqual(
        [main?.facts["crs"], main?.facts["encoding"], main?.rejects],
        ["EPSG:2154", "windows-1252", []],
      )
    }),
  )

  it.effect("in a GeoPackage is what we read, layer by layer", () =>
    Effect.gen(function* () {
      const tables = yield* read(geopackage(), memoryFile("pprt.gpkg", gpkg()))
      const { layers } = golden("pprt")
      assert.deepStrictEqual(Object.keys(tables).toSorted(), layers.map(({ layer }) => layer).toSorted())
      for (const layer of layers) {
        same(tables[layer.layer]?.rows ?? [], layer)
        assert.strictEqual(tables[layer.layer]?.facts["crs"], layer.epsg === null ? undefined : `EPSG:${layer.epsg}`)
      }
    }),
  )
})
