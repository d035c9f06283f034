/** The laws of sinks. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Engine } from "../contracts/engine.ts"
import type { Configured } from "../contracts/plugin.ts"
import type { Load, Mode, Sink, SinkSession, Slice } from "../contracts/sink.ts"
import type { Cell, TableEvent } from "../contracts/table.ts"
import type { TypedTable } from "../contracts/typed-table.ts"
import { historyLaws } from "./history-laws.ts"
import { claim, claimEqual, held, type Law, type LawOutcome, skipped } from "./law.ts"
import { identityLaw, misconfiguredLaw } from "./plugin-laws.ts"

/** What the kit runs a sink on. */
export interface SinkLawOptions {
  /** A sink of its own for each law, in a folder that is removed afterwards. */
  readonly sink: (folder: string) => Configured<Sink>
  readonly engine: Layer.Layer<Engine, unknown>
  /** The rows of a table as another session, or better another tool, reads them: values as text, in any order, our `_` columns included. */
  readonly read: (folder: string, table: string) => Promise<ReadonlyArray<Readonly<Record<string, string | null>>>>
  /** The state of a table at an instant (ISO, UTC), read like `read`, of a sink that keeps histories. */
  readonly readAsOf?: (
    folder: string,
    table: string,
    at: string,
  ) => Promise<ReadonlyArray<Readonly<Record<string, string | null>>>>
  readonly misconfigured?: Configured<Sink>
}

type Rows = ReadonlyArray<Readonly<Record<string, string | null>>>

const eventsOf = (table: string, rows: Rows): Stream.Stream<TableEvent> => {
  const names = rows.length === 0 ? ["a"] : [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const columns: ReadonlyArray<ReadonlyArray<Cell>> = names.map((name) => rows.map((row) => row[name] ?? null))
  return Stream.fromIterable<TableEvent>([
    { _tag: "TableStarted", table, columns: names.map((name) => ({ name })) },
    ...(rows.length === 0
      ? []
      : [
          {
            _tag: "Batch" as const,
            table,
            size: rows.length,
            columns,
            rowNumbers: Float64Array.from(rows, (_, i) => i + 1),
          },
        ]),
  ])
}

const slice = (day: number, resource = "r1"): Slice => ({
  source: "kit",
  dataset: "d1",
  resource,
  extractedAt: `2026-01-0${day}T00:00:00.000Z`,
})

/** Types rows given as text and loads them: the steps of core, in small. */
const loadRows = Effect.fnUntraced(function* (
  session: SinkSession,
  key: string,
  of: Slice,
  tables: Readonly<Record<string, Rows>>,
  mode: Mode = "snapshots",
  before: (typed: TypedTable) => Effect.Effect<void, Error> = () => Effect.void,
) {
  const engine = yield* Engine
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const typed: Array<TypedTable> = []
      for (const [name, rows] of Object.entries(tables)) {
        const known = yield* session.describe(name)
        typed.push(
          ...(yield* engine.typeEvents(eventsOf(name, rows), {
            types: "auto",
            tolerance: 0.999,
            pinned: () => undefined,
            atLeast: (_, column) => known?.columns.find((one) => one.name === column)?.type,
          })),
        )
      }
      const schemas = yield* Effect.forEach(typed, (table) =>
        session.prepare({ ...table, slice: of, parts: [table] }, mode),
      )
      const load: Load = { key, slice: of, sha256: "0".repeat(64), tables: schemas }
      const writer = yield* session.begin(load)
      for (const table of typed) {
        yield* before(table)
        yield* writer.write(table)
      }
      return yield* Effect.uninterruptible(writer.commit)
    }),
  )
})

const business = (rows: Rows): Rows =>
  rows
    .map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([name]) => !name.startsWith("_"))
          .toSorted(),
      ),
    )
    .map((row) => JSON.stringify(row))
    .toSorted()
    .map((row) => JSON.parse(row) as Rows[number])

/** The laws that every sink keeps. */
export const sinkLaws = (options: SinkLawOptions): ReadonlyArray<Law> => {
  const law = (
    name: string,
    body: (
      open: Sink["open"],
      folder: string,
      sink: Sink,
    ) => Effect.Effect<LawOutcome | void, unknown, Engine | Scope.Scope>,
  ): Law => ({
    name,
    run: async () => {
      const folder = await mkdtemp(join(tmpdir(), "odh-sink-law-"))
      try {
        const sink = await Effect.runPromise(options.sink(folder).decode)
        const outcome = await Effect.runPromise(
          Effect.scoped(Effect.provide(body(sink.open, folder, sink), options.engine)),
        )
        return outcome ?? held()
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  })
  const read = (folder: string, table: string) => Effect.promise(() => options.read(folder, table))
  const inSession = <A, E>(open: Sink["open"], use: (session: SinkSession) => Effect.Effect<A, E, Engine>) =>
    Effect.scoped(Effect.flatMap(open, use))

  const day1: Rows = [
    { code: "01001", n: "1" },
    { code: "2A004", n: "2" },
  ]
  const day2: Rows = [
    { code: "01001", n: "1" },
    { code: "2A004", n: "3" },
    { code: "75056", n: "4" },
  ]

  return [
    identityLaw(options.sink(tmpdir())),
    misconfiguredLaw(options.misconfigured),
    law("what was committed is there, typed, with where it came from", (open, folder) =>
      Effect.gen(function* () {
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: day1 }))
        const rows = yield* read(folder, "t")
        claimEqual(business(rows), business(day1), "rows")
        claimEqual(rows.map((row) => row["_row"]).toSorted(), ["1", "2"], "_row")
        for (const column of [
          "_extracted_at",
          "_extraction_date",
          "_dataset_id",
          "_resource_id",
          "_file_sha256",
          "_load_id",
        ]) {
          claim(
            rows.every((row) => typeof row[column] === "string" && row[column] !== ""),
            `${column} is missing`,
          )
        }
        const described = yield* inSession(open, (session) => session.describe("t"))
        claimEqual(
          described?.columns.map((column) => [column.name, column.type]),
          [
            ["code", "text"],
            ["n", "bigint"],
          ],
          "the description",
        )
      }),
    ),
    law("the same key is loaded once", (open, folder) =>
      Effect.gen(function* () {
        const first = yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: day1 }))
        const second = yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: day1 }))
        claimEqual([first.outcome, second.outcome], ["committed", "already-loaded"], "outcomes")
        claimEqual((yield* read(folder, "t")).length, 2, "rows")
        const entries = yield* inSession(open, (session) => session.loads({ keys: ["k1", "k2"] }))
        claimEqual(
          entries.map((entry) => [entry.key, entry.slice, entry.tables]),
          [["k1", slice(1), [{ table: "t", rows: 2, rejects: 0 }]]],
          "the ledger",
        )
      }),
    ),
    law("a load that ends before its commit leaves no row and no key", (open, folder) =>
      Effect.gen(function* () {
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: day1 }))
        const exit = yield* Effect.exit(
          inSession(open, (session) =>
            loadRows(session, "k2", slice(2), { t: day2, u: day2 }, "snapshots", (typed) =>
              typed.name === "u" ? Effect.fail(new Error("the reader failed")) : Effect.void,
            ),
          ),
        )
        claim(Exit.isFailure(exit), "the load succeeded although its reader failed")
        claimEqual(business(yield* read(folder, "t")), business(day1), "rows of the table written before the failure")
        claimEqual((yield* inSession(open, (session) => session.loads({ keys: ["k2"] }))).length, 0, "keys")
        yield* inSession(open, (session) => loadRows(session, "k2", slice(2), { t: day2, u: day2 }))
        claimEqual((yield* read(folder, "t")).length, 5, "rows after the second attempt")
      }),
    ),
    law("snapshots keeps every extraction, a new key replaces its slice", (open, folder) =>
      Effect.gen(function* () {
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: day1 }))
        yield* inSession(open, (session) => loadRows(session, "k2", slice(2), { t: day2 }))
        claimEqual((yield* read(folder, "t")).length, 5, "rows of two extractions")
        yield* inSession(open, (session) => loadRows(session, "k3", slice(1), { t: [{ code: "01001", n: "9" }] }))
        claimEqual(
          business(yield* read(folder, "t")),
          business([...day2, { code: "01001", n: "9" }]),
          "rows after the replay of day 1",
        )
        claimEqual(
          (yield* inSession(open, (session) => session.loads({ resource: "r1" }))).map((entry) => entry.key).toSorted(),
          ["k2", "k3"],
          "keys",
        )
      }),
    ),
    law("latest keeps the newest extraction of each resource, whatever the order", (open, folder, sink) =>
      Effect.gen(function* () {
        if (!sink.capabilities.modes.includes("latest")) return skipped("`latest` is not a mode of this sink")
        const other: Rows = [{ code: "69123", n: "7" }]
        yield* inSession(open, (session) => loadRows(session, "o1", slice(1, "r2"), { t: other }, "latest"))
        yield* inSession(open, (session) => loadRows(session, "k2", slice(2), { t: day2 }, "latest"))
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: day1 }, "latest"))
        claimEqual(business(yield* read(folder, "t")), business([...day2, ...other]), "rows")
        return undefined
      }),
    ),
    law("an empty table is a table", (open, folder) =>
      Effect.gen(function* () {
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: [] }))
        claimEqual((yield* read(folder, "t")).length, 0, "rows")
        claimEqual((yield* inSession(open, (session) => session.loads({ keys: ["k1"] }))).length, 1, "keys")
      }),
    ),
    law("columns come, go, and widen; no row is lost", (open, folder) =>
      Effect.gen(function* () {
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: [{ a: "1", b: "x" }] }))
        yield* inSession(open, (session) => loadRows(session, "k2", slice(2), { t: [{ a: "2.50", c: "2026-01-05" }] }))
        const rows = (yield* read(folder, "t"))
          .map((row) => [Number(row["a"]), row["b"] ?? null, row["c"] ?? null])
          .toSorted()
        claimEqual(
          rows,
          [
            [1, "x", null],
            [2.5, null, "2026-01-05"],
          ],
          "rows",
        )
        const described = yield* inSession(open, (session) => session.describe("t"))
        claim(
          described?.columns.find((column) => column.name === "a")?.type.startsWith("decimal") === true,
          "a has not become a decimal",
        )
      }),
    ),
    law("a column that becomes text tells which slices must be read again", (open, folder) =>
      Effect.gen(function* () {
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: [{ a: "1" }] }))
        const receipt = yield* inSession(open, (session) => loadRows(session, "k2", slice(2), { t: [{ a: "un" }] }))
        claimEqual((yield* read(folder, "t")).map((row) => row["a"]).toSorted(), ["1", "un"], "rows")
        claimEqual(receipt.stale, [slice(1)], "stale slices")
        claimEqual(
          (yield* inSession(open, (session) => session.loads({ keys: ["k1"] }))).length,
          0,
          "the key of the stale slice",
        )
      }),
    ),
    law("hostile names are only names", (open, folder) =>
      Effect.gen(function* () {
        const hostile: Rows = [{ 'a"b': "1", "x'); drop table t; --": "2", select: "3", "__proto__ ": "4" }]
        yield* inSession(open, (session) => loadRows(session, "k'1\"", slice(1, "r'\"; drop"), { t: hostile }))
        claimEqual((yield* read(folder, "t")).length, 1, "rows")
      }),
    ),
    law("several tables become visible together", (open, folder, sink) =>
      Effect.gen(function* () {
        if (!sink.capabilities.atomicTables) return skipped("the sink does not commit tables together")
        yield* Effect.exit(
          inSession(open, (session) =>
            loadRows(session, "k1", slice(1), { t: day1, u: day2 }, "snapshots", (typed) =>
              typed.name === "u" ? Effect.fail(new Error("stop")) : Effect.void,
            ),
          ),
        )
        const before = yield* Effect.exit(read(folder, "t"))
        claim(Exit.isFailure(before) || before.value.length === 0, "the first table is visible without the second")
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: day1, u: day2 }))
        claimEqual([(yield* read(folder, "t")).length, (yield* read(folder, "u")).length], [2, 3], "rows of both")
        return undefined
      }),
    ),
    law("two attempts at once load once", (open, folder) =>
      Effect.gen(function* () {
        const outcomes = yield* inSession(open, (session) =>
          Effect.all([loadRows(session, "k1", slice(1), { t: day1 }), loadRows(session, "k1", slice(1), { t: day1 })], {
            concurrency: 2,
          }),
        )
        claimEqual(outcomes.map((receipt) => receipt.outcome).toSorted(), ["already-loaded", "committed"], "outcomes")
        claimEqual((yield* read(folder, "t")).length, 2, "rows")
      }),
    ),
    law("what is removed is gone, with its key", (open, folder) =>
      Effect.gen(function* () {
        yield* inSession(open, (session) => loadRows(session, "k1", slice(1), { t: day1 }))
        yield* inSession(open, (session) => loadRows(session, "k2", slice(2), { t: day2 }))
        yield* inSession(open, (session) => session.remove([slice(1)]))
        claimEqual(business(yield* read(folder, "t")), business(day2), "rows")
        claimEqual(
          (yield* inSession(open, (session) => session.loads({ resource: "r1" }))).map((entry) => entry.key),
          ["k2"],
          "keys",
        )
      }),
    ),
    ...historyLaws((name, body) =>
      law(name, (open, folder, sink) => {
        const { readAsOf } = options
        return body({
          modes: sink.capabilities.modes,
          load: (key, of, rows, mode) => inSession(open, (session) => loadRows(session, key, of, { t: rows }, mode)),
          session: (use) => inSession(open, use),
          read: read(folder, "t"),
          readAsOf: readAsOf === undefined ? undefined : (at) => Effect.promise(() => readAsOf(folder, "t", at)),
        })
      }),
    ),
  ]
}
