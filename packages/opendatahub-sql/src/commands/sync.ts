/** `odh sync`: plan and run, here. */
import { exitCodeOf } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { inHub, sync } from "../hub.ts"
import { nothingExit, noteDiscoveries } from "./discoveries.ts"
import { summaryText } from "./summary.ts"

/** Syncs the selection; the result is the report. */
export const work: Work = ({ positionals, text, output, hub: config }) =>
  Effect.gen(function* () {
    const hub = yield* config
    const report = yield* inHub(hub, "sync", sync(hub, { datasets: positionals }, text("only")))
    output.finish()
    noteDiscoveries(report, output)
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
    const code = exitCodeOf(report.resources)
    return code !== 0 || report.resources.length > 0 ? code : nothingExit(report)
  })
