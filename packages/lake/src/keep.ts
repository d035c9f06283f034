/** What a look at a resource adds to the lake: nothing, a record, or bytes and a record. */
import type {
  Downloaded,
  Extraction,
  LakeError,
  PastState,
  Resource,
  ResourceKey,
  StoredFile,
} from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { rm, stat } from "node:fs/promises"
import { disk, failure } from "./failure.ts"
import { dateInPath, dateOf, type ExtractionKey, extensionOf, rawPath } from "./layout.ts"
import type { OpenLake } from "./open-lake.ts"
import { completeLeftOvers, publishTogether } from "./publication.ts"
import { decodeRecord, recordedResponse, withoutSecrets } from "./record.ts"
import { applyRecord, recordsOf, recordTexts } from "./state/catch-up.ts"
import { read, write } from "./state/sqlite.ts"

const isOf = ({ source, dataset, resource }: ResourceKey, extraction: Extraction): boolean =>
  extraction.resource.source === source &&
  extraction.resource.dataset.id === dataset &&
  extraction.resource.id === resource

const KNOWN =
  "SELECT path, record FROM extractions WHERE source = ? AND dataset = ? AND resource = ? ORDER BY extracted_at"
const FORGET = "DELETE FROM extractions WHERE path = ?"

const DAY = 24 * 3600 * 1000

/**
 * From which date on the names of records are asked for; what is older is in the state. In a folder that is all of them; elsewhere the
 * events of other machines have told what they added to the past.
 */
const listedSince = Effect.fnUntraced(function* ({ storage }: OpenLake, newest: string | undefined) {
  if (!storage.isRemote) return ""
  const yesterday = new Date((yield* Clock.currentTimeMillis) - DAY).toISOString()
  return newest === undefined ? dateOf(yesterday) : [dateOf(yesterday), newest].toSorted()[0]
})

/** All extractions of a resource, oldest first: the names come from the storage, the records from the state where it has them already. */
export const extractionsOf = Effect.fn("Lake.extractions")(function* (lake: OpenLake, key: ResourceKey) {
  yield* completeLeftOvers(lake)
  const { storage, database } = lake
  const known = (): ReadonlyMap<string, string> =>
    new Map(
      database
        .prepare(KNOWN)
        .all(key.source, key.dataset, key.resource)
        .map((row) => [String(row["path"]), String(row["record"])]),
    )
  const before = yield* read(database, "extractions", known)
  const since = yield* listedSince(lake, dateInPath([...before.keys()].at(-1)))
  const isOlder = (path: string): boolean => (dateInPath(path) ?? "") < (since ?? "")
  const listed = yield* recordsOf(storage, key, since)
  const paths = [...[...before.keys()].filter(isOlder), ...listed]
  const gone = [...before.keys()].filter((path) => !paths.includes(path))
  const texts = yield* recordTexts(
    storage,
    paths.filter((path) => !before.has(path)),
  )
  if (gone.length > 0 || texts.size > 0) {
    yield* write(database, "extractions", () => {
      for (const path of gone) database.prepare(FORGET).run(path)
      for (const text of texts.values()) applyRecord(database, text)
    })
  }
  const extractions = yield* Effect.forEach(paths, (path) => {
    const json = before.get(path) ?? texts.get(path)
    return json === undefined ? Effect.succeed([]) : Effect.map(decodeRecord(path, json), (one) => [one])
  })
  return extractions
    .flat()
    .filter((extraction) => isOf(key, extraction))
    .toSorted((a, b) => (a.extractedAt < b.extractedAt ? -1 : 1))
})

/** The extractions whose redacted files stand for bytes, by the SHA-256 of those. */
const redactedBefore = (extractions: ReadonlyArray<Extraction>): ReadonlyMap<string, Extraction> =>
  new Map(extractions.flatMap((one) => (one.redactions ?? []).map(({ sha256 }) => [sha256, one] as const)))

const sameBundle = (previous: Extraction, sha256: string, siblings: Readonly<Record<string, Downloaded>>): boolean => {
  const ids = Object.keys(siblings)
  return (
    previous.file.sha256 === sha256 &&
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

/** The stored file that holds these bytes already, and is whole. */
const storedBefore = Effect.fnUntraced(function* (
  { storage }: OpenLake,
  { sha256 }: Downloaded,
  stored: ReadonlyArray<StoredFile>,
) {
  for (const one of stored) if (one.sha256 === sha256 && (yield* storage.size(one.path)) === one.bytes) return one
  return undefined
})

/** Where each file of a bundle goes: to the file that holds its bytes already, or to a new one. */
const plan = (lake: OpenLake, key: ExtractionKey, format: string | undefined, stored: ReadonlyArray<StoredFile>) =>
  Effect.fnUntraced(function* (download: Downloaded) {
    const before = yield* storedBefore(lake, download, stored)
    const file: StoredFile = {
      path: before?.path ?? rawPath(key, download.sha256, extensionOf(download.name, format)),
      name: download.name,
      sha256: download.sha256,
      bytes: download.bytes,
      ...(download.mediaType === undefined ? {} : { mediaType: download.mediaType }),
      validators: download.validators,
    }
    return { file, move: before === undefined ? [{ from: download.path, to: file.path, sha256: file.sha256 }] : [] }
  })

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
  if (download !== undefined && (yield* lake.storage.size(stored.path)) === undefined)
    yield* lake.storage.publish(download.path, stored.path)
})

/** See `Lake.keep`. Takes the downloads over: their files are gone from the work folder afterwards. */
export const keep = Effect.fn("Lake.keep")(function* (
  lake: OpenLake,
  writtenBy: string,
  resource: Resource,
  download: Downloaded,
  siblings: Readonly<Record<string, Downloaded>>,
  past?: PastState,
) {
  const downloads = [download, ...Object.values(siblings)]
  yield* Effect.forEach(downloads, checkDownload, { discard: true })
  const address: ResourceKey = { source: resource.source, dataset: resource.dataset.id, resource: resource.id }
  const extractions = yield* extractionsOf(lake, address)
  const previous = past === undefined ? extractions.at(-1) : extractions.findLast((one) => one.extractedAt <= past.at)
  const redacted = redactedBefore(extractions).get(download.sha256)
  if (previous !== undefined && sameBundle(previous, redacted?.file.sha256 ?? download.sha256, siblings)) {
    if (redacted === undefined) yield* heal(lake, previous.file, download)
    yield* Effect.forEach(Object.entries(previous.siblings), ([id, stored]) => heal(lake, stored, siblings[id]), {
      discard: true,
    })
    yield* remove(downloads)
    return undefined
  }

  const extractedAt = instantAfter(previous, past?.at ?? download.startedAt)
  const stored = extractions.flatMap((extraction) => [extraction.file, ...Object.values(extraction.siblings)])
  const planned = plan(lake, { ...address, extractedAt }, resource.format, stored)
  const main =
    redacted === undefined
      ? yield* planned(download)
      : { file: { ...redacted.file, validators: download.validators }, move: [] }
  const others = yield* Effect.forEach(Object.entries(siblings), ([id, sibling]) =>
    Effect.map(planned(sibling), (one) => [id, one] as const),
  )
  const extraction: Extraction = {
    formatVersion: 1,
    extractedAt,
    resource: withoutSecrets(resource),
    file: main.file,
    siblings: Object.fromEntries(others.map(([id, { file }]) => [id, file])),
    ...recordedResponse(download),
    endedAt: download.endedAt,
    writtenBy,
    ...(redacted?.redactions === undefined ? {} : { redactions: redacted.redactions }),
    ...(past === undefined ? {} : { past: { how: past.how, keptAt: download.endedAt } }),
  }
  const moves = [main, ...others.map(([, other]) => other)].flatMap(({ move }) => move)
  const published = yield* publishTogether(lake, moves, extraction)
  yield* remove(downloads)
  return published
})
