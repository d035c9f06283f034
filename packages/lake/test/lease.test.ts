import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { thisProcess } from "../src/disk/owner.ts"
import { keyOf, resource, temporaryFolder, withLake } from "./lake-in-a-folder.ts"

const key = keyOf(resource())

const holdLease = (
  folder: string,
  owner: { readonly host?: string; readonly pid?: number; readonly started?: string },
  heartbeat = 0,
): void => {
  const { host, pid, started } = { ...thisProcess(), ...owner }
  const database = new DatabaseSync(join(folder, "state.sqlite"))
  database
    .prepare("INSERT INTO leases VALUES (?, ?, ?, 'token', ?, ?, ?, 'other-run', 0, ?)")
    .run(key.source, key.dataset, key.resource, host, pid, started, heartbeat)
  database.close()
}

const leaseOnce = (folder: string) => withLake(folder, (lake) => Effect.scoped(lake.lease(key)), { leaseWait: 0 })

describe("lease", () => {
  it.effect("lets one in at a time, and the next when the scope closes", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          const held = yield* Deferred.make<void>()
          const done = yield* Deferred.make<void>()
          const order: Array<string> = []
          const first = yield* Effect.forkChild(
            Effect.scoped(
              Effect.gen(function* () {
                yield* lake.lease(key)
                yield* Deferred.succeed(held, undefined)
                yield* Deferred.await(done)
                order.push("first")
              }),
            ),
          )
          yield* Deferred.await(held)
          const second = yield* Effect.forkChild(
            Effect.scoped(
              Effect.andThen(
                lake.lease(key),
                Effect.sync(() => order.push("second")),
              ),
            ),
          )
          yield* TestClock.adjust(1_000)
          assert.deepStrictEqual(order, [])
          yield* Deferred.succeed(done, undefined)
          yield* Fiber.join(first)
          yield* TestClock.adjust(1_000)
          yield* Fiber.join(second)
          assert.deepStrictEqual(order, ["first", "second"])
        }),
      )
    }),
  )

  it.effect("fails Transient, and says who works on it, when the wait is over", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, () => Effect.void)
      holdLease(folder, {})
      const error = yield* Effect.flip(leaseOnce(folder))
      assert.strictEqual(error.reason._tag, "Transient")
      assert.include(error.message, `process ${process.pid}`)
      assert.include(error.message, "other-run")
    }),
  )

  it.effect("is taken over at once from a process that ended", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, () => Effect.void)
      const { pid } = spawnSync(process.execPath, ["-e", ""])
      holdLease(folder, { pid, started: "" })
      yield* leaseOnce(folder)
    }),
  )

  it.effect("is taken over at once from a process whose number another one has now", (context) =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, () => Effect.void)
      context.skip(thisProcess().started === "", "this system does not tell when a process started")
      holdLease(folder, { started: "60bb288b.1" })
      yield* leaseOnce(folder)
    }),
  )

  it.effect("of another machine ends a minute after its last sign of life", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, () => Effect.void)
      holdLease(folder, { host: "elsewhere" })
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual((yield* Effect.flip(leaseOnce(folder))).reason._tag, "Transient")
      yield* TestClock.adjust("2 seconds")
      yield* leaseOnce(folder)
    }),
  )
})
