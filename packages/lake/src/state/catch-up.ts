/** Brings the state up to date with the lake: the event files from where it stopped, whoever wrote them, and the records on disk. */
import type { ResourceKey } from "@opendatahub-sql/core"
import * as Result from "effect/Result"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { eventFiles, namesIn, readEvents } from "../events.ts"
import { saysCode } from "../failure.ts"
import { absolute, datasetFolder, recordPath, segment } from "../layout.ts"
import { parseRecord } from "../record.ts"
import { projectEvent, projectRecord } from "./projection.ts"
import { createTables, isCurrent } from "./tables.ts"

const RECORD_NAME = /^\d{8}T\d{9}Z\.json$/

/** Whether a file name is that of an extraction record. */
export const isRecordName = (name: string): boolean => RECORD_NAME.test(name)

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (saysCode(error, "ENOENT")) return undefined
    throw error
  }
}

/** Takes one record of the disk into the state. One that cannot be read stays out: `verify` reports it. Inside a transaction. */
export const applyRecord = (database: DatabaseSync, lake: string, path: string): void => {
  const json = textOf(absolute(lake, path))
  if (json === undefined) return
  const extraction = parseRecord(json)
  if (Result.isSuccess(extraction)) projectRecord(database, extraction.success, json)
}

/** Applies the lines of an event file that are new since the last time. Inside a transaction. */
export const applyEvents = (database: DatabaseSync, lake: string, path: string): void => {
  const before = database.prepare("SELECT applied FROM event_files WHERE path = ?").get(path)
  let applied = Number(before?.["applied"] ?? 0)
  for (
    let lines = readEvents(absolute(lake, path), applied);
    lines.next > applied;
    lines = readEvents(absolute(lake, path), applied)
  ) {
    for (const event of lines.events) {
      projectEvent(database, event, (extracted) => applyRecord(database, lake, recordPath(extracted)))
    }
    applied = lines.next
  }
  database
    .prepare(
      "INSERT INTO event_files (path, applied) VALUES (?, ?) ON CONFLICT DO UPDATE SET applied = excluded.applied",
    )
    .run(path, applied)
}

/** The paths of all records of a lake. */
export const recordsOnDisk = (lake: string): ReadonlyArray<string> => {
  const below = (path: string, prefix: string): ReadonlyArray<string> =>
    namesIn(join(lake, path))
      .filter((name) => name.startsWith(prefix))
      .map((name) => `${path}/${name}`)
  return ["source=", "dataset=", "extraction_date=", "resource="]
    .reduce<ReadonlyArray<string>>((paths, prefix) => paths.flatMap((path) => below(path, prefix)), ["extractions"])
    .flatMap((path) =>
      namesIn(join(lake, path))
        .filter(isRecordName)
        .map((name) => `${path}/${name}`),
    )
}

/** The paths of the records of one resource, oldest first. */
export const recordsOf = (lake: string, { source, dataset, resource }: ResourceKey): ReadonlyArray<string> => {
  const folder = datasetFolder(source, dataset)
  return namesIn(absolute(lake, folder)).flatMap((date) => {
    const path = `${folder}/${date}/resource=${segment(resource)}`
    return namesIn(absolute(lake, path))
      .filter(isRecordName)
      .map((name) => `${path}/${name}`)
  })
}

/** Makes the state anew from the lake. Inside a transaction. */
export const rebuildTables = (database: DatabaseSync, lake: string): void => {
  createTables(database)
  for (const path of recordsOnDisk(lake)) applyRecord(database, lake, path)
  for (const path of eventFiles(lake)) applyEvents(database, lake, path)
}

/** Applies what is new; a state that is missing or of another version is made anew. `since`: leaves out event files of earlier dates. Inside a transaction. */
export const catchUp = (database: DatabaseSync, lake: string, since?: string): void => {
  if (!isCurrent(database)) return rebuildTables(database, lake)
  for (const path of eventFiles(lake, since)) applyEvents(database, lake, path)
}
