import type { LakeError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { Storage } from "../storage/storage.ts"

/** The paths of the rejects of an extraction, which stand beside its record. */
export const rejectsBeside = (storage: Storage, record: string): Effect.Effect<ReadonlyArray<string>, LakeError> => {
  const folder = record.slice(0, record.lastIndexOf("/"))
  const stem = record.slice(folder.length + 1, -"json".length)
  return Effect.map(storage.names(folder), (names) =>
    names
      .filter((name) => name.startsWith(stem) && name.endsWith(".rejects.parquet"))
      .map((name) => `${folder}/${name}`),
  )
}
