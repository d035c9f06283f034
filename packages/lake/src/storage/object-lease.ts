/**
 * One process at a time per resource, on any machine: an object that is written when there is none, and written again as a sign of life. One
 * without a sign of life for a minute, by the clock of the store, is taken over; clocks of machines do not matter.
 */
import { type LakeError, type ResourceKey, transient } from "@opendatahub-sql/core"
import type { Condition, ObjectStore } from "@opendatahub-sql/object-store"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { randomUUID } from "node:crypto"
import { liveness, type Owner } from "../disk/owner.ts"
import { failure } from "../failure.ts"
import type { Leasing } from "./storage.ts"
import { ofStore } from "./store-failure.ts"

/** In milliseconds: between two signs of life, without which for how long an owner counts as gone, between two attempts. */
const HEARTBEAT = 10_000
const EXPIRY = 60_000
const ATTEMPT = 500

const Holder = Schema.fromJsonString(
  Schema.Struct({
    token: Schema.String,
    host: Schema.String,
    pid: Schema.Int,
    started: Schema.String,
    run: Schema.String,
    /** So that no two signs of life are the same bytes: the version of the object is their hash. */
    beat: Schema.Int,
  }),
)
type Holder = typeof Holder.Type

interface Found {
  readonly holder: Holder | undefined
  readonly etag: string
  /** Milliseconds without a sign of life. */
  readonly silent: number
}

/** Holds the object at `location` until the scope closes. Fails `Transient` when another process keeps it for longer than the wait. */
export const objectLease = Effect.fn("Lake.lease")(function* (
  store: ObjectStore,
  location: string,
  key: ResourceKey,
  owner: Owner,
  { run, wait }: Leasing,
): Effect.fn.Return<void, LakeError, Scope.Scope> {
  const token = randomUUID()
  let beat = 0

  const look = Effect.gen(function* () {
    const head = yield* store.head(location)
    const bytes = head === undefined ? undefined : yield* store.get(location)
    if (head === undefined || bytes === undefined) return undefined
    const holder = Option.getOrUndefined(Schema.decodeUnknownOption(Holder)(Buffer.from(bytes).toString()))
    return { holder, etag: head.etag, silent: head.askedAt - head.modifiedAt } satisfies Found
  })
  const write = (condition: Condition) =>
    Effect.suspend(() => {
      const sign: Holder = { token, run, host: owner.host, pid: owner.pid, started: owner.started, beat: ++beat }
      return store.put(location, Buffer.from(JSON.stringify(sign)), condition)
    })
  const isGone = ({ holder, silent }: Found): boolean => {
    const state = holder === undefined ? "unknown" : liveness(holder, owner)
    return state === "dead" || silent > EXPIRY
  }

  /** Takes the lease, or tells who has it; what was refused may be what an attempt of ours wrote whose answer was lost. */
  const attempt = Effect.gen(function* () {
    if ((yield* write({ _tag: "IfNone" })) === "stored") return undefined
    const found = yield* look
    if (found?.holder?.token === token) return undefined
    if (found !== undefined && isGone(found)) {
      if ((yield* write({ _tag: "IfMatch", etag: found.etag })) === "stored") return undefined
      if ((yield* look)?.holder?.token === token) return undefined
    }
    return found ?? { holder: undefined, etag: "", silent: 0 }
  })
  const ifOurs = <A, E>(then: (found: Found) => Effect.Effect<A, E>) =>
    Effect.flatMap(look, (found) => (found?.holder?.token === token ? Effect.asVoid(then(found)) : Effect.void))

  yield* Effect.addFinalizer(() => Effect.ignore(ifOurs(() => store.remove([location]))))
  const holder = yield* ofStore(
    "lease",
    Effect.repeat(attempt, {
      schedule: Schedule.spaced(ATTEMPT),
      while: (found) => found !== undefined,
      times: Math.ceil(wait / ATTEMPT),
    }),
  )
  if (holder !== undefined) {
    const who = holder.holder
    return yield* failure(
      "lease",
      `resource ${key.resource} of dataset ${key.dataset} is being worked on by ${who === undefined ? "another process" : `process ${who.pid} on ${who.host} (run ${who.run})`}: run again when it is done`,
      transient(),
    )
  }
  const heartbeat = ifOurs(({ etag }) => write({ _tag: "IfMatch", etag }))
  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(heartbeat), Schedule.spaced(HEARTBEAT)))
})
