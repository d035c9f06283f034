/** `odh plan`: work items, one JSON line each. */
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { inHub, plan } from "../hub.ts"
import { nothingExit, noteDiscoveries } from "./discoveries.ts"

/** Prints the items on standard output and what will not be worked on as notes. */
export const work: Work = ({ positionals, output, hub: config }) =>
  Effect.gen(function* () {
    const hub = yield* config
    const planned = yield* inHub(hub, "plan", plan(hub, { datasets: positionals }))
    for (const item of planned.items) output.line(item)
    noteDiscoveries(planned, output)
    return planned.items.length === 0 ? nothingExit(planned) : 0
  })
