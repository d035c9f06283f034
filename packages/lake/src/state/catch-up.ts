/** Brings the state up to date with the lake: the event files from where it stopped, whoever wrote them, and the records. */
import type { LakeError, ResourceKey } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { DatabaseSync } from "node:sqlite"
import { eventFiles, readEvents } from "../events.ts"
import { datasetFolder, recordPath, segment } from "../layout.ts"
import { parseRecord } from "../record.ts"
import type { Storage } from "../storage/storage.ts"
import { projectEvent, projectRecord } from "./projection.ts"
import { read, write } from "./sqlite.ts"

const RECORD_NAME = /(?:^|\/)\d{8}T\d{9}Z\.json$/

/** Whether a path or a file name is that of an extraction record. */
export const isRecordName = (name: string): boolean => RECORD_NAME.test(name)

const AT_ONCE = 16

/** The text of a record; `undefined` when it is gone. */
export const recordText = (storage: Storage, path: string): Effect.Effect<string | undefined, LakeError> =>
  Effect.map(storage.read(path), (bytes) => (bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8")))

/** The texts of records by their paths, without those that are gone. */
export const recordTexts = (
  storage: Storage,
  paths: ReadonlyArray<string>,
): Effect.Effect<ReadonlyMap<string, string>, LakeError> =>
  Effect.map(
    Effect.forEach(paths, (path) => Effect.map(recordText(storage, path), (text) => [path, text] as const), {
      concurrency: AT_ONCE,
    }),
    (found) => new Map(found.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const]))),
  )

/** Takes the text of a record into the state. One that cannot be read stays out: `verify` reports it. Inside a transaction. */
export const applyRecord = (database: DatabaseSync, json: string | undefined): void => {
  if (json === undefined) return
  const extraction = parseRecord(json)
  if (Result.isSuccess(extraction)) projectRecord(database, extraction.success, json)
}

const APPLIED = "SELECT applied FROM event_files WHERE path = ?"
const SET_APPLIED =
  "INSERT INTO event_files (path, applied) VALUES (?, ?) ON CONFLICT DO UPDATE SET applied = excluded.applied"

/** Applies the lines of an event file that are new since the last time. */
export const applyEvents = Effect.fnUntraced(function* (database: DatabaseSync, storage: Storage, path: string) {
  const applied = (): number => Number(database.prepare(APPLIED).get(path)?.["applied"] ?? -1)
  for (;;) {
    const before = yield* read(database, "state", applied)
    const start = Math.max(0, before)
    const lines = yield* readEvents(storage, path, start)
    if (lines.bytes === 0 && before >= 0) return
    const records = yield* recordTexts(
      storage,
      lines.events.flatMap((event) =>
        event._tag === "Extracted" || event._tag === "Redacted" ? [recordPath(event)] : [],
      ),
    )
    yield* write(database, "state", () => {
      // Another process applied them meanwhile, or the state was made anew: look again.
      if (applied() !== before) return
      for (const event of lines.events) {
        projectEvent(database, event, (extracted) => applyRecord(database, records.get(recordPath(extracted))))
      }
      database.prepare(SET_APPLIED).run(path, start + lines.bytes)
    })
    if (lines.bytes === 0) return
  }
})

/** The paths of all records of a lake. */
export const allRecords = (storage: Storage): Effect.Effect<ReadonlyArray<string>, LakeError> =>
  Effect.map(storage.list("extractions"), (found) => found.map(({ path }) => path).filter(isRecordName))

/** The paths of the records of one resource that are from `since` (a UTC date) on, oldest first. */
export const recordsOf = Effect.fnUntraced(function* (
  storage: Storage,
  { source, dataset, resource }: ResourceKey,
  since = "",
) {
  const folder = datasetFolder(source, dataset)
  const dates = (yield* storage.names(folder)).filter((date) => date >= `extraction_date=${since}`)
  const found = yield* Effect.forEach(
    dates,
    (date) => {
      const path = `${folder}/${date}/resource=${segment(resource)}`
      return Effect.map(storage.names(path), (names) => names.filter(isRecordName).map((name) => `${path}/${name}`))
    },
    { concurrency: AT_ONCE },
  )
  return found.flat()
})

/** Applies what is new of the event files; those that are as long as what was applied are not opened. `since`: leaves out earlier dates (UTC). */
export const catchUp = Effect.fnUntraced(function* (database: DatabaseSync, storage: Storage, since?: string) {
  const files = yield* eventFiles(storage, since)
  const applied = yield* read(
    database,
    "state",
    () =>
      new Map(
        database
          .prepare("SELECT path, applied FROM event_files")
          .all()
          .map((row) => [String(row["path"]), Number(row["applied"])]),
      ),
  )
  yield* Effect.forEach(
    files.filter(({ path, bytes }) => applied.get(path) !== bytes),
    ({ path }) => applyEvents(database, storage, path),
    { discard: true },
  )
})
