/** One process at a time per resource: a row in the state, taken over when its owner is gone. */
import { type LakeError, type ResourceKey, transient } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { randomUUID } from "node:crypto"
import type { DatabaseSync } from "node:sqlite"
import { liveness, type Owner } from "../disk/owner.ts"
import { failure } from "../failure.ts"
import type { Leasing } from "../storage/storage.ts"
import { write } from "./sqlite.ts"

/** In milliseconds: between two signs of life, without which for how long an owner that cannot be checked counts as gone, between two attempts. */
const HEARTBEAT = 10_000
const EXPIRY = 60_000
const ATTEMPT = 100

interface Holder extends Owner {
  readonly run: string
  readonly since: number
  readonly heartbeat: number
}

const holds = (holder: Holder, now: number, here: Owner): boolean => {
  const state = liveness(holder, here)
  return state === "unknown" ? now - holder.heartbeat < EXPIRY : state === "alive"
}

const SELECT =
  "SELECT host, pid, started, run, since, heartbeat FROM leases WHERE source = ? AND dataset = ? AND resource = ?"

const holderOf = (row: Record<string, unknown> | undefined): Holder | undefined =>
  row === undefined
    ? undefined
    : {
        host: String(row["host"]),
        pid: Number(row["pid"]),
        started: String(row["started"]),
        run: String(row["run"]),
        since: Number(row["since"]),
        heartbeat: Number(row["heartbeat"]),
      }

/** Holds the resource until the scope closes. Fails `Transient` when another process keeps it for longer than `wait`. */
export const lease = Effect.fn("Lake.lease")(function* (
  key: ResourceKey,
  { database, owner, run, wait }: Leasing & { readonly database: DatabaseSync; readonly owner: Owner },
): Effect.fn.Return<void, LakeError, Scope.Scope> {
  const address = [key.source, key.dataset, key.resource]
  const token = randomUUID()

  /** Takes the lease, or tells who has it. */
  const attempt = Effect.flatMap(Clock.currentTimeMillis, (now) =>
    write(database, "lease", (): Holder | undefined => {
      const current = holderOf(database.prepare(SELECT).get(...address))
      if (current !== undefined && holds(current, now, owner)) return current
      database
        .prepare(
          "INSERT OR REPLACE INTO leases (source, dataset, resource, token, host, pid, started, run, since, heartbeat) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .run(...address, token, owner.host, owner.pid, owner.started, run, now, now)
      return undefined
    }),
  )
  const release = write(database, "lease", () => database.prepare("DELETE FROM leases WHERE token = ?").run(token))
  const heartbeat = Effect.flatMap(Clock.currentTimeMillis, (now) =>
    write(database, "lease", () => database.prepare("UPDATE leases SET heartbeat = ? WHERE token = ?").run(now, token)),
  )

  // First, so that an interruption just after the row was written finds it; without a row it does nothing.
  yield* Effect.addFinalizer(() => Effect.ignore(release))
  const holder = yield* Effect.repeat(attempt, {
    schedule: Schedule.spaced(ATTEMPT),
    while: (found) => found !== undefined,
    times: Math.ceil(wait / ATTEMPT),
  })
  if (holder !== undefined) {
    return yield* failure(
      "lease",
      `resource ${key.resource} of dataset ${key.dataset} is being worked on by process ${holder.pid} on ${holder.host} (run ${holder.run}, since ${new Date(holder.since).toISOString()}): run again when it is done`,
      transient(),
    )
  }
  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(heartbeat), Schedule.spaced(HEARTBEAT)))
})
