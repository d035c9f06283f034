import { assert, describe, it } from "@effect/vitest"
import { Engine, type Mode, type SinkSession, type Slice, type TableEvent, WorkFolder } from "@opendatahub-sql/core"
import { layer, openDatabase } from "@opendatahub-sql/engine-duckdb"
import { duckdb, type DuckdbOptions } from "@opendatahub-sql/sink-duckdb"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

type Rows = ReadonlyArray<Readonly<Record<string, string | null>>>

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "odh-sink-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
)

const day = (n: number, resource = "r1"): Slice => ({
  source: "kit",
  dataset: "d1",
  resource,
  extractedAt: `2026-01-0${n}T00:00:00.000Z`,
})

const events = (table: string, columns: ReadonlyArray<string>, rows: Rows): Stream.Stream<TableEvent> =>
  Stream.fromIterable<TableEvent>([
    { _tag: "TableStarted", table, columns: columns.map((name) => ({ name })) },
    ...(rows.length === 0
      ? []
      : [
          {
            _tag: "Batch" as const,
            table,
            size: rows.length,
            columns: columns.map((name) => rows.map((row) => row[name] ?? null)),
            rowNumbers: Float64Array.from(rows, (_, i) => i + 1),
          },
        ]),
  ])

/** One load of one table, as core does it. */
const load = Effect.fnUntraced(function* (
  session: SinkSession,
  slice: Slice,
  rows: Rows,
  more: {
    readonly table?: string
    readonly columns?: ReadonlyArray<string>
    readonly mode?: Mode
    readonly pinned?: "bigint"
  } = {},
) {
  const engine = yield* Engine
  const table = more.table ?? "t"
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const known = yield* session.describe(table)
      const [typed] = yield* engine.typeEvents(events(table, more.columns ?? Object.keys(rows[0] ?? {}), rows), {
        types: "auto",
        tolerance: 0.999,
        pinned: () => more.pinned,
        atLeast: (_, column) => known?.columns.find((one) => one.name === column)?.type,
      })
      if (typed === undefined) return yield* Effect.die("no table")
      const schema = yield* session.prepare(typed, more.mode ?? "snapshots")
      const writer = yield* session.begin({
        key: `${slice.resource}-${slice.extractedAt}-${JSON.stringify(rows)}`,
        slice,
        sha256: "0".repeat(64),
        tables: [schema],
      })
      yield* writer.write(typed)
      return yield* Effect.uninterruptible(writer.commit)
    }),
  )
})

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

/** Another process that holds a file open for writing until it is told to end. */
const holder = (path: string) =>
  Effect.acquireRelease(
    Effect.callback<() => void>((resume) => {
      const child = spawn(
        process.execPath,
        [
          "--input-type=module",
          "--eval",
          `
        import { DuckDBInstance } from "@duckdb/node-api"
        const instance = await DuckDBInstance.create(${JSON.stringify(path)})
        process.stdout.write("open")
        process.stdin.once("data", () => { instance.closeSync(); process.exit(0) })
      `,
        ],
        { cwd: import.meta.dirname, stdio: ["pipe", "pipe", "inherit"] },
      )
      child.stdout.once("data", () =>
        resume(
          Effect.succeed(() => {
            if (child.stdin.writable) child.stdin.end("end")
          }),
        ),
      )
    }),
    (end) => Effect.sync(end),
  )

describe("a published copy", () => {
  it.effect("is there after the run, whole, in a folder that is made, and nothing is left beside it", () =>
    Effect.gen(function* () {
      const at = yield* folder
      const options = { path: join(at, "warehouse.duckdb"), publish: join(at, "readers", "copy.duckdb") }
      yield* inSession(options, (session) => load(session, day(1), [{ a: "1" }]))
      assert.deepStrictEqual(yield* ask(options.publish, "select a from bronze.t_latest"), [{ a: 1n }])
      yield* inSession(options, (session) => load(session, day(2), [{ a: "2" }]))
      assert.deepStrictEqual(yield* ask(options.publish, "select a from bronze.t_latest"), [{ a: 2n }])
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(at, "readers"))), ["copy.duckdb"])
    }),
  )

  it.effect("that a reader has open is replaced all the same, and the reader goes on", () =>
    Effect.gen(function* () {
      const at = yield* folder
      const options = { path: join(at, "warehouse.duckdb"), publish: join(at, "copy.duckdb") }
      yield* inSession(options, (session) => load(session, day(1), [{ a: "1" }]))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const reader = yield* openDatabase({ path: options.publish, readOnly: true, workFolder: tmpdir() })
          const connection = yield* reader.connect
          yield* inSession(options, (session) => load(session, day(2), [{ a: "2" }]))
          assert.deepStrictEqual(yield* connection.all("select a from bronze.t"), [{ a: 1n }])
        }),
      )
      assert.lengthOf(yield* ask(options.publish, "select a from bronze.t"), 2)
    }),
  )

  it.effect("that cannot be made fails the run's opening, not silently its end", () =>
    Effect.gen(function* () {
      const at = yield* folder
      yield* Effect.promise(() => writeFile(join(at, "readers"), "a file"))
      const error = yield* Effect.flip(
        inSession({ path: join(at, "w.duckdb"), publish: join(at, "readers", "copy.duckdb") }, () => Effect.void),
      )
      assert(error._tag === "SinkError")
      assert.include(error.message, "publish")
    }),
  )
})

describe("a file that another process writes to", () => {
  it.live("is waited for", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "warehouse.duckdb")
      const end = yield* holder(path)
      const waiting = yield* Effect.forkChild(
        inSession({ path, lockTimeout: 30_000 }, (session) => load(session, day(1), [{ a: "1" }])),
      )
      yield* Effect.sleep("600 millis")
      end()
      assert.strictEqual((yield* Fiber.join(waiting)).outcome, "committed")
    }),
  )

  it.live("is given up after lockTimeout, as something to try again, with what to do", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "warehouse.duckdb")
      yield* holder(path)
      const error = yield* Effect.flip(inSession({ path, lockTimeout: 300 }, () => Effect.void))
      assert(error._tag === "SinkError")
      assert.strictEqual(error.reason._tag, "Transient")
      assert.include(error.message, path)
      assert.match(error.message, /another process/)
    }),
  )
})

describe("the view of the newest", () => {
  it.effect("shows nothing of a resource whose newest extraction is empty", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "warehouse.duckdb")
      yield* inSession({ path }, (session) =>
        Effect.gen(function* () {
          yield* load(session, day(1), [{ a: "1" }])
          yield* load(session, day(1, "r2"), [{ a: "7" }])
          yield* load(session, day(2), [], { columns: ["a"] })
        }),
      )
      assert.deepStrictEqual(yield* ask(path, "select a, _resource_id as r from bronze.t_latest"), [{ a: 7n, r: "r2" }])
      assert.lengthOf(yield* ask(path, "from bronze.t"), 2)
    }),
  )

  it.effect("follows the columns of the table", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "warehouse.duckdb")
      yield* inSession({ path }, (session) =>
        Effect.gen(function* () {
          yield* load(session, day(1), [{ a: "1" }])
          yield* load(session, day(2), [{ a: "2.5", b: "x" }])
        }),
      )
      assert.deepStrictEqual(yield* ask(path, "select a, b from bronze.t_latest"), [{ a: "2.5", b: "x" }])
    }),
  )

  it.effect("does not stand in the way of a table of its name: that load says what to do", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "warehouse.duckdb")
      const error = yield* Effect.flip(
        inSession({ path }, (session) =>
          Effect.andThen(
            load(session, day(1), [{ a: "1" }]),
            load(session, day(1, "r2"), [{ a: "1" }], { table: "t_latest" }),
          ),
        ),
      )
      assert(error._tag === "SinkError")
      assert.strictEqual(error.reason._tag, "Config")
      assert.match(error.message, /t_latest.*into/s)
      assert.lengthOf(yield* ask(path, "from bronze.t_latest"), 1)
    }),
  )

  it.effect("is not made over a table of its name: that load says what to do", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "warehouse.duckdb")
      const error = yield* Effect.flip(
        inSession({ path }, (session) =>
          Effect.andThen(
            load(session, day(1), [{ a: "1" }], { table: "t_latest" }),
            load(session, day(1, "r2"), [{ a: "1" }]),
          ),
        ),
      )
      assert(error._tag === "SinkError")
      assert.strictEqual(error.reason._tag, "Config")
      assert.lengthOf(yield* ask(path, "from bronze.t_latest"), 1)
    }),
  )
})

describe("the newest only", () => {
  it.effect("keeps the rejects of the newest only, whatever the order", () =>
    Effect.gen(function* () {
      const at = yield* folder
      const bad = (raw: string): Rows => [{ a: "1" }, { a: raw }]
      const rejectsAfter = (name: string, first: number, second: number) =>
        Effect.gen(function* () {
          const path = join(at, name)
          yield* inSession({ path }, (session) =>
            Effect.gen(function* () {
              for (const n of [first, second])
                yield* load(session, day(n), bad(`day ${n}`), { mode: "latest", pinned: "bigint" })
            }),
          )
          return yield* ask(path, "select raw from odh.rejects order by 1")
        })
      assert.deepStrictEqual(yield* rejectsAfter("ab.duckdb", 1, 2), [{ raw: "day 2" }])
      assert.deepStrictEqual(yield* rejectsAfter("ba.duckdb", 2, 1), [{ raw: "day 2" }])
    }),
  )
})

describe("a rewrite", () => {
  it.effect("that ends before its commit has taken the keys of what it converted, so that it is read again", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "warehouse.duckdb")
      yield* inSession({ path }, (session) => load(session, day(1), [{ a: "1" }]))
      const before = yield* inSession({ path }, (session) => session.loads({ resource: "r1" }))
      assert.lengthOf(before, 1)
      yield* inSession({ path }, (session) =>
        Effect.scoped(
          Effect.gen(function* () {
            const engine = yield* Engine
            const [typed] = yield* engine.typeEvents(events("t", ["a"], [{ a: "un" }]), {
              types: "auto",
              tolerance: 0.999,
              pinned: () => undefined,
              atLeast: () => "bigint",
            })
            if (typed === undefined) return yield* Effect.die("no table")
            const schema = yield* session.prepare(typed, "snapshots")
            assert.strictEqual(schema.change, "rewrite")
            yield* (yield* session.begin({ key: "k2", slice: day(2), sha256: "0".repeat(64), tables: [schema] })).write(
              typed,
            )
          }),
        ),
      )
      assert.deepStrictEqual(yield* inSession({ path }, (session) => session.loads({})), [])
      assert.deepStrictEqual(
        yield* ask(path, "select a from bronze.t"),
        [{ a: "1" }],
        "the converted rows are there until they are read again",
      )
      yield* inSession({ path }, (session) => load(session, day(1), [{ a: "1,0" }]))
      assert.deepStrictEqual(
        yield* ask(path, "select a from bronze.t"),
        [{ a: "1,0" }],
        "and are replaced, not doubled",
      )
    }),
  )
})

describe("hostile names", () => {
  it.effect("of tables, columns, headers and resources are only names", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "warehouse.duckdb")
      const header = "x'); drop table odh.loads; --"
      const slice: Slice = {
        source: "s'",
        dataset: "d\"';--",
        resource: "r'; drop schema bronze cascade; --",
        extractedAt: "2026-01-01T00:00:00.000Z",
      }
      yield* inSession({ path }, (session) =>
        load(session, slice, [{ [header]: "1", 'a"b': "é", select: "3" }], { table: "order" }),
      )
      const [row] = yield* ask(path, 'select * from bronze."order"')
      assert.strictEqual(row?.["_resource_id"], slice.resource)
      assert.deepStrictEqual(
        (yield* ask(path, "select original from odh.columns where table_name = 'order' order by position")).map(
          (one) => one["original"],
        ),
        [header, 'a"b', "select"],
      )
      assert.deepStrictEqual(
        (yield* ask(
          path,
          "select comment from duckdb_columns() where table_name = 'order' and comment is not null order by column_index",
        )).map((one) => one["comment"]),
        [header, 'a"b', "select"],
      )
      yield* inSession({ path }, (session) => session.remove([slice]))
      assert.deepStrictEqual(yield* ask(path, 'from bronze."order"'), [])
    }),
  )

  it.effect("a path with quotes and spaces is only a path", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, 'l\'été "2026"', "entrepôt.duckdb")
      yield* inSession({ path }, (session) => load(session, day(1), [{ a: "1" }]))
      assert.isTrue(existsSync(path))
    }),
  )
})
