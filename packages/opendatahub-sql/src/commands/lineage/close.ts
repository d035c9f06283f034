/** `odh lineage close`: runs that a kill left open end as aborted, for the lineage server. */
import { runs } from "@opendatahub-sql/lake"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { UsageError } from "../../cli/usage-error.ts"
import { lakePlace } from "../../lake-place.ts"
import { commandEvent } from "../../lineage/run-events.ts"
import { lineageSettings } from "../../lineage/settings.ts"

const HOUR = 3_600_000
/** Runs are closed once a week or more often; older ones were closed then. */
const LOOKED_AT = 10_000

/** The same run closed twice is the same event twice. */
export const work: Work = ({ text, output, hub: config }) =>
  Effect.gen(function* () {
    const hours = Number(text("older-than") ?? 12)
    if (!Number.isFinite(hours) || hours < 0)
      return yield* Effect.fail(new UsageError("--older-than takes a number of hours"))
    const hub = yield* config
    const lineage = lineageSettings(process.env)
    const now = yield* Clock.currentTimeMillis
    const open = (yield* runs(lakePlace(hub), LOOKED_AT)).filter(
      ({ outcome, startedAt }) =>
        outcome === undefined && startedAt !== undefined && now - Date.parse(startedAt) >= hours * HOUR,
    )
    const why = `not heard of for ${hours} h: the process was killed`
    if (lineage !== undefined) {
      for (const { run, command = "run" } of open) {
        const event = commandEvent(lineage, run, command, new Date(now).toISOString(), "ABORT", why)
        yield* Effect.tryPromise({
          try: () => lineage.send(event),
          catch: (error) => new UsageError(`${run} cannot be closed: ${String(error)}; see OPENLINEAGE__TRANSPORT`),
        })
      }
    }
    const closed = lineage === undefined ? [] : open.map(({ run }) => run)
    output.result({ schemaVersion: 1, open: open.length, closed }, () =>
      lineage === undefined
        ? `${open.length} runs are open; no lineage server is configured (OPENLINEAGE__TRANSPORT or OPENLINEAGE_URL)`
        : `${closed.length} runs closed`,
    )
    return 0
  })
