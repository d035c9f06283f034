/** Syncs again and again, each dataset when it is worth a look: for those without an orchestrator. */
import type { ResourceStatus } from "@opendatahub-sql/lake"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { freshnessOf } from "./freshness.ts"

const MINUTE = 60_000
const DAY = 86_400_000
/** Nothing is due for so long at most before one looks whether something is: another process may have synced. */
const LONGEST_SLEEP = 60 * MINUTE

/** What a watch works with. */
export interface Watched<A, E, R> {
  readonly settings: Parameters<typeof freshnessOf>[0]["settings"]
  /** Every resource of the lake; fails, or is empty, before the first sync. */
  readonly status: Effect.Effect<ReadonlyArray<ResourceStatus>, E, R>
  /** Syncs these datasets (ids), or all of the selection. Its failure ends the watch. */
  readonly sync: (datasets: ReadonlyArray<string> | undefined) => Effect.Effect<A, E, R>
  /** Told when the next round is, in milliseconds since 1970. */
  readonly onSleep: (until: number) => Effect.Effect<void>
}

/**
 * All of the selection at first and once a day, so that new datasets join and gone ones are told; in between the datasets of which a resource
 * is due, by the period that its publisher declares, that was observed, or that the configuration promises. Runs until it is interrupted.
 */
export const watch = Effect.fn("watch")(function* <A, E, R>({ settings, status, sync, onSleep }: Watched<A, E, R>) {
  let whole = Number.NEGATIVE_INFINITY
  while (true) {
    const now = yield* Clock.currentTimeMillis
    if (now - whole >= DAY) {
      whole = now
      yield* sync(undefined)
    } else {
      const due = (yield* status).filter(
        (one) => one.gone === undefined && Date.parse(freshnessOf({ settings }, one, now).nextLook) <= now,
      )
      if (due.length > 0) yield* sync([...new Set(due.map(({ dataset }) => dataset))])
    }
    const after = yield* Clock.currentTimeMillis
    const looks = (yield* status).map((one) => Date.parse(freshnessOf({ settings }, one, after).nextLook))
    const next = Math.min(whole + DAY, after + LONGEST_SLEEP, ...looks)
    // A resource that fails stays due: not more than once a minute.
    const until = Math.max(next, after + MINUTE)
    yield* onSleep(until)
    yield* Effect.sleep(until - after)
  }
})
