import { FetchError } from "@opendatahub-sql/core"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { PartialFile } from "./file/partial.ts"
import type { Settings } from "./options.ts"

/** The longest wait that a server may ask for and get, in milliseconds; beyond, the caller decides. */
const longestAsked = 120_000
const longestWait = "30 seconds"

interface Setback {
  readonly error: FetchError
  /** More of the file is here than ever before. */
  readonly progressed: boolean
}

const askedWait = ({ error }: Setback): number =>
  error.reason._tag === "Transient" ? (error.reason.retryAfterMs ?? 0) : 0

const mayPass = (setback: Setback): boolean =>
  setback.error.reason._tag === "Transient" && askedWait(setback) <= longestAsked

/** Waits that double, with jitter, for as many attempts in a row as bring nothing. */
const stuck = ({ retries, firstWait }: Settings) =>
  Schedule.min([Schedule.exponential(firstWait), Schedule.spaced(longestWait)]).pipe(
    Schedule.jittered,
    Schedule.upTo({ times: retries }),
    Schedule.setInputType<Setback>(),
    Schedule.while(({ input }) => mayPass(input) && !input.progressed),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.succeed(Duration.max(duration, Duration.millis(askedWait(input)))),
    ),
  )

/** The count starts again each time that more has come: a line that is cut every gigabyte still brings a hundred. */
const moving = ({ firstWait }: Settings) =>
  Schedule.spaced(firstWait).pipe(
    Schedule.jittered,
    Schedule.setInputType<Setback>(),
    Schedule.while(({ input }) => mayPass(input) && input.progressed),
  )

const withAttempts = ({ plugin, operation, message, reason, cause }: FetchError, attempts: number) =>
  new FetchError({ plugin, operation, message: `${message} (${attempts} attempts)`, reason, cause })

/** Tries again what failed transient, as politely as the other side asks. The last error says how often it was tried. */
export const persist = <A>(
  attempt: Effect.Effect<A, FetchError>,
  part: PartialFile,
  settings: Settings,
): Effect.Effect<A, FetchError> =>
  Effect.suspend(() => {
    let most = part.size
    let attempts = 0
    return attempt.pipe(
      Effect.mapError((error): Setback => {
        const progressed = part.size > most
        most = Math.max(most, part.size)
        attempts += 1
        return { error, progressed }
      }),
      Effect.retry(stuck(settings)),
      Effect.retry(moving(settings)),
      Effect.mapError(({ error }) => (attempts === 1 ? error : withAttempts(error, attempts))),
    )
  })
