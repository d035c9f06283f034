/** `odh quarantine release`: an extraction is good although it looks wrong. */
import { exitCodeOf } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { release } from "../../decisions.ts"
import { inHub } from "../../hub.ts"
import { summaryText } from "../summary.ts"
import { chosen, whyOf } from "./chosen.ts"

/** Loads it; the result is that of the load. */
export const work: Work = (invocation) =>
  Effect.gen(function* () {
    const hub = yield* invocation.hub
    const one = yield* chosen(hub, invocation)
    const resources = yield* inHub(hub, "quarantine release", release(hub, one, one.extractedAt, whyOf(invocation)))
    invocation.output.finish()
    invocation.output.result(resources, () => summaryText(resources))
    return exitCodeOf(resources)
  })
