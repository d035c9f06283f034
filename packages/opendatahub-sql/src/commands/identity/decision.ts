/** `odh identity accept` and `odh identity reject`. */
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { inHub } from "../../hub.ts"
import { decide } from "../../identity/decide.ts"
import { whyOf } from "../quarantine/chosen.ts"

const deciding =
  (state: "accepted" | "rejected", then: string): Work =>
  ({ positionals: [portalId = ""], text, output, hub: config }) =>
    Effect.gen(function* () {
      const hub = yield* config
      const decided = yield* inHub(
        hub,
        `identity ${state === "accepted" ? "accept" : "reject"}`,
        decide(hub, { portalId, state, why: whyOf({ text }) }),
      )
      output.result(decided, () => `"${decided.title}" ${then} "${decided.knownTitle}" (${decided.resource})`)
      return 0
    })

/** From the next plan on the file is the known resource. */
export const accept = deciding("accepted", "is from now on")
/** It is not proposed again. */
export const reject = deciding("rejected", "is not")
