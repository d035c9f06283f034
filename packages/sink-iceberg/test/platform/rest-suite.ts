/** What the sink does on a REST catalog and an object store, whoever wrote them. */
import { assert, describe, it } from "@effect/vitest"
import { registerLaws, sinkLaws } from "@opendatahub-sql/core/testing"
import { layer } from "@opendatahub-sql/engine-duckdb"
import {
  createViews,
  iceberg,
  type IcebergOptions,
  lakehouseOf,
  removeOrphans,
  tablesOf,
  verifyTable,
} from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { loadQuery, sliceOf } from "../loading.ts"
import { makeSession } from "../../src/sink/session.ts"
import { unchanged } from "../../src/table/snapshot/plan.ts"
import { startWriter } from "../processes/start.ts"
import { run, temporaryFolder } from "../tables.ts"
import { type Engines, startEngines } from "./engines.ts"
import { openDoor } from "./unreliable.ts"

/** A catalog with its object store. */
export interface RestServer {
  readonly catalog: string
  readonly options: (namespace: string) => IcebergOptions
  /** The same without credentials, as a configuration is written; they are in `environment`. */
  readonly written: (namespace: string) => IcebergOptions
  readonly environment: Readonly<Record<string, string>>
  /** How pyiceberg opens the catalog. */
  readonly pyiceberg: Readonly<Record<string, string>>
  /** What DuckDB runs to see it as `lake`. */
  readonly duckdb: ReadonlyArray<string>
  /** Several tables change together. */
  readonly commitsTogether: boolean
  readonly stop: () => Promise<void>
}

/** The tests; `why` says why they are skipped. */
export const restSuite = (name: string, why: string | undefined, start: () => Promise<RestServer>): void => {
  if (why !== undefined) console.log(`skipped: ${why}`)
  describe.skipIf(why !== undefined)(`the sink on ${name}`, () => {
    let server: RestServer
    let engines: Engines
    beforeAll(async () => {
      server = await start()
      engines = startEngines()
    }, 120_000)
    afterAll(async () => {
      await engines.close()
      await server.stop()
    })

    const open = (namespace: string) =>
      Effect.gen(function* () {
        const sink = yield* Effect.orDie(iceberg(server.options(namespace)).decode)
        return yield* lakehouseOf(sink) ?? Effect.die("no lakehouse")
      })
    const namespaceOf = (folder: string): string =>
      `ns_${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`

    const readTable = (folder: string, table: string, at?: string) =>
      run(
        Effect.gen(function* () {
          const lakehouse = yield* open(namespaceOf(folder))
          yield* createViews(lakehouse, at === undefined ? {} : { at })
          const rows = yield* lakehouse.connection.all(
            `select columns(*)::varchar from ${namespaceOf(folder)}."${table}"`,
          )
          return rows.map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([column, value]) => [column, value === null ? null : String(value)]),
            ),
          )
        }),
      )

    describe("the laws of sinks", () => {
      registerLaws(
        it,
        sinkLaws({
          sink: (folder) => iceberg(server === undefined ? {} : server.options(namespaceOf(folder))),
          misconfigured: iceberg({ namespace: "no name", catalog: { uri: "" } }),
          engine: layer({ workFolder: tmpdir() }),
          read: readTable,
          readAsOf: readTable,
        }),
      )
    })

    it("gives pyiceberg and DuckDB the rows that were loaded, and takes those that they add", () =>
      run(
        Effect.gen(function* () {
          const lakehouse = yield* open("shared")
          const { connection } = lakehouse
          const session = makeSession(lakehouse)
          const rows = (from: number, to: number) => `select range as id, 'v' || range as v from range(${from}, ${to})`
          const load = (day: string, sql: string) =>
            loadQuery(session, connection, { key: day, slice: sliceOf(day), table: "t", sql })
          yield* load("2026-01-01", rows(0, 100))
          yield* load("2026-01-02", rows(100, 150))
          const folder = temporaryFolder()
          const at = { catalog: server.pyiceberg, table: "shared.t" }
          const ask = <A>(request: Readonly<Record<string, unknown>>) => Effect.promise(() => engines.ask<A>(request))
          assert.strictEqual(
            (yield* ask<{ rows: number }>({ do: "pyiceberg_scan", ...at, out: join(folder, "py.parquet") })).rows,
            150,
          )
          const fromDuck = {
            do: "duckdb_scan",
            before: server.duckdb,
            from: "lake.shared.t",
            out: join(folder, "d.parquet"),
          }
          assert.strictEqual((yield* ask<{ rows: number }>(fromDuck)).rows, 150)
          const foreign = join(folder, "foreign.parquet")
          yield* ask({
            do: "duckdb_write",
            sql: "select 1000::bigint as id, 'theirs' as v, date '2026-01-09' as _extraction_date",
            out: foreign,
          })
          yield* ask({ do: "pyiceberg_append", ...at, rows: foreign })
          yield* load("2026-01-03", rows(150, 160))
          yield* createViews(lakehouse)
          const { n } = yield* connection.one("select count(*) as n from shared.t")
          assert.strictEqual(Number(n), 161)
          assert.strictEqual((yield* ask<{ rows: number }>(fromDuck)).rows, 161)
        }),
      ))

    it("changes several tables together where the catalog can, else one after the other", () =>
      run(
        Effect.gen(function* () {
          const lakehouse = yield* open("together")
          const { catalog, connection } = lakehouse
          const session = makeSession(lakehouse)
          for (const table of ["a", "b"])
            yield* loadQuery(session, connection, {
              key: table,
              slice: sliceOf("2026-01-01"),
              table,
              sql: "select range as id from range(10)",
            })
          const [first, second] = yield* tablesOf(lakehouse, undefined)
          if (first === undefined || second === undefined) throw new Error("there are two tables")
          const updates = [{ action: "set-properties", updates: { touched: "yes" } }] as const
          const error = yield* Effect.flip(
            catalog.commit([
              { table: first, change: { requirements: unchanged(first.metadata), updates } },
              {
                table: second,
                change: {
                  requirements: [{ type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": null }],
                  updates,
                },
              },
            ]),
          )
          assert.strictEqual(error._tag, "CommitConflict")
          assert.strictEqual(catalog.commitsTogether, server.commitsTogether)
          const [after] = yield* tablesOf(lakehouse, first.identifier.name)
          assert.strictEqual(after?.metadata.properties?.["touched"], server.commitsTogether ? undefined : "yes")
        }),
      ))

    it("makes a commit once when its answer is lost, and again when a gateway stood in its way", async () => {
      const door = await openDoor(server.catalog)
      const options = server.options("unreliable")
      const through = { ...options, catalog: { ...options.catalog, uri: door.uri } } as IcebergOptions
      await run(
        Effect.gen(function* () {
          const lakehouse = yield* lakehouseOf(yield* iceberg(through).decode) ?? Effect.die("no lakehouse")
          const session = makeSession(lakehouse)
          const load = (day: string) =>
            loadQuery(session, lakehouse.connection, {
              key: day,
              slice: sliceOf(day),
              table: "t",
              sql: "select range as id from range(10)",
            })
          const table = Effect.map(
            lakehouse.catalog.load({ namespace: "unreliable", name: "t" }),
            (found) => found?.metadata,
          )
          yield* load("2026-01-01")
          const before = door.commits()
          door.expect("answer-lost")
          assert.strictEqual((yield* load("2026-01-02")).outcome, "committed")
          assert.strictEqual(door.commits() - before, 1, "looked at, and found")
          door.expect("gateway-error", "answer-lost")
          assert.strictEqual((yield* load("2026-01-03")).outcome, "committed")
          assert.strictEqual(door.commits() - before, 3, "made again, then found")
          assert.lengthOf((yield* table)?.snapshots ?? [], 3)
          const [found] = yield* tablesOf(lakehouse, "t")
          if (found === undefined) throw new Error("the table is gone")
          assert.deepStrictEqual((yield* verifyTable(lakehouse, found)).problems, [])
          const orphans = yield* removeOrphans(lakehouse, found, { olderThan: -60_000, apply: false })
          assert.deepStrictEqual(
            orphans.files.filter((file) => !file.location.endsWith(".metadata.json")),
            [],
          )
        }),
      )
      await door.close()
    })

    it("refuses a table whose rows another engine deletes by files of deletes", () =>
      run(
        Effect.gen(function* () {
          const lakehouse = yield* open("deletes")
          const session = makeSession(lakehouse)
          const load = (day: string) =>
            loadQuery(session, lakehouse.connection, {
              key: day,
              slice: sliceOf(day),
              table: "t",
              sql: "select range as id from range(10)",
            })
          yield* load("2026-01-01")
          const statements = [...server.duckdb, "delete from lake.deletes.t where id = 3"]
          yield* Effect.promise(() => engines.ask({ do: "duckdb_run", before: statements }))
          const error = yield* Effect.flip(createViews(lakehouse))
          assert.include(error.message, "delete file(s) of another engine")
          // What only adds rows does not touch them.
          assert.strictEqual((yield* load("2026-01-02")).outcome, "committed")
          const out = join(temporaryFolder(), "after.parquet")
          const scan = { do: "duckdb_scan", before: server.duckdb, from: "lake.deletes.t", out }
          assert.strictEqual((yield* Effect.promise(() => engines.ask<{ rows: number }>(scan))).rows, 19)
        }),
      ))

    it("loses no commit of processes that write at once", async () => {
      const options = server.written("race")
      // Eight with fifty each take minutes on two cores.
      const [count, writers] = process.env["ODH_LONG"] === "1" ? [50, "abcdefgh".split("")] : [5, "abcd".split("")]
      const ends = await Promise.all(
        writers.map((name) => startWriter(options, name, "2026-01-01", count, server.environment)),
      )
      assert.deepStrictEqual(ends, Array(writers.length).fill(0))
      const loads = count * writers.length
      await run(
        Effect.gen(function* () {
          const lakehouse = yield* open("race")
          yield* createViews(lakehouse)
          const counted = yield* lakehouse.connection.one(
            "select count(*) as rows, count(distinct (writer, n, id)) as different from race.t",
          )
          assert.deepStrictEqual([counted["rows"], counted["different"]].map(Number), [10 * loads, 10 * loads])
          const table = yield* lakehouse.catalog.load({ namespace: "race", name: "t" })
          assert.lengthOf(table?.metadata.snapshots ?? [], loads)
        }),
      )
    }, 3_600_000)
  })
}
