/** `odh state rebuild`: the state is a projection of the lake and can always be made again. */
import { rebuildState } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import type { Work } from "../cli/command.ts"

/** Reads every record and event again. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const folder = resolve((yield* config).lake)
    yield* rebuildState(folder)
    output.result({ rebuilt: folder }, () => `the state of ${folder} was made again from its records and events`)
    return 0
  })
