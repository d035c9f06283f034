/** The state as text, and the state made anew: the same text whenever both saw the same lake. */
import type { LakeError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { openLake } from "../open-lake.ts"
import { rebuildTables } from "./catch-up.ts"
import { read, write } from "./sqlite.ts"
import { PROJECTED } from "./tables.ts"

/**
 * All rows of the state but the leases, as lines of JSON in a fixed order, after what is new in the lake was applied. Equal texts are
 * equal states. Fails with a `LakeError` when there is no lake.
 */
export const dumpState: (folder: string) => Effect.Effect<string, LakeError> = Effect.fn("dumpState")(function* (
  folder,
) {
  const { database } = yield* openLake(folder, { create: false })
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

/** Makes the state anew from records and event files, in one transaction; other processes wait. Leases stay. Fails with a `LakeError` when there is no lake. */
export const rebuildState: (folder: string) => Effect.Effect<void, LakeError> = Effect.fn("rebuildState")(function* (
  folder,
) {
  const lake = yield* openLake(folder, { create: false })
  yield* write(lake.database, "state", () => rebuildTables(lake.database, lake.folder))
}, Effect.scoped)
