/** The events of one run, stamped. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { RunEvent } from "../contracts/event.ts"
import { Lake } from "../contracts/lake.ts"

/** The id of this run: sorts by time. */
export const RunId = Context.Reference<string>("@opendatahub-sql/core/RunId", { defaultValue: () => "run" })

type Unstamped = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "at" | "run"> : never) : never

/** The instant now, as ISO text in UTC. */
export const now: Effect.Effect<string> = Effect.map(Clock.currentTimeMillis, (ms) => new Date(ms).toISOString())

/** Appends an event of this run to the lake. */
export const record = Effect.fnUntraced(function* (event: Unstamped) {
  const lake = yield* Lake
  const run = yield* RunId
  const at = yield* now
  yield* lake.record({ ...event, at, run })
})
