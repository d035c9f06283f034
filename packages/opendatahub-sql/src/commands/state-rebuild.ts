/** `odh state rebuild`: the state is a projection of the lake and can always be made again. */
import { rebuildState } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { lakePlace } from "../lake-place.ts"

/** Reads every record and event again. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const place = lakePlace(yield* config)
    yield* rebuildState(place)
    const rebuilt = typeof place === "string" ? place : place.location
    output.result({ rebuilt }, () => `the state of ${rebuilt} was made again from its records and events`)
    return 0
  })
