import { assert, describe, it } from "@effect/vitest"
import { LakeError, terminal } from "@opendatahub-sql/core"
import { literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pipeInto } from "../src/tables/pipe.ts"

const fixture = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-pipe-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
  )
  const database = yield* openDatabase({ workFolder: folder, threads: 2 })
  return { folder, connection: yield* database.connect }
})

const csv = (path: string): string =>
  `read_csv(${literal(path)}, auto_detect = false, header = false, delim = ',', columns = {'n': 'BIGINT'})`
const lines = (from: number, to: number): Uint8Array =>
  Buffer.from(Array.from({ length: to - from }, (_, i) => `${from + i}\n`).join(""))
const failure = new LakeError({ plugin: "test", operation: "read", message: "the disk is gone", reason: terminal })

/** Nothing here may hang: the time limit of the tests is the proof. */
describe("a stream through a pipe", () => {
  it.live("arrives whole and in order, however small or large", () =>
    Effect.gen(function* () {
      const { folder, connection } = yield* fixture
      for (const count of [0, 1, 5, 600_000]) {
        const chunks = Array.from({ length: Math.ceil(count / 50_000) }, (_, i) =>
          lines(i * 50_000, Math.min(count, (i + 1) * 50_000)),
        )
        const row = yield* pipeInto(
          folder,
          Stream.fromArray(chunks),
          (path) => connection.one(`select count(*) as n, coalesce(sum(n), 0)::bigint as s from ${csv(path)}`),
          true,
        )
        assert.deepStrictEqual(row, { n: BigInt(count), s: (BigInt(count) * BigInt(Math.max(count - 1, 0))) / 2n })
      }
    }),
  )

  it.live("ends when the query fails before it reads", () =>
    Effect.gen(function* () {
      const { folder, connection } = yield* fixture
      const endless = Stream.fromEffectRepeat(Effect.succeed(lines(0, 1000)))
      const error = yield* Effect.flip(pipeInto(folder, endless, () => connection.one("select * from nowhere"), true))
      assert.strictEqual(error._tag, "EngineError")
    }),
  )

  it.live("ends when the query has enough, and says so when it should have read all", () =>
    Effect.gen(function* () {
      const { folder, connection } = yield* fixture
      const endless = Stream.fromEffectRepeat(Effect.succeed(lines(0, 1000)))
      const some = (allOfIt: boolean) =>
        pipeInto(folder, endless, (path) => connection.all(`select * from ${csv(path)} limit 3`), allOfIt)
      assert.lengthOf(yield* some(false), 3)
      assert.include((yield* Effect.flip(some(true))).message, "before the end")
    }),
  )

  it.live("fails with the stream's error, before the first byte and after many", () =>
    Effect.gen(function* () {
      const { folder, connection } = yield* fixture
      for (const before of [0, 10, 100_000]) {
        const broken = Stream.concat(Stream.make(lines(0, before)), Stream.fail(failure))
        const error = yield* Effect.flip(
          pipeInto(folder, broken, (path) => connection.one(`select count(*) as n from ${csv(path)}`), true),
        )
        assert.strictEqual(error, failure)
      }
    }),
  )

  it.live("ends when it is interrupted while the stream says nothing", () =>
    Effect.gen(function* () {
      const { folder, connection } = yield* fixture
      for (const head of [0, 1000]) {
        const asked = yield* Deferred.make<void>()
        const silent = Stream.concat(
          Stream.make(lines(0, head)),
          Stream.fromEffect(Effect.andThen(Deferred.succeed(asked, undefined), Effect.never)),
        )
        const fiber = yield* Effect.forkChild(
          pipeInto(folder, silent, (path) => connection.one(`select count(*) as n from ${csv(path)}`), true),
        )
        yield* Deferred.await(asked)
        yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        assert.deepStrictEqual(yield* connection.one("select 1 as one"), { one: 1 })
      }
    }),
  )

  it.live("ends when it is interrupted at once", () =>
    Effect.gen(function* () {
      const { folder, connection } = yield* fixture
      const fiber = yield* Effect.forkChild(
        pipeInto(folder, Stream.never, (path) => connection.one(`select count(*) as n from ${csv(path)}`), true),
        { startImmediately: true },
      )
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* connection.one("select 1 as one"), { one: 1 })
    }),
  )

  it.live("serves more streams than there are threads", () =>
    Effect.gen(function* () {
      const { folder } = yield* fixture
      const database = yield* openDatabase({ workFolder: folder, threads: 1 })
      const counts = yield* Effect.all(
        Array.from({ length: 8 }, () =>
          Effect.scoped(
            Effect.flatMap(database.connect, (connection) =>
              pipeInto(
                folder,
                Stream.make(lines(0, 50_000), lines(0, 50_000)),
                (path) => connection.one(`select count(*) as n from ${csv(path)}`),
                true,
              ),
            ),
          ),
        ),
        { concurrency: 8 },
      )
      assert.deepStrictEqual(
        counts,
        Array.from({ length: 8 }, () => ({ n: 100_000n })),
      )
    }),
  )
})
