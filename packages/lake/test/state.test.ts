import { assert, describe, it } from "@effect/vitest"
import type { RunEvent } from "@opendatahub-sql/core"
import { dumpState, rebuildState, runs, status, tables, verify } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { openSqlite, withoutSqliteWarning, write } from "../src/state/sqlite.ts"
import { keepText, keyOf, resource, temporaryFolder, withLake } from "./lake-in-a-folder.ts"

const of = { source: "datagouv", dataset: "d", resource: "r" }

/** Events of few resources, tables and instants, so that many meet. */
const Instant = Schema.Literals(["2026-11-25T00:00:00.000Z", "2026-11-25T00:00:00.001Z", "2026-11-26T00:00:00.000Z"])
const Name = Schema.Literals(["r", "s"])
const Happening = Schema.Struct({
  at: Instant,
  run: Schema.Literals(["one", "two"]),
  kind: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 11 })),
  resource: Name,
  other: Name,
})

const eventOf = ({ at, run, kind, resource: id, other }: typeof Happening.Type): RunEvent => {
  const where = { ...of, resource: id, at, run }
  const events: ReadonlyArray<RunEvent> = [
    { _tag: "RunStarted", at, run, command: other, version: "1" },
    { _tag: "RunEnded", at, run, outcome: "done", counts: { loaded: id === "r" ? 1 : 2 } },
    { _tag: "Extracted", ...where, extractedAt: at, sha256: "0", bytes: 1, title: other },
    { _tag: "Seen", ...where, extractedAt: at, how: "same-bytes" },
    { _tag: "Gone", ...where, state: "deleted", message: other },
    {
      _tag: "TablesNamed",
      ...where,
      names: [{ resource: id, member: "", local: "t", table: other, columns: [other] }],
    },
    {
      _tag: "Loaded",
      ...where,
      extractedAt: "2026-11-25T00:00:00.000Z",
      key: other,
      target: "duckdb",
      tables: [],
      outcome: "committed",
    },
    { _tag: "LoadRefused", ...where, extractedAt: at, key: other, target: "duckdb", failure: { message: other } },
    { _tag: "Failed", ...where, stage: "fetch", failure: { message: other } },
    { _tag: "Judged", ...where, extractedAt: at, verdict: other === "r" ? "accepted" : "rejected", why: other },
    {
      _tag: "Offered",
      at,
      run,
      source: "datagouv",
      resources: [{ dataset: "d", resource: id, how: "moved", portalId: other, title: other, url: other }],
    },
    { _tag: "Identified", ...where, portalId: other, score: 1, why: other },
  ]
  return events[kind] ?? assert.fail("kind")
}

const writeEvents = (folder: string, run: string, events: ReadonlyArray<RunEvent>): void => {
  mkdirSync(join(folder, "events", "date=2026-11-25"), { recursive: true })
  appendFileSync(
    join(folder, "events", "date=2026-11-25", `${run}.ndjson`),
    events.map((event) => `${JSON.stringify(event)}\n`).join(""),
  )
}

const open = (folder: string) => withLake(folder, () => Effect.void)

describe("the state", () => {
  it.effect.prop(
    "is the same in whatever order the runs' events are read",
    [Schema.Array(Happening)],
    ([happenings]) =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        yield* open(folder)
        for (const happening of happenings) {
          writeEvents(folder, happening.run, [eventOf(happening)])
          // Applies only this line, so the files are read in the order of the happenings.
          yield* dumpState(folder)
        }
        const followed = yield* dumpState(folder)
        yield* rebuildState(folder)
        assert.strictEqual(yield* dumpState(folder), followed)
      }),
    { arbitrary: { runs: process.env["ODH_LONG"] === "1" ? 200 : 15 } },
  )

  it.effect("comes back equal after its file was deleted", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          yield* keepText(lake, "A")
          yield* keepText(lake, "B")
          yield* lake.record({
            _tag: "RunStarted",
            at: "2026-11-25T13:00:00.000Z",
            run: "run-1",
            command: "sync",
            version: "0.1.0",
          })
        }),
      )
      const before = yield* dumpState(folder)
      for (const suffix of ["", "-wal", "-shm"]) rmSync(join(folder, `state.sqlite${suffix}`), { force: true })
      assert.strictEqual(yield* dumpState(folder), before)
      assert.include(before, "run-1")
    }),
  )

  it.effect("is made anew when it is of another version", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) => keepText(lake, "A"))
      const before = yield* dumpState(folder)
      const database = new DatabaseSync(join(folder, "state.sqlite"))
      database.exec("DROP TABLE loads; CREATE TABLE loads (something_else); PRAGMA user_version = 99")
      database.close()
      assert.strictEqual(yield* dumpState(folder), before)
    }),
  )

  it.effect("sees a record that another process published without an event, also when it comes from a copy", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) => keepText(lake, "A"))
      const database = new DatabaseSync(join(folder, "state.sqlite"))
      database.exec("DELETE FROM extractions")
      database.close()
      const found = yield* withLake(folder, (lake) => lake.extractions(keyOf(resource())))
      assert.strictEqual(found.length, 1)
    }),
  )

  it.effect("leaves out a line that a kill has cut, and the line is ended before the next event", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const started: RunEvent = {
        _tag: "RunStarted",
        at: "2026-11-25T00:00:00.000Z",
        run: "one",
        command: "sync",
        version: "1",
      }
      const ended: RunEvent = {
        _tag: "RunEnded",
        at: "2026-11-25T00:01:00.000Z",
        run: "one",
        outcome: "done",
        counts: {},
      }
      yield* withLake(folder, (lake) => lake.record(started), { run: "one" })
      const file = join(folder, "events", "date=1970-01-01", "one.ndjson")
      appendFileSync(file, JSON.stringify(ended).slice(0, 40))
      assert.isUndefined((yield* runs(folder))[0]?.outcome)
      assert.deepStrictEqual(
        (yield* verify(folder)).problems.map(({ kind }) => kind),
        ["torn-events"],
      )
      yield* withLake(folder, (lake) => lake.record(ended), { run: "one" })
      assert.strictEqual((yield* runs(folder))[0]?.outcome, "done")
      assert.strictEqual(readFileSync(file, "utf8").split("\n").length, 4)
      assert.deepStrictEqual(
        (yield* verify(folder)).problems.map(({ kind }) => kind),
        ["unreadable-events"],
      )
    }),
  )

  it.effect("keeps the first name of a table, and its newest columns", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* open(folder)
      const named = (at: string, run: string, table: string, columns: ReadonlyArray<string>): RunEvent => ({
        _tag: "TablesNamed",
        ...of,
        at,
        run,
        names: [{ resource: "r", member: "", local: "t", table, columns }],
      })
      writeEvents(folder, "two", [named("2026-11-25T02:00:00.000Z", "two", "other", ["a", "b"])])
      yield* dumpState(folder)
      writeEvents(folder, "one", [named("2026-11-25T01:00:00.000Z", "one", "accidents", ["a"])])
      const names = yield* withLake(folder, (lake) => lake.tableNames)
      assert.deepStrictEqual(names, [
        { resource: "r", member: "", local: "t", table: "accidents", columns: ["a", "b"] },
      ])
    }),
  )

  it.effect("knows who is gone: said after it was last seen, of the resource or of its dataset", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const one = resource()
      yield* withLake(folder, (lake) => keepText(lake, "A", one))
      const goneNow = withLake(folder, (lake) => Effect.map(lake.resources, (all) => all.map(({ gone }) => gone)))
      const gone = {
        _tag: "Gone",
        run: "x",
        source: one.source,
        dataset: one.dataset.id,
        state: "archived",
        message: "archived",
      } as const
      writeEvents(folder, "x", [{ ...gone, at: "2026-11-20T00:00:00.000Z" }])
      assert.deepStrictEqual(yield* goneNow, [false])
      writeEvents(folder, "x", [{ ...gone, at: "2026-11-27T00:00:00.000Z" }])
      assert.deepStrictEqual(yield* goneNow, [true])
      assert.strictEqual((yield* status(folder))[0]?.gone?.state, "archived")
      writeEvents(folder, "x", [
        {
          _tag: "Seen",
          run: "x",
          ...keyOf(one),
          at: "2026-11-28T00:00:00.000Z",
          extractedAt: "2026-11-28T00:00:00.000Z",
          how: "not-modified",
        },
      ])
      assert.deepStrictEqual(yield* goneNow, [false])
    }),
  )

  it.effect("names a refused load until it is made good", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* open(folder)
      writeEvents(folder, "x", [
        {
          _tag: "LoadRefused",
          ...of,
          run: "x",
          at: "2026-11-25T00:00:00.000Z",
          extractedAt: "2026-11-25T00:00:00.000Z",
          key: "k",
          target: "duckdb",
          failure: { message: "no table in it" },
        },
      ])
      const refused = withLake(folder, (lake) => lake.refusedLoads(of))
      assert.deepStrictEqual(yield* refused, [{ key: "k", target: "duckdb", message: "no table in it" }])
      writeEvents(folder, "x", [
        {
          _tag: "Loaded",
          ...of,
          run: "x",
          at: "2026-11-26T00:00:00.000Z",
          extractedAt: "2026-11-25T00:00:00.000Z",
          key: "k",
          target: "duckdb",
          tables: [{ table: "t", rows: 5, rejects: 1, columns: 2, change: "create" }],
          outcome: "committed",
        },
      ])
      assert.deepStrictEqual(yield* refused, [])
      assert.deepInclude((yield* tables(folder))[0], {
        table: "t",
        rows: 5,
        rejects: 1,
        columns: 2,
        slices: 1,
        resources: 1,
      })
    }),
  )

  it.effect("says what to do when its file is damaged", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* open(folder)
      for (const suffix of ["-wal", "-shm"]) rmSync(join(folder, `state.sqlite${suffix}`), { force: true })
      writeFileSync(join(folder, "state.sqlite"), "this is no database, whatever its name says".repeat(100))
      const error = yield* Effect.flip(status(folder))
      assert.include(error.message, "odh state rebuild")
    }),
  )

  it.effect("fails Transient when another process holds it for 30 seconds, and goes on when it does not", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const path = join(folder, "state.sqlite")
      const database = yield* openSqlite(path)
      const one = write(database, "state", () => 1)
      const other = new DatabaseSync(path)
      other.exec("BEGIN IMMEDIATE")
      const first = yield* Effect.forkChild(Effect.flip(one))
      yield* TestClock.adjust("31 seconds")
      const error = yield* Fiber.join(first)
      assert.strictEqual(error.reason._tag, "Transient")
      assert.include(error.message, "in use by other processes")
      const second = yield* Effect.forkChild(one)
      yield* TestClock.adjust("1 second")
      other.exec("COMMIT")
      other.close()
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(second), 1)
    }),
  )

  it("hides the warning that SQLite is experimental, and no other", () => {
    const seen: Array<string> = []
    const original: unknown = Reflect.get(process, "emitWarning")
    Reflect.set(process, "emitWarning", (text: string) => seen.push(text))
    try {
      withoutSqliteWarning(() => {
        process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning")
        process.emitWarning("something else", "DeprecationWarning")
      })
      process.emitWarning("SQLite is an experimental feature, said later")
    } finally {
      Reflect.set(process, "emitWarning", original)
    }
    assert.deepStrictEqual(seen, ["something else", "SQLite is an experimental feature, said later"])
  })
})
