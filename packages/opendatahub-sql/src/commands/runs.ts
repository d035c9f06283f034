/** `odh runs`: past runs, newest first. */
import { runs } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { instantText } from "../cli/numbers.ts"
import { tableText } from "../cli/output.ts"
import { UsageError } from "../cli/usage-error.ts"
import { lakePlace } from "../lake-place.ts"

/** One line a run. */
export const work: Work = ({ text, output, hub: config }) =>
  Effect.gen(function* () {
    const last = Number(text("last") ?? 20)
    if (!Number.isInteger(last) || last < 1)
      return yield* Effect.fail(new UsageError("--last takes a whole number above 0"))
    const all = yield* runs(lakePlace(yield* config), last)
    output.result(all, () =>
      all.length === 0
        ? "no run yet"
        : tableText(
            ["started", "ended", "command", "outcome", "resources"],
            all.map((run) => [
              run.startedAt === undefined ? "" : instantText(run.startedAt),
              run.endedAt === undefined ? "" : instantText(run.endedAt),
              run.command,
              run.outcome ?? "at work, or killed",
              Object.entries(run.counts)
                .map(([status, count]) => `${JSON.stringify(count)} ${status}`)
                .join(", "),
            ]),
          ),
    )
    return 0
  })
