/** `odh sync`: plan and run, here; with `--watch`, again whenever something is due. */
import { exitCodeOf } from "@opendatahub-sql/core"
import { status } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { instantText } from "../cli/numbers.ts"
import type { Output } from "../cli/output.ts"
import { inHub, sync, type SyncReport } from "../hub.ts"
import { watch } from "../watch.ts"
import { nothingExit, noteDiscoveries } from "./discoveries.ts"
import { summaryText } from "./summary.ts"
import { lakePlace } from "../lake-place.ts"

const say = (report: SyncReport, output: Output): void => {
  output.finish()
  noteDiscoveries(report, output)
  for (const { title, how, tables } of report.closings)
    output.note(
      `${title}: its rows in ${tables.join(", ")} ${how === "closed" ? "end: it is gone" : "are there again"}`,
    )
  output.result(
    {
      schemaVersion: 1,
      status: report.status,
      resources: report.resources,
      gone: report.gone,
      failed: report.failed.map(({ subject, error }) => ({ subject, message: error.message })),
    },
    () => summaryText(report.resources),
  )
}

/** Syncs the selection; the result is the report, of each round with `--watch`. */
export const work: Work = ({ positionals, text, flag, output, hub: config }) =>
  Effect.gen(function* () {
    const hub = yield* config
    const once = (datasets: ReadonlyArray<string>) =>
      inHub(hub, "sync", sync(hub, { datasets }, text("only"))).pipe(
        Effect.tap((report) => Effect.sync(() => say(report, output))),
      )
    if (flag("watch")) {
      return yield* watch({
        settings: hub.settings,
        status: Effect.map(status(lakePlace(hub)), (all) =>
          all.filter(
            ({ dataset, datasetSlug }) =>
              positionals.length === 0 || positionals.includes(dataset) || positionals.includes(datasetSlug),
          ),
        ),
        // What may pass (a locked warehouse, a portal that is down) does not end the watch.
        sync: (datasets) =>
          once(datasets ?? positionals).pipe(
            Effect.asVoid,
            Effect.catchIf(
              ({ reason }) => reason._tag === "Transient",
              (error) => Effect.sync(() => output.note(error.message)),
            ),
          ),
        onSleep: (until) =>
          Effect.sync(() => output.note(`next look at ${instantText(new Date(until).toISOString())}; Ctrl-C ends`)),
      })
    }
    const report = yield* once(positionals)
    const code = exitCodeOf(report.resources)
    return code !== 0 || report.resources.length > 0 ? code : nothingExit(report)
  })
