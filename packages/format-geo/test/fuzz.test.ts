import { describe, it } from "@effect/vitest"
import { fuzzFormat, memoryFile } from "@opendatahub-sql/core/testing"
import { geopackage, shapefile } from "../src/index.ts"
import { plu } from "./reading.ts"
import { dbfOf, geopackageOf, parts, pointsShp, shpOf } from "./writing.ts"

const long = process.env["ODH_LONG"] === "1"
/** Milliseconds: far more than the machine that is slowest, and hours for the long lane. */
const TIMEOUT = long ? 3 * 3_600_000 : 300_000
const square = [
  [0, 0],
  [0, 10],
  [10, 10],
  [10, 0],
  [0, 0],
] as const
const points = pointsShp([
  [1, 2],
  [3, 4],
])
const sound = [points, shpOf(5, [parts(5, [square]), parts(5, [square, square])]), shpOf(3, [parts(3, [square])])]
const dbf = dbfOf(["nom,C,5,0", "n,N,6,2", "d,D,8,0", "l,L,1,0"], [" Lyon   1.5020240105T", " Brest     ?        ?"])
const point = (x: number): string => `'1', x'47500001e608000001010000000000000000f03f0000000000000040', ${x}`

describe("any bytes whatever are rows and rejects, all records told, or a typed error", () => {
  const cases = [
    {
      what: "a .shp",
      format: shapefile({ crs: "EPSG:2154" }),
      name: "a.shp",
      corpus: [...sound, (plu()[".shp"] ?? points).subarray(0, 9_000)],
      runs: 150,
    },
    {
      what: "a .dbf beside a sound .shp",
      format: shapefile({ crs: "EPSG:2154" }),
      name: "a.shp",
      corpus: [dbf],
      place: (bytes: Uint8Array) => ({ bytes: points, siblings: [memoryFile("a.dbf", bytes)] }),
      runs: 150,
    },
    {
      what: "a .cpg and a .prj",
      format: shapefile(),
      name: "a.shp",
      corpus: [Buffer.from("UTF-8"), Buffer.from("1252"), plu()[".prj"] ?? Buffer.alloc(0)],
      place: (bytes: Uint8Array) => ({
        bytes: points,
        siblings: [memoryFile("a.dbf", dbf), memoryFile("a.cpg", bytes), memoryFile("a.prj", bytes)],
      }),
      runs: 50,
    },
    {
      what: "a GeoPackage",
      format: geopackage(),
      name: "a.gpkg",
      corpus: [
        geopackageOf(`insert into t values (${point(1)}), (${point(2)})`, ["nom TEXT", "geom BLOB", "n INTEGER"], {
          column: "geom",
          srs: 2_154,
        }),
        geopackageOf("insert into t values (1, 'a'), (2, null)", ["id INTEGER", "nom TEXT"]),
      ],
      most: Infinity,
      runs: 60,
    },
  ]
  for (const { what, runs, ...options } of cases) {
    it(
      `damaged copies: ${what}`,
      async () => {
        const tally = await fuzzFormat({ ...options, runs: long ? runs * 50 : runs, expects: { read: 1 } })
        console.log(`${what}:`, tally)
      },
      TIMEOUT,
    )
  }
})
