/** The state made anew from the lake: beside the old one, which serves until the new one takes its place in one transaction. */
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import type { Storage } from "../storage/storage.ts"
import { allRecords, applyRecord, catchUp, recordTexts } from "./catch-up.ts"
import { attached, openSqlite, write } from "./sqlite.ts"
import { createTables, isCurrent, PROJECTED } from "./tables.ts"

/** Records in one transaction: so many are in memory. */
const AT_ONCE = 500

/** What is made anew, from where, and a folder for what is on its way. */
export interface Rebuilding {
  readonly database: DatabaseSync
  readonly storage: Storage
  readonly workFolder: string
}

/** Makes the state anew. Leases stay. */
export const rebuild = Effect.fn("Lake.rebuild")(function* ({ database, storage, workFolder }: Rebuilding) {
  const path = join(workFolder, `state-${randomUUID()}.sqlite`)
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      for (const end of ["", "-wal", "-shm"]) await rm(`${path}${end}`, { force: true })
    }),
  )
  const fresh = yield* openSqlite(path)
  yield* write(fresh, "state", () => createTables(fresh))
  const records = yield* allRecords(storage)
  for (let at = 0; at < records.length; at += AT_ONCE) {
    const texts = yield* recordTexts(storage, records.slice(at, at + AT_ONCE))
    yield* write(fresh, "state", () => {
      for (const text of texts.values()) applyRecord(fresh, text)
    })
  }
  yield* catchUp(fresh, storage)
  yield* attached(database, path, "fresh", () => {
    createTables(database)
    for (const table of PROJECTED) database.exec(`INSERT INTO main.${table} SELECT * FROM fresh.${table}`)
  })
}, Effect.scoped)

/** Applies what is new; a state that is missing or of another version is made anew. */
export const bringUpToDate = (rebuilding: Rebuilding) =>
  Effect.suspend(() =>
    isCurrent(rebuilding.database) ? catchUp(rebuilding.database, rebuilding.storage) : rebuild(rebuilding),
  )
