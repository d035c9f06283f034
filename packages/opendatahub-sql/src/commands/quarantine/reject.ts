/** `odh quarantine reject`: an extraction is bad, and stays out. */
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { reject } from "../../decisions.ts"
import { inHub } from "../../hub.ts"
import { chosen, whyOf } from "./chosen.ts"

/** Says it once; the file stays in the lake. */
export const work: Work = (invocation) =>
  Effect.gen(function* () {
    const hub = yield* invocation.hub
    const one = yield* chosen(hub, invocation)
    const removed = yield* inHub(hub, "quarantine reject", reject(hub, one, one.extractedAt, whyOf(invocation)))
    invocation.output.result(
      { ...one, verdict: "rejected", removed },
      () =>
        `${one.title}: the extraction of ${one.extractedAt} is never loaded; its file stays in the lake (\`odh quarantine release\` takes this back)`,
    )
    return 0
  })
