/** Tables as pyiceberg and DuckDB's iceberg extension read them, after each thing that can happen to a table. */
import { assert, describe, it } from "@effect/vitest"
import type { SinkSession } from "@opendatahub-sql/core"
import type { Connection } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import type { Catalog } from "../../src/catalog/catalog.ts"
import { openLocalCatalog } from "../../src/catalog/local-catalog.ts"
import { loadQuery, openSink, sliceOf } from "../loading.ts"
import { connect, queryOf, run, temporaryFolder } from "../tables.ts"
import { type Engines, isMissing, localCatalog, startEngines } from "./engines.ts"

/** Values of every type, across the epoch, with empty cells, at the edges of what fits. */
const everyType = (from: number, to: number): string => `
  select range as id, 'ville ' || chr(97 + (range % 26)::integer) as ville, case when range % 7 = 0 then null else (range / 100)::decimal(9,2) end as prix,
    (range * 1000003 - 5)::decimal(38,10) as grand, range::double / 3 as lat, range % 2 = 0 as ok, date '1969-12-01' + range::integer as jour,
    timestamp '1969-12-31 23:59:59.123456' + interval (range) minute as ts, timestamptz '2023-12-31 22:00:00.5+00' + interval (range) hour as tz,
    encode('b' || range) as bl, '{"a":' || range || '}' as js, null::varchar as vide
  from range(${from}, ${to})`

interface Scene {
  readonly folder: string
  readonly session: SinkSession
  readonly connection: Connection
  readonly catalog: Catalog
}

const inScene = <A>(use: (scene: Scene) => Effect.Effect<A, unknown>): Promise<A> => {
  const folder = temporaryFolder()
  return run(
    Effect.gen(function* () {
      const session = yield* openSink({ path: folder })
      const connection = yield* connect(folder)
      const catalog = yield* openLocalCatalog({ folder, name: "odh" })
      return yield* use({ folder, session, connection, catalog })
    }),
  )
}

describe.skipIf(isMissing)("tables read by other engines", () => {
  let engines: Engines
  beforeAll(() => void (engines = startEngines()))
  afterAll(() => engines.close())

  const differences = Effect.fnUntraced(function* (connection: Connection, left: string, right: string) {
    const described = yield* connection.all(`describe (${right})`)
    const columns = described.map((row) => `"${String(row["column_name"])}"`).join(", ")
    const { n } = yield* connection.one(
      `select (select count(*) from (select ${columns} from (${left}) except all select ${columns} from (${right})))
            + (select count(*) from (select ${columns} from (${right}) except all select ${columns} from (${left}))) as n`,
    )
    return Number(n)
  })

  /** Ours, pyiceberg's and DuckDB's rows are those that are expected, in all columns. */
  const readsEqual = Effect.fnUntraced(function* (
    { folder, connection, catalog }: Scene,
    expected: string,
    snapshot?: string,
  ) {
    const at = snapshot === undefined ? {} : { snapshot }
    const py = join(folder, `py-${Math.random()}.parquet`)
    yield* Effect.promise(() =>
      engines.ask({ do: "pyiceberg_scan", catalog: localCatalog(folder), table: "bronze.t", out: py, ...at }),
    )
    assert.strictEqual(yield* differences(connection, `from '${py}'`, expected), 0, "pyiceberg")
    const table = yield* catalog.load({ namespace: "bronze", name: "t" })
    const duck = join(folder, `duck-${Math.random()}.parquet`)
    yield* Effect.promise(() => engines.ask({ do: "duckdb_scan", metadata: table?.metadataLocation, out: duck, ...at }))
    assert.strictEqual(yield* differences(connection, `from '${duck}'`, expected), 0, "DuckDB")
    if (snapshot === undefined)
      assert.strictEqual(yield* differences(connection, yield* queryOf(catalog, "t"), expected), 0, "ours")
  }, Effect.scoped)

  it("after an append, with every type", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const { session, connection } = scene
        yield* loadQuery(session, connection, {
          key: "k1",
          slice: sliceOf("2026-01-01"),
          table: "t",
          sql: everyType(0, 3000),
        })
        yield* loadQuery(session, connection, {
          key: "k2",
          slice: sliceOf("2026-01-02"),
          table: "t",
          sql: everyType(3000, 4000),
        })
        yield* readsEqual(scene, everyType(0, 4000))
      }),
    ))

  it("after a slice was replaced, and at every snapshot before", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const { session, connection, catalog } = scene
        yield* loadQuery(session, connection, {
          key: "k1",
          slice: sliceOf("2026-01-01"),
          table: "t",
          sql: everyType(0, 300),
        })
        yield* loadQuery(session, connection, {
          key: "k2",
          slice: sliceOf("2026-01-02"),
          table: "t",
          sql: everyType(300, 400),
        })
        yield* loadQuery(session, connection, {
          key: "k3",
          slice: sliceOf("2026-01-01"),
          table: "t",
          sql: everyType(1000, 1010),
        })
        yield* readsEqual(scene, `${everyType(300, 400)} union all ${everyType(1000, 1010)}`)
        const snapshots = (yield* catalog.load({ namespace: "bronze", name: "t" }))?.metadata.snapshots ?? []
        assert.deepStrictEqual(
          snapshots.map((one) => one.summary["operation"]),
          ["append", "append", "overwrite"],
        )
        const states = [everyType(0, 300), everyType(0, 400)]
        for (const [index, state] of states.entries())
          yield* readsEqual(scene, state, String(snapshots[index]?.["snapshot-id"]))
      }),
    ))

  it("after columns came, widened in place, widened by being written again, and became text", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const { session, connection } = scene
        const steps = [
          "select 1::bigint as a, 1.5::decimal(9,2) as b, date '2026-01-01' as c, 7::bigint as d",
          "select 2::bigint as a, 99999999.25::decimal(12,2) as b, date '2026-01-02' as c, 8::bigint as d, 'x' as e",
          "select 2.5::decimal(3,1) as a, null::decimal(12,2) as b, timestamp '2026-01-03 12:00:00.000001' as c, 9::bigint as d, 'y' as e",
          "select 3.5::decimal(3,1) as a, 0.1::decimal(12,2) as b, timestamp '2026-01-04 12:00:00' as c, 'dix' as d, 'z' as e",
        ]
        for (const [index, sql] of steps.entries())
          yield* loadQuery(session, connection, {
            key: `k${index}`,
            slice: sliceOf(`2026-01-0${index + 1}`),
            table: "t",
            sql,
          })
        yield* readsEqual(
          scene,
          `select * from (values (1::decimal(20,1), 1.5::decimal(12,2), timestamp '2026-01-01', '7', null),
            (2, 99999999.25, timestamp '2026-01-02', '8', 'x'), (2.5, null, timestamp '2026-01-03 12:00:00.000001', '9', 'y'),
            (3.5, 0.1, timestamp '2026-01-04 12:00:00', 'dix', 'z')) v(a, b, c, d, e)`,
        )
      }),
    ))

  it("prunes by what we say of the files, and loses no row by it", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const { folder, session, connection, catalog } = scene
        for (const [index, from] of [0, 1000, 2000].entries())
          yield* loadQuery(session, connection, {
            key: `k${from}`,
            slice: sliceOf(`2026-01-0${index + 1}`),
            table: "t",
            sql: `select *, case when id % 500 = 3 then 'nan'::double else lat end as maybe from (${everyType(from, from + 1000)})`,
          })
        const files = (filter: string) =>
          Effect.promise(() =>
            engines.ask<{ files: number }>({
              do: "pyiceberg_files",
              catalog: localCatalog(folder),
              table: "bronze.t",
              filter,
            }),
          )
        assert.strictEqual((yield* files("_extraction_date = '2026-01-02'")).files, 1, "by partition")
        assert.strictEqual((yield* files("id >= 2500")).files, 1, "by bounds")
        assert.strictEqual((yield* files("vide is not null")).files, 0, "by counts of empty cells")
        const table = yield* catalog.load({ namespace: "bronze", name: "t" })
        const all = yield* queryOf(catalog, "t")
        for (const filter of [
          "ts >= '1969-12-31 23:59:59.123456'",
          "tz >= '2024-01-01 00:00:00.5+00'",
          "prix < 3",
          "grand > 2000000000",
          "jour < '1970-01-01'",
          "maybe = 'nan'",
          "ville like 'ville q%'",
          "ok",
        ]) {
          const out = join(folder, "filtered.parquet")
          yield* Effect.promise(() =>
            engines.ask({ do: "duckdb_scan", metadata: table?.metadataLocation, out, filter }),
          )
          assert.strictEqual(
            yield* differences(connection, `from '${out}'`, `select * from (${all}) where ${filter}`),
            0,
            filter,
          )
        }
      }).pipe(Effect.scoped),
    ))
})
