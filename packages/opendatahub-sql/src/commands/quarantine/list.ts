/** `odh quarantine`: extractions that wait for a person, and those that were rejected. */
import { heldBack } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { bytesText, instantText } from "../../cli/numbers.ts"
import { lakePlace } from "../../lake-place.ts"

/** Exit 65 while something waits. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const all = yield* heldBack(lakePlace(yield* config))
    const waiting = all.filter(({ verdict }) => verdict === undefined)
    output.result(all, () =>
      all.length === 0
        ? "nothing is held back"
        : [
            ...all.flatMap((one) => [
              `${one.title} (${one.datasetSlug}), resource ${one.resource}, extraction ${one.extractedAt}, ${bytesText(one.bytes)}`,
              `  ${one.path}`,
              ...(one.message === undefined ? [] : [`  ${one.message}`]),
              ...(one.verdict === undefined ? [] : [`  ${one.verdict}: ${one.why}`]),
            ]),
            ...(waiting.length === 0
              ? []
              : [
                  `${waiting.length} wait since ${instantText(waiting[0]?.extractedAt ?? "")}: \`odh quarantine release RESOURCE\` loads one, \`odh quarantine reject RESOURCE\` drops it`,
                ]),
          ].join("\n"),
    )
    return waiting.length === 0 ? 0 : 65
  })
