/** `odh identity propose`: which new files may be resources that are gone. */
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { tableText } from "../../cli/output.ts"
import { inHub } from "../../hub.ts"
import { propose } from "../../identity/propose.ts"

const share = (part: number | null): string => (part === null ? "" : part.toFixed(2))

/** Writes the proposals to the file of identities, and tells them. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const hub = yield* config
    const proposed = yield* inHub(hub, "identity propose", propose(hub))
    output.finish()
    output.result(proposed, () =>
      proposed.length === 0
        ? "nothing that is gone looks like anything that is new"
        : [
            tableText(
              ["file", "title", "may be", "score", "title", "columns", "rows"],
              proposed.map(({ portalId, title, knownTitle, score, parts }) => [
                portalId,
                title,
                knownTitle,
                share(score),
                share(parts.title),
                share(parts.schema),
                share(parts.rows),
              ]),
            ),
            `written to ${hub.identities}: \`odh identity accept FILE\` makes one the same resource, \`odh identity reject FILE\` says no`,
          ].join("\n"),
    )
    return 0
  })
