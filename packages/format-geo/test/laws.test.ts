import { it, describe } from "@effect/vitest"
import { formatLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { geopackage, shapefile } from "../src/index.ts"
import { gpkg, plu } from "./reading.ts"
import { geopackageOf, pointsShp } from "./writing.ts"

const shp = plu()[".shp"] ?? Buffer.alloc(0)
const wrong: unknown = { crs: "EPSG:12", encoding: "" }

describe("a shapefile without its companions", () => {
  registerLaws(
    it,
    formatLaws({
      format: shapefile({ crs: "EPSG:2154" }),
      samples: [{ name: "30014_ZONE_URBA_20171013.shp", bytes: shp }],
      large: (rows) => pointsShp(Array.from({ length: rows }, (_, n) => [700_000 + n, 6_600_000])),
      misconfigured: shapefile(wrong as { readonly crs: string }),
      damaged: [
        { name: "cut.shp", bytes: shp.subarray(0, 100_000) },
        {
          name: "cut between records.shp",
          bytes: pointsShp([
            [1, 2],
            [3, 4],
          ]).subarray(0, 128),
        },
        { name: "head.shp", bytes: shp.subarray(0, 60) },
        {
          name: "overwritten.shp",
          bytes: Buffer.concat([shp.subarray(0, 5_000), Buffer.alloc(60_000, 7), shp.subarray(65_000)]),
        },
      ],
    }),
  )
})

describe("a GeoPackage", () => {
  const numbered = (rows: number): Uint8Array =>
    geopackageOf(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows}) insert into t select i, 'commune ' || i from n`,
      ["id INTEGER", "nom TEXT"],
    )
  registerLaws(
    it,
    formatLaws({
      format: geopackage(),
      samples: [
        { name: "pprt_69dreal20090005.gpkg", bytes: gpkg() },
        {
          name: "small.gpkg",
          bytes: numbered(2),
          rows: {
            main: [
              { id: 1n, nom: "commune 1" },
              { id: 2n, nom: "commune 2" },
            ],
          },
        },
      ],
      large: numbered,
      foldsNames: true,
      named: (names) =>
        geopackageOf(
          `insert into t values (${names.map(() => "'x'").join(", ")})`,
          names.map((name) => `"${name.replaceAll('"', '""')}" TEXT`),
        ),
      misconfigured: geopackage(wrong as { readonly crs: string }),
      damaged: [
        { name: "cut.gpkg", bytes: gpkg().subarray(0, 60_000) },
        { name: "head.gpkg", bytes: gpkg().subarray(0, 200) },
        {
          name: "overwritten.gpkg",
          bytes: Buffer.concat([gpkg().subarray(0, 4_096), Buffer.alloc(200_000, 7), gpkg().subarray(204_096)]),
        },
      ],
    }),
  )
})
