/** `odh replay`: load again from the lake. */
import { exitCodeOf } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { UsageError } from "../cli/usage-error.ts"
import { inHub, replay } from "../hub.ts"
import { summaryText } from "./summary.ts"

const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?$/

/** Replays the selection; no request is made. */
export const work: Work = ({ positionals, text, output, hub: config }) =>
  Effect.gen(function* () {
    const range = { from: text("from"), to: text("to") }
    for (const [name, value] of Object.entries(range)) {
      if (value !== undefined && !instant.test(value))
        return yield* Effect.fail(
          new UsageError(`--${name} "${value}" is not a date: write 2026-01-31 or 2026-01-31T12:00:00Z`),
        )
    }
    const hub = yield* config
    const { status, resources } = yield* inHub(
      hub,
      "replay",
      replay(
        hub,
        { datasets: positionals },
        {
          ...(range.from === undefined ? {} : { from: range.from }),
          ...(range.to === undefined ? {} : { to: range.to }),
        },
        text("only"),
      ),
    )
    output.finish()
    if (resources.length === 0 && (positionals.length > 0 || text("only") !== undefined)) {
      return yield* Effect.fail(
        new UsageError("no extraction of the lake is meant by that: `odh lake ls` and `odh tables` show what there is"),
      )
    }
    output.result({ schemaVersion: 1, status, resources }, () => summaryText(resources))
    return exitCodeOf(resources)
  })
