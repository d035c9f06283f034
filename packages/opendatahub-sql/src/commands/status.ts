/** `odh status`: every resource as it stands. */
import { status } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import type { Work } from "../cli/command.ts"
import { bytesText } from "../cli/numbers.ts"
import { tableText } from "../cli/output.ts"

/** One line a resource, then what is wrong. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const all = yield* status(resolve((yield* config).lake))
    output.result(all, () => all.length === 0 ? "the lake is empty: `odh sync` fills it" : [
      tableText(["dataset", "file", "extractions", "last change", "last seen", "size", "loaded", "state"], all.map((one) => [
        one.datasetTitle,
        one.title,
        one.extractions,
        one.last?.extractedAt.slice(0, 19) ?? "never",
        one.seenAt?.slice(0, 19) ?? "",
        one.last === undefined ? "" : bytesText(one.last.bytes),
        one.loads.length === 0 ? "no" : one.loads.every((load) => load.isCurrent) ? "yes" : "behind",
        one.gone?.state ?? (one.trouble.length > 0 ? "trouble" : "fine"),
      ])),
      ...all.flatMap((one) => [
        ...(one.gone === undefined ? [] : [`${one.title}: ${one.gone.message}`]),
        ...one.trouble.map((trouble) => `${one.title}: ${trouble.stage} failed on ${trouble.at.slice(0, 19)}: ${trouble.message}`),
      ]),
    ].join("\n"))
    return 0
  })
