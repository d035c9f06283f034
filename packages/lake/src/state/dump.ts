/** The state as text, and the state made anew: the same text whenever both saw the same lake. */
import type { LakeError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { type LakePlace, openLake } from "../open-lake.ts"
import { rebuild } from "./rebuild.ts"
import { read } from "./sqlite.ts"
import { PROJECTED } from "./tables.ts"

/**
 * All rows of the state but the leases, as lines of JSON in a fixed order, after what is new in the lake was applied. Equal texts are
 * equal states. Fails with a `LakeError` when there is no lake.
 */
export const dumpState: (place: LakePlace) => Effect.Effect<string, LakeError> = Effect.fn("dumpState")(function* (
  place,
) {
  const { database } = yield* openLake(place, { create: false })
  return yield* read(database, "state", () =>
    PROJECTED.flatMap((table) =>
      database
        .prepare(`SELECT * FROM ${table}`)
        .all()
        .map((row) => JSON.stringify({ table, ...row }))
        .toSorted(),
    ).join("\n"),
  )
}, Effect.scoped)

/** Makes the state anew from records and event files; other processes go on with the old one until then. Leases stay. Fails with a `LakeError` when there is no lake. */
export const rebuildState: (place: LakePlace) => Effect.Effect<void, LakeError> = Effect.fn("rebuildState")(function* (
  place,
) {
  yield* rebuild(yield* openLake(place, { create: false }))
}, Effect.scoped)
