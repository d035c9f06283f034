/** Gives requests their turn: some at once to one host, fewer when it suffers, none while it is down. */
import { type FetchError, transient } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { failure } from "../failure.ts"
import type { HostBook } from "./host-book.ts"
import { admit, answered, failed, type PaceLimits, pressed, went } from "./pace.ts"

/** The turns of all hosts, and what their answers teach. */
export interface Turns {
  /** Runs `effect` in a turn of its own. Fails transient at once while the host's circuit is open. */
  readonly take: (url: URL) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | FetchError, R>
  /** The head of an answer came, `ms` after it was asked for. */
  readonly heard: (url: URL, status: number, retryAfterMs: number | undefined, ms: number) => Effect.Effect<void>
  /** No answer came. */
  readonly unheard: (url: URL, why: string) => Effect.Effect<void>
}

/** Turns by the limits, with a memory that processes may share. */
export const makeTurns = (book: HostBook, limits: PaceLimits): Turns => {
  const queues = new Map<string, Semaphore.Semaphore>()
  /** Hosts that this process has asked itself: it need not believe what others found. */
  const asked = new Set<string>()

  const queueOf = (host: string): Semaphore.Semaphore => {
    const queue = queues.get(host) ?? Semaphore.makeUnsafe(limits.perHost)
    queues.set(host, queue)
    return queue
  }

  /** Only the waits can be interrupted: a turn that was taken is always given back. */
  const enter = Effect.fnUntraced(function* (url: URL, wait: (ms: number) => Effect.Effect<void>) {
    let now = yield* Clock.currentTimeMillis
    while (true) {
      const at = now
      const { admission, why } = book.change(url.host, (pace, running) => {
        const admission = admit(pace, running, !asked.has(url.host), at)
        const goes = admission._tag === "Go"
        return { value: { admission, why: pace.why }, pace: goes ? went(pace, limits, at) : pace, enter: goes }
      })
      if (admission._tag === "Go") {
        asked.add(url.host)
        return
      }
      if (admission._tag === "Refused") {
        const ms = admission.until - at
        return yield* failure(
          url,
          `${url.host} failed again and again (${why}), so it is left alone for ${Math.ceil(ms / 1000)} s more; run again then`,
          transient(ms),
        )
      }
      yield* wait(admission.ms)
      now = Math.max(yield* Clock.currentTimeMillis, at + admission.ms)
    }
  })

  const teach = (url: URL, lesson: Parameters<HostBook["change"]>[1]) =>
    Effect.sync(() => void book.change(url.host, lesson))

  return {
    take: (url) => (effect) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.andThen(
          enter(url, (ms) => restore(Effect.sleep(ms))),
          Effect.ensuring(
            restore(effect),
            Effect.sync(() => book.leave(url.host)),
          ),
        ),
      ).pipe(Semaphore.withPermit(queueOf(url.host))),
    heard: (url, status, retryAfterMs, ms) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        teach(url, (pace) => {
          const rested = status === 429 || status === 503 ? pressed(pace, retryAfterMs, now) : pace
          // A server that says 429, or when to come back, is alive.
          const alive = status < 500 || retryAfterMs !== undefined
          if (!alive) return { value: undefined, pace: failed(rested, url.href, `it answered ${status}`, now) }
          return { value: undefined, pace: rested === pace ? answered(pace, limits, ms) : { ...rested, failures: 0 } }
        }),
      ),
    unheard: (url, why) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        teach(url, (pace) => ({ value: undefined, pace: failed(pace, url.href, why, now) })),
      ),
  }
}
