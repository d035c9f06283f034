import { assert, describe, it } from "@effect/vitest"
import { Engine, type SinkSession, type Slice, type TableEvent, WorkFolder } from "@opendatahub-sql/core"
import { layer, openDatabase } from "@opendatahub-sql/engine-duckdb"
import { duckdb, type DuckdbOptions } from "@opendatahub-sql/sink-duckdb"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

type Rows = ReadonlyArray<Readonly<Record<string, string | null>>>

const temporary = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "odh-history-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
)

/** Noon of a day, from 0, of 2026. */
const instant = (day: number): string => new Date(Date.UTC(2026, 0, 1 + day, 12)).toISOString()
const slice = (day: number): Slice => ({ source: "kit", dataset: "d1", resource: "r1", extractedAt: instant(day) })

const batch = (table: string, columns: ReadonlyArray<string>, rows: Rows): TableEvent => ({
  _tag: "Batch",
  table,
  size: rows.length,
  columns: columns.map((name) => rows.map((row) => row[name] ?? null)),
  rowNumbers: Float64Array.from(rows, (_, i) => i + 1),
})

const events = (rows: Rows): Stream.Stream<TableEvent> => {
  const columns = Object.keys(rows[0] ?? {})
  return Stream.fromIterable<TableEvent>([
    { _tag: "TableStarted", table: "t", columns: columns.map((name) => ({ name })) },
    ...(rows.length === 0 ? [] : [batch("t", columns, rows)]),
  ])
}

/** One load, as core does it; `end` decides how. */
const loading = Effect.fnUntraced(function* (session: SinkSession, day: number, rows: Rows, end: "commit" | "abort") {
  const engine = yield* Engine
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const known = yield* session.describe("t")
      const typed = yield* engine.typeEvents(events(rows), {
        types: "auto",
        tolerance: 0.999,
        pinned: () => undefined,
        atLeast: (_, column) => known?.columns.find((one) => one.name === column)?.type,
      })
      const tables = yield* Effect.forEach(typed, (table) =>
        session.prepare({ ...table, slice: slice(day), parts: [table] }, "history"),
      )
      const writer = yield* session.begin({
        key: `day ${day} ${JSON.stringify(rows).slice(0, 200)}`,
        slice: slice(day),
        sha256: "0".repeat(64),
        tables,
      })
      for (const table of typed) yield* writer.write(table)
      return end === "abort" ? undefined : yield* Effect.uninterruptible(writer.commit)
    }),
  )
})
const load = (session: SinkSession, day: number, rows: Rows) => loading(session, day, rows, "commit")

const inSession = <A, E>(options: DuckdbOptions, use: (session: SinkSession) => Effect.Effect<A, E, Engine>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const sink = yield* duckdb(options).decode
      return yield* use(yield* sink.open)
    }),
  ).pipe(Effect.provideService(WorkFolder, tmpdir()), Effect.provide(layer({ workFolder: tmpdir() })))

const ask = (path: string, sql: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* openDatabase({ path, readOnly: true, workFolder: tmpdir() })
      return yield* (yield* database.connect).all(sql)
    }),
  )

const marks = `select (select count(*)::int from history_added.t) as added, (select count(*)::int from history_removed.t) as removed, (select count(*)::int from odh.history) as extractions`

describe("a history in a DuckDB file", () => {
  it.effect("stores nothing of an extraction that changed nothing, or that is loaded twice", () =>
    Effect.gen(function* () {
      const path = join(yield* temporary, "warehouse.duckdb")
      const rows = [{ a: "1" }, { a: "1" }, { a: "2" }]
      yield* inSession({ path }, (session) =>
        Effect.gen(function* () {
          yield* load(session, 0, rows)
          yield* load(session, 1, rows.toReversed())
          assert.strictEqual((yield* load(session, 1, rows.toReversed()))?.outcome, "already-loaded")
        }),
      )
      assert.deepStrictEqual(yield* ask(path, marks), [{ added: 3, removed: 0, extractions: 2 }])
    }),
  )

  it.effect("a load that is given up leaves no row, no extraction and no difference", () =>
    Effect.gen(function* () {
      const path = join(yield* temporary, "warehouse.duckdb")
      yield* inSession({ path }, (session) =>
        Effect.gen(function* () {
          yield* load(session, 0, [{ a: "1" }, { a: "2" }])
          yield* loading(session, 1, [{ a: "3" }], "abort")
          yield* loading(session, 0, [{ a: "4" }], "abort")
        }),
      )
      assert.deepStrictEqual(yield* ask(path, marks), [{ added: 2, removed: 0, extractions: 1 }])
      assert.deepStrictEqual(yield* ask(path, "select a from bronze.t order by a"), [{ a: 1n }, { a: 2n }])
    }),
  )

  it.effect("long decimals are stored in 18 digits while they fit, in all their digits when one does not", () =>
    Effect.gen(function* () {
      const path = join(yield* temporary, "warehouse.duckdb")
      const stored = ask(
        path,
        "select data_type as type from duckdb_columns() where schema_name = 'history_added' and column_name = 'a'",
      )
      const state = (day: number) => ask(path, `select a::varchar as a from as_of('t', '${instant(day)}') order by a`)
      yield* inSession({ path }, (session) =>
        Effect.andThen(load(session, 0, [{ a: "1" }, { a: "20" }]), load(session, 1, [{ a: "1,5" }, { a: "20" }])),
      )
      assert.deepStrictEqual(yield* stored, [{ type: "DECIMAL(18,1)" }])
      assert.deepStrictEqual(yield* ask(path, "select type from odh.columns"), [{ type: "decimal(20,1)" }])
      yield* inSession({ path }, (session) => load(session, 2, [{ a: "1234567890123456789,5" }, { a: "20" }]))
      const wide = yield* stored
      assert.notDeepEqual(wide, [{ type: "DECIMAL(18,1)" }])
      yield* inSession({ path }, (session) => load(session, 3, [{ a: "20,5" }]))
      assert.deepStrictEqual(yield* stored, wide, "it does not go back")
      for (const [day, values] of [
        [0, ["1.0", "20.0"]],
        [1, ["1.5", "20.0"]],
        [2, ["1234567890123456789.5", "20.0"]],
        [3, ["20.5"]],
      ] as const)
        assert.deepStrictEqual(
          yield* state(day),
          values.map((a) => ({ a })),
          `day ${day}`,
        )
    }),
  )

  it.effect("keeps the extractions that the retention says, each as it was", () =>
    Effect.gen(function* () {
      const path = join(yield* temporary, "warehouse.duckdb")
      // One extraction every five days over four months.
      const days = Array.from({ length: 24 }, (_, i) => i * 5)
      const rowsOn = (day: number): Rows => [{ a: `k${day}` }, { a: "same" }, { a: `week${Math.floor(day / 20)}` }]
      yield* inSession({ path, retention: "daily-then-monthly" }, (session) =>
        Effect.forEach(days, (day) => load(session, day, rowsOn(day))),
      )
      const kept = (yield* ask(path, "select extracted_at::varchar as at from odh.history order by 1")).map((row) =>
        String(row["at"]).slice(0, 10),
      )
      const newest = days.at(-1) ?? 0
      const expected = days.filter((day, index) => {
        const next = days[index + 1]
        const isLastOfMonth = next === undefined || instant(next).slice(0, 7) !== instant(day).slice(0, 7)
        return newest - day <= 31 || isLastOfMonth || newest - next <= 31
      })
      assert.deepStrictEqual(
        kept,
        expected.map((day) => instant(day).slice(0, 10)),
      )
      for (const day of expected)
        assert.deepStrictEqual(
          (yield* ask(path, `select a from as_of('t', '${instant(day)}') order by a`)).map((row) => row["a"]),
          rowsOn(day)
            .map((row) => row["a"])
            .toSorted(),
          `day ${day}`,
        )
    }),
  )

  it.effect("a reader of the published copy goes on asking about every day while the next load runs", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const options = { path: join(folder, "warehouse.duckdb"), publish: join(folder, "published.duckdb") }
      const rowsOn = (day: number): Rows => Array.from({ length: 50 }, (_, i) => ({ a: String(i + day * 7) }))
      const sumOn = (day: number): number => rowsOn(day).reduce((sum, row) => sum + Number(row["a"]), 0)
      yield* inSession(options, (session) => Effect.forEach([0, 1], (day) => load(session, day, rowsOn(day))))
      const [before, during] = yield* Effect.scoped(
        Effect.gen(function* () {
          const reader = yield* openDatabase({ path: options.publish, readOnly: true, workFolder: tmpdir() })
          const connection = yield* reader.connect
          const sums = Effect.forEach([0, 1, 2], (day) =>
            Effect.map(
              connection.one(`select sum(a)::int as sum from as_of('t', '${instant(day)}')`),
              (row) => row["sum"],
            ),
          )
          const first = yield* sums
          yield* inSession(options, (session) => load(session, 2, rowsOn(2)))
          return [first, yield* sums] as const
        }),
      )
      assert.deepStrictEqual(before, [sumOn(0), sumOn(1), sumOn(1)])
      assert.deepStrictEqual(during, before)
      assert.deepStrictEqual(yield* ask(options.publish, "select sum(a)::int as sum from bronze.t"), [
        { sum: sumOn(2) },
      ])
    }),
  )
})
