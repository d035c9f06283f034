import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { identifier, literal, openDatabase, qualified } from "../src/index.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-database-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)

const hostile = ['a"b', "a'b", "'; drop table t; --", "é\n\t", "select", "", "\ufeffx", "a;b", "\\", "$1", "x\u2028y"]

describe("quoting", () => {
  it.effect("keeps every hostile name a name and every hostile text a text", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: yield* folder })
      const connection = yield* database.connect
      for (const name of hostile.filter((n) => n !== "")) {
        yield* connection.run(`create or replace table ${qualified("main", name)} as select 1 as ${identifier(name)}`)
        assert.deepStrictEqual(yield* connection.all(`from ${identifier(name)}`), [{ [name]: 1 }])
      }
      for (const text of [...hostile, "a\0b", "\0"]) {
        assert.strictEqual((yield* connection.one(`select ${literal(text)} as v`))["v"], text)
      }
      assert.throws(() => identifier("a\0b"))
    }),
  )
})

describe("openDatabase", () => {
  it.effect("gives exact values", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: yield* folder })
      const connection = yield* database.connect
      const row =
        yield* connection.one(`select 9007199254740993::bigint as b, 1.10::decimal(38,20) as d, date '2024-02-29' as day,
        timestamp '1969-12-31 23:59:59.000001' as t, timestamptz '2024-01-01 00:00:00.5+02' as z, time '08:05:00.25' as clock, 0.1::double as f,
        chr(65279) || 'x' as mark, '\\x00\\xff'::blob as bytes, null as nothing, [1, 2] as list, {'a': 1.50::decimal(4,2)} as s,
        date '-44-03-15' as bc, true as yes, 170141183460469231731687303715884105727::hugeint as h, chr(65279) || repeat('y', 20) as long_mark`)
      assert.deepStrictEqual(row, {
        b: 9007199254740993n,
        d: "1.10000000000000000000",
        day: "2024-02-29",
        t: "1969-12-31T23:59:59.000001",
        z: "2023-12-31T22:00:00.5Z",
        clock: "08:05:00.25",
        f: 0.1,
        mark: "\ufeffx",
        bytes: Uint8Array.of(0, 255),
        nothing: null,
        list: "[1,2]",
        s: '{"a":1.50}',
        bc: "-000044-03-15",
        yes: true,
        h: 170141183460469231731687303715884105727n,
        long_mark: `\ufeff${"y".repeat(20)}`,
      })
    }),
  )

  it.effect("formats every day from 0001 to 9999 as the engine does", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: yield* folder })
      const differing = yield* Stream.runFold(
        database.batches(
          "select d::date as d, d::date::varchar as v from range(date '0001-01-01', date '9999-12-31', interval 17 day) t(d)",
        ),
        () => 0,
        (count, batch) => count + (batch.columns[0] ?? []).filter((day, i) => day !== batch.columns[1]?.[i]).length,
      )
      assert.strictEqual(differing, 0)
    }),
  )

  it.effect("streams batches in order, while the same connection works on", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: yield* folder })
      const connection = yield* database.connect
      const sizes = yield* Stream.runCollect(
        Stream.mapEffect(connection.batches("select i, i % 7 as r from range(20000) t(i)"), (batch) =>
          Effect.as(connection.all("select 1 as one"), [batch.size, batch.columns[0]?.[0]] as const),
        ),
      )
      assert.deepStrictEqual(sizes, [
        [8192, 0n],
        [8192, 8192n],
        [3616, 16384n],
      ])
    }),
  )

  it.effect("reaches no file outside its folders, no network, and lets no query change that", () =>
    Effect.gen(function* () {
      const outside = yield* folder
      const inside = yield* folder
      writeFileSync(join(outside, "secret.csv"), "a\n1\n")
      writeFileSync(join(inside, "open.csv"), "a\n1\n")
      const database = yield* openDatabase({ workFolder: inside })
      const connection = yield* database.connect
      assert.deepStrictEqual(yield* connection.all(`select * from read_csv(${literal(join(inside, "open.csv"))})`), [
        { a: 1n },
      ])
      for (const sql of [
        `from read_csv(${literal(join(outside, "secret.csv"))})`,
        `from read_csv(${literal(join(inside, "..", outside.split("/").at(-1) ?? "", "secret.csv"))})`,
        `copy (select 1) to ${literal(join(outside, "out.csv"))}`,
        `attach ${literal(join(outside, "other.duckdb"))}`,
        "from read_csv('http://127.0.0.1:1/x.csv')",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
      ]) {
        assert.strictEqual((yield* Effect.flip(connection.run(sql, "try"))).reason._tag, "Terminal", sql)
      }
    }),
  )

  it.effect("says what it could not do without repeating the query", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: yield* folder })
      const connection = yield* database.connect
      const error = yield* Effect.flip(
        connection.run(
          `select ${Array.from({ length: 50_000 }, (_, i) => `'value ${i}'`).join(",")} from nowhere`,
          "count the stars",
        ),
      )
      assert.match(error.message, /^could not count the stars: /)
      assert.isBelow(error.message.length, 800)
      assert.notInclude((error.cause as Error).message, "value 17")
    }),
  )

  it.effect("stops the query of an interrupted effect, and the connection lives on", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: yield* folder })
      const connection = yield* database.connect
      const fiber = yield* Effect.forkChild(
        connection.run("select sum(a.i * b.i) from range(3000000) a(i), range(3000000) b(i)"),
        { startImmediately: true },
      )
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      assert.deepStrictEqual(yield* connection.one("select 1 as one"), { one: 1 })
    }),
  )

  it.effect("shares one instance of a file, and sees what the other wrote", () =>
    Effect.gen(function* () {
      const workFolder = yield* folder
      const path = join(workFolder, "shared.duckdb")
      const first = yield* openDatabase({ path, workFolder })
      const second = yield* openDatabase({ path, workFolder })
      yield* (yield* first.connect).run("create table t as select 42 as n")
      assert.deepStrictEqual(yield* (yield* second.connect).all("from t"), [{ n: 42 }])
      const elsewhere = yield* folder
      const error = yield* Effect.flip(Effect.scoped(openDatabase({ path, workFolder, allowedFolders: [elsewhere] })))
      assert.strictEqual(error.reason._tag, "Config")
    }),
  )

  it.live("is transient when another process holds the file", () =>
    Effect.gen(function* () {
      const workFolder = yield* folder
      const path = join(workFolder, "held.duckdb")
      const api = new URL(import.meta.resolve("@duckdb/node-api")).pathname
      const holder = spawn(process.execPath, [
        "-e",
        `require(${JSON.stringify(api)}).DuckDBInstance.create(${JSON.stringify(path)}).then(() => { console.log("held"); setInterval(() => {}, 1000) })`,
      ])
      yield* Effect.promise(() => new Promise((resolve) => holder.stdout.once("data", resolve)))
      const error = yield* Effect.flip(Effect.scoped(openDatabase({ path, workFolder })))
      holder.kill("SIGKILL")
      assert.strictEqual(error.reason._tag, "Transient")
    }),
  )
})
