/** What a look at a resource adds to the lake: nothing, a record, or bytes and a record. */
import type { Downloaded, Extraction, LakeError, Resource, ResourceKey, StoredFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { existsSync, readFileSync, statSync } from "node:fs"
import { rm, stat } from "node:fs/promises"
import { publish } from "./disk/publish.ts"
import { disk, diskNow, failure } from "./failure.ts"
import { absolute, type ExtractionKey, extensionOf, rawPath } from "./layout.ts"
import type { OpenLake } from "./open-lake.ts"
import { completeLeftOvers, publishTogether } from "./publication.ts"
import { decodeRecord, recordedResponse, withoutSecrets } from "./record.ts"
import { applyRecord, recordsOf } from "./state/catch-up.ts"
import { read, write } from "./state/sqlite.ts"

const isOf = ({ source, dataset, resource }: ResourceKey, extraction: Extraction): boolean =>
  extraction.resource.source === source &&
  extraction.resource.dataset.id === dataset &&
  extraction.resource.id === resource

/** All extractions of a resource, oldest first: the names come from the disk, the records from the state where it has them already. */
export const extractionsOf = Effect.fn("Lake.extractions")(function* (lake: OpenLake, key: ResourceKey) {
  yield* completeLeftOvers(lake)
  const address = [key.source, key.dataset, key.resource]
  const paths = yield* diskNow("extractions", `list the extractions of ${key.resource}`, () =>
    recordsOf(lake.folder, key),
  )
  const known = (): ReadonlyMap<string, string> =>
    new Map(
      lake.database
        .prepare("SELECT path, record FROM extractions WHERE source = ? AND dataset = ? AND resource = ?")
        .all(...address)
        .map((row) => [String(row["path"]), String(row["record"])]),
    )
  const before = yield* read(lake.database, "extractions", known)
  const isComplete = before.size === paths.length && paths.every((path) => before.has(path))
  const records = isComplete
    ? before
    : yield* write(lake.database, "extractions", () => {
        for (const path of before.keys()) {
          if (!paths.includes(path)) lake.database.prepare("DELETE FROM extractions WHERE path = ?").run(path)
        }
        for (const path of paths) if (!before.has(path)) applyRecord(lake.database, lake.folder, path)
        return known()
      })
  const extractions = yield* Effect.forEach(paths, (path) => {
    const json = records.get(path)
    return json === undefined
      ? Effect.flatMap(
          diskNow("extractions", `read ${path}`, () => readFileSync(absolute(lake.folder, path), "utf8")),
          (text) => decodeRecord(path, text),
        )
      : decodeRecord(path, json)
  })
  return extractions
    .filter((extraction) => isOf(key, extraction))
    .toSorted((a, b) => (a.extractedAt < b.extractedAt ? -1 : 1))
})

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size

const sameBundle = (
  previous: Extraction,
  file: Downloaded,
  siblings: Readonly<Record<string, Downloaded>>,
): boolean => {
  const ids = Object.keys(siblings)
  return (
    previous.file.sha256 === file.sha256 &&
    ids.length === Object.keys(previous.siblings).length &&
    ids.every((id) => previous.siblings[id]?.sha256 === siblings[id]?.sha256)
  )
}

/** Milliseconds are the names of extractions, and their order: a look is always later than the one before, whatever the clock did. */
const instantAfter = (previous: Extraction | undefined, startedAt: string): string => {
  const wanted = Date.parse(startedAt)
  return new Date(
    previous === undefined ? wanted : Math.max(wanted, Date.parse(previous.extractedAt) + 1),
  ).toISOString()
}

/** Where each file of a bundle goes: to the file that holds its bytes already, or to a new one. */
const plan =
  (lake: OpenLake, key: ExtractionKey, format: string | undefined, stored: ReadonlyArray<StoredFile>) =>
  (download: Downloaded) => {
    const before = stored.find(
      (one) => one.sha256 === download.sha256 && sizeOf(absolute(lake.folder, one.path)) === one.bytes,
    )
    const file: StoredFile = {
      path: before?.path ?? rawPath(key, download.sha256, extensionOf(download.name, format)),
      name: download.name,
      sha256: download.sha256,
      bytes: download.bytes,
      ...(download.mediaType === undefined ? {} : { mediaType: download.mediaType }),
      validators: download.validators,
    }
    return { file, move: before === undefined ? [{ from: download.path, to: file.path, sha256: file.sha256 }] : [] }
  }

const checkDownload = Effect.fnUntraced(function* (download: Downloaded) {
  const { size } = yield* disk("keep", `read ${download.path}`, () => stat(download.path))
  if (size !== download.bytes) {
    return yield* failure(
      "keep",
      `the download ${download.name} is ${size} bytes, ${download.bytes} were announced: something changed it in the work folder, run again`,
    )
  }
  if (Number.isNaN(Date.parse(download.startedAt)))
    return yield* failure("keep", `the download ${download.name} has no valid start time`)
})

const remove = (downloads: ReadonlyArray<Downloaded>): Effect.Effect<void, LakeError> =>
  disk("keep", "remove a download", async () => {
    for (const { path } of downloads) await rm(path, { force: true })
  })

/** Puts bytes back that someone deleted, now that they are here again. */
const heal = Effect.fnUntraced(function* (lake: OpenLake, stored: StoredFile, download: Downloaded | undefined) {
  const path = absolute(lake.folder, stored.path)
  if (download !== undefined && !existsSync(path)) yield* publish(download.path, path, lake)
})

/** See `Lake.keep`. Takes the downloads over: their files are gone from the work folder afterwards. */
export const keep = Effect.fn("Lake.keep")(function* (
  lake: OpenLake,
  writtenBy: string,
  resource: Resource,
  download: Downloaded,
  siblings: Readonly<Record<string, Downloaded>>,
) {
  const downloads = [download, ...Object.values(siblings)]
  yield* Effect.forEach(downloads, checkDownload, { discard: true })
  const address: ResourceKey = { source: resource.source, dataset: resource.dataset.id, resource: resource.id }
  const extractions = yield* extractionsOf(lake, address)
  const previous = extractions.at(-1)
  if (previous !== undefined && sameBundle(previous, download, siblings)) {
    yield* heal(lake, previous.file, download)
    yield* Effect.forEach(Object.entries(previous.siblings), ([id, stored]) => heal(lake, stored, siblings[id]), {
      discard: true,
    })
    yield* remove(downloads)
    return undefined
  }

  const extractedAt = instantAfter(previous, download.startedAt)
  const stored = extractions.flatMap((extraction) => [extraction.file, ...Object.values(extraction.siblings)])
  const planned = plan(lake, { ...address, extractedAt }, resource.format, stored)
  const main = planned(download)
  const others = Object.entries(siblings).map(([id, sibling]) => [id, planned(sibling)] as const)
  const extraction: Extraction = {
    formatVersion: 1,
    extractedAt,
    resource: withoutSecrets(resource),
    file: main.file,
    siblings: Object.fromEntries(others.map(([id, { file }]) => [id, file])),
    ...recordedResponse(download),
    endedAt: download.endedAt,
    writtenBy,
  }
  const moves = [main, ...others.map(([, other]) => other)].flatMap(({ move }) => move)
  const published = yield* publishTogether(lake, moves, extraction)
  yield* remove(downloads)
  return published
})
