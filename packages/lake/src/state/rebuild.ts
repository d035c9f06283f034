/** The state made anew from the lake: beside the old one, which serves until the new one takes its place in one transaction. */
import type { LakeError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import type { Storage } from "../storage/storage.ts"
import { allRecords, applyRecord, catchUp, recordTexts } from "./catch-up.ts"
import { attached, openSqlite, read, write } from "./sqlite.ts"
import { createTables, isCurrent, PROJECTED } from "./tables.ts"

/** Records in one transaction: so many are in memory. */
const AT_ONCE = 500

/** What is made anew, from where, and a folder for what is on its way. */
export interface Rebuilding {
  readonly database: DatabaseSync
  readonly storage: Storage
  readonly workFolder: string
}

const PATHS = "SELECT path FROM extractions"
const FORGET = "DELETE FROM extractions WHERE path = ?"

/** Brings a state that is not the one in use up to the lake: records that it has not, those that are gone, events. */
const fill = Effect.fnUntraced(function* (fresh: DatabaseSync, storage: Storage) {
  const records = new Set(yield* allRecords(storage))
  const known = new Set(
    fresh
      .prepare(PATHS)
      .all()
      .map((row) => String(row["path"])),
  )
  yield* write(fresh, "state", () => {
    for (const path of known) if (!records.has(path)) fresh.prepare(FORGET).run(path)
  })
  const news = [...records].filter((path) => !known.has(path))
  for (let at = 0; at < news.length; at += AT_ONCE) {
    const texts = yield* recordTexts(storage, news.slice(at, at + AT_ONCE))
    yield* write(fresh, "state", () => {
      for (const text of texts.values()) applyRecord(fresh, text)
    })
  }
  yield* catchUp(fresh, storage)
})

/** Makes the state anew: from the lake alone, or with `begin`, which may put a copy of an earlier state at the path. Leases stay. */
export const rebuild = Effect.fn("Lake.rebuild")(function* (
  { database, storage, workFolder }: Rebuilding,
  begin: (path: string) => Effect.Effect<boolean, LakeError> = () => Effect.succeed(false),
) {
  const path = join(workFolder, `state-${randomUUID()}.sqlite`)
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      for (const end of ["", "-wal", "-shm"]) await rm(`${path}${end}`, { force: true })
    }),
  )
  yield* begin(path)
  const fresh = yield* openSqlite(path)
  if (!isCurrent(fresh)) yield* write(fresh, "state", () => createTables(fresh))
  yield* fill(fresh, storage)
  yield* attached(database, path, "fresh", () => {
    createTables(database)
    for (const table of PROJECTED) database.exec(`INSERT INTO main.${table} SELECT * FROM fresh.${table}`)
  })
}, Effect.scoped)

/** Applies what is new; a state that is missing or of another version is made anew, from a copy that the lake may have, which is no use when it is damaged. */
export const bringUpToDate = (rebuilding: Rebuilding) =>
  Effect.suspend(() => {
    const { database, storage } = rebuilding
    if (isCurrent(database)) return catchUp(database, storage)
    const { sharedState } = storage
    return sharedState === undefined
      ? rebuild(rebuilding)
      : rebuild(rebuilding, sharedState.fetch).pipe(Effect.catch(() => rebuild(rebuilding)))
  })

/** Leaves a copy of the state for machines that have none, now and then. */
export const shareState = ({ database, storage }: Rebuilding): Effect.Effect<void, LakeError> =>
  storage.sharedState === undefined
    ? Effect.void
    : storage.sharedState.offer((path) =>
        read(database, "state", () => {
          database.prepare("VACUUM INTO ?").run(path)
        }),
      )
