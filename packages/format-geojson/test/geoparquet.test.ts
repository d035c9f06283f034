import { assert, describe, it } from "@effect/vitest"
import { Engine, type TypedTable, type Typing } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import { exportTables, layer, literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { geojson } from "../src/index.ts"
import { collection, corpus, feature, point } from "./reading.ts"

const types = (pins: Readonly<Record<string, "text">> = {}): Typing => ({
  types: "auto",
  tolerance: 0.999,
  pinned: (_, column) => pins[column],
  atLeast: () => undefined,
})

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-geojson-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)

const typed = Effect.fnUntraced(function* (content: Uint8Array | string, typing: Typing = types()) {
  const format = yield* geojson().decode
  return yield* (yield* Engine).typeEvents(format.read(memoryFile("a.geojson", content)), typing)
})

/** What DuckDB, which reads GeoParquet itself, finds in a Parquet file: its `geo` key, and its first row as GeoJSON's words. */
const inspect = Effect.fnUntraced(function* (path: string, work: string) {
  const database = yield* openDatabase({ workFolder: work })
  const connection = yield* database.connect
  const keys = yield* connection.all(
    `select decode(value) as geo from parquet_kv_metadata(${literal(path)}) where decode(key) = 'geo'`,
  )
  const columns = yield* connection.all(`describe select * from read_parquet(${literal(path)})`)
  return {
    geo: keys.map(({ geo }): unknown => JSON.parse(String(geo))),
    types: Object.fromEntries(columns.map((column) => [String(column["column_name"]), column["column_type"]])),
  }
})

const run = <A>(test: (work: string) => Effect.Effect<A, unknown, Engine | Scope.Scope>): Effect.Effect<A, unknown> =>
  Effect.scoped(
    Effect.gen(function* () {
      const work = yield* folder
      return yield* Effect.provide(Effect.scoped(test(work)), layer({ workFolder: work }))
    }),
  )

const column = (of: ReadonlyArray<string>, bbox?: ReadonlyArray<number>) => ({
  encoding: "WKB",
  geometry_types: of,
  orientation: "counterclockwise",
  ...(bbox === undefined ? {} : { bbox }),
})

describe("GeoParquet", () => {
  it.effect("is what an export and every view of the table are", () =>
    run(
      Effect.fnUntraced(function* (work) {
        const tables = yield* typed(corpus("geojson-departements/departements-version-simplifiee.geojson"))
        const path = join(work, "out.parquet")
        yield* exportTables(tables, { path, format: "parquet" })
        const box = [-5.103600745641675, 41.36705499317599, 9.559720920174655, 51.088402305103116]
        const expected = {
          version: "1.1.0",
          primary_column: "geometry",
          columns: { geometry: column(["MultiPolygon", "Polygon"], box) },
        }
        const { geo, types: found } = yield* inspect(path, work)
        assert.deepStrictEqual(geo, [expected])
        assert.deepStrictEqual([found["geometry"], found["xmin"], found["code"]], ["BLOB", "DOUBLE", "VARCHAR"])
        const files = yield* tables[0]?.parquet({ columns: ["_row", "geometry"] }) ?? Effect.succeed([])
        assert.deepStrictEqual((yield* inspect(files[0]?.path ?? "", work)).geo, [expected])
        const without = yield* tables[0]?.parquet({ columns: ["nom"] }) ?? Effect.succeed([])
        assert.deepStrictEqual((yield* inspect(without[0]?.path ?? "", work)).geo, [])
      }),
    ),
  )

  it.effect("describes all the parts of one table", () =>
    run(
      Effect.fnUntraced(function* (work) {
        const parts: Array<TypedTable> = []
        for (const geometry of [
          point(1, 2, 9),
          {
            type: "LineString",
            coordinates: [
              [-5, 0],
              [3, 4],
            ],
          },
        ])
          parts.push(...(yield* typed(collection([feature(geometry, { a: 1 }, { id: 5 })]))))
        const path = join(work, "out.parquet")
        yield* exportTables(parts, { path, format: "parquet" })
        const { geo } = yield* inspect(path, work)
        assert.deepStrictEqual(geo, [
          {
            version: "1.1.0",
            primary_column: "geometry",
            columns: { geometry: column(["LineString", "Point Z"], [-5, 0, 3, 4]) },
          },
        ])
      }),
    ),
  )

  it.effect("names the column as the table does, and leaves child tables and texts alone", () =>
    run(
      Effect.fnUntraced(function* (work) {
        const [main, child] = yield* typed(collection([feature(point(1, 2), { Geometry: "x", list: [1] })]))
        const [file] = yield* main?.parquet() ?? Effect.succeed([])
        const [other] = yield* child?.parquet() ?? Effect.succeed([])
        const { geo } = yield* inspect(file?.path ?? "", work)
        const name = main?.columns.find(({ type }) => type === "blob")?.name ?? ""
        assert.deepStrictEqual(geo, [
          { version: "1.1.0", primary_column: name, columns: { [name]: column(["Point"], [1, 2, 1, 2]) } },
        ])
        assert.deepStrictEqual((yield* inspect(other?.path ?? "", work)).geo, [])
        const [text] = yield* typed(collection([feature(point(1, 2))]), types({ geometry: "text" }))
        const [asText] = yield* text?.parquet() ?? Effect.succeed([])
        assert.deepStrictEqual((yield* inspect(asText?.path ?? "", work)).geo, [])
      }),
    ),
  )

  it.effect("is not asked of CSV: there the geometry is hexadecimal", () =>
    run(
      Effect.fnUntraced(function* (work) {
        const path = join(work, "out.csv")
        yield* exportTables(yield* typed(collection([feature(point(2.5, 48.8))])), { path, format: "csv" })
        const connection = yield* (yield* openDatabase({ workFolder: work })).connect
        const rows = yield* connection.all(`select geometry, xmin from read_csv(${literal(path)}, all_varchar = true)`)
        assert.deepStrictEqual(rows, [{ geometry: "010100000000000000000004406666666666664840", xmin: "2.5" }])
      }),
    ),
  )
})
