/** Whether the lake still is what its records say: every stored file is read and hashed again. */
import type { LakeError, StoredFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { eventFiles, readEvents } from "../events.ts"
import { type LakePlace, openLake } from "../open-lake.ts"
import { publicationsUnderWay, sha256Of } from "../publication.ts"
import { parseRecord } from "../record.ts"
import { isRecordName, recordText } from "../state/catch-up.ts"
import type { Entry, Storage } from "../storage/storage.ts"

/** What is wrong with a file of the lake; `path` is relative to it. */
export interface Problem {
  readonly kind: "missing" | "different" | "orphan" | "unreadable-record" | "unreadable-events" | "torn-events"
  readonly path: string
  /** What was found, and what to do. */
  readonly message: string
}

/** What was verified. `bytes` is what was read and hashed. */
export interface Verification {
  readonly records: number
  readonly files: number
  readonly bytes: number
  readonly problems: ReadonlyArray<Problem>
}

/** Files and bytes hashed so far, and in all. */
export interface VerifyProgress {
  readonly files: number
  readonly totalFiles: number
  readonly bytes: number
  readonly totalBytes: number
}

const pathsBelow = (storage: Storage, root: string): Effect.Effect<ReadonlyArray<string>, LakeError> =>
  Effect.map(storage.list(root), (found) => found.map(({ path }) => path))

const missing = (path: string): Problem => ({
  kind: "missing",
  path,
  message: "a record needs this file: restore it from a copy, or fetch the resource again",
})

/** Compares one stored file with what its records say of it. */
const verifyFile = Effect.fnUntraced(function* (
  storage: Storage,
  path: string,
  expected: ReadonlyArray<StoredFile>,
): Effect.fn.Return<Problem | undefined, LakeError> {
  const bytes = yield* storage.size(path)
  if (bytes === undefined) return missing(path)
  const sizes = new Set(expected.map((file) => file.bytes))
  if (!sizes.has(bytes)) {
    return {
      kind: "different",
      path,
      message: `it is ${bytes} bytes, its record says ${[...sizes].join(" or ")}: restore it from a copy`,
    }
  }
  const sha256 = yield* sha256Of(storage, { path, bytes })
  if (expected.every((file) => file.sha256 === sha256)) return undefined
  return {
    kind: "different",
    path,
    message: `its SHA-256 is ${sha256}, its record says ${expected[0]?.sha256}: restore it from a copy`,
  }
})

const verifyEvents = Effect.fnUntraced(function* (storage: Storage, { path, bytes }: Entry) {
  const problems: Array<Problem> = []
  let start = 0
  let unreadable = 0
  for (let whole = -1; whole !== 0; start += whole) {
    const lines = yield* readEvents(storage, path, start)
    unreadable += lines.unreadable
    whole = lines.bytes
  }
  if (unreadable > 0) {
    const message = `${unreadable} lines are no events this version knows, and were left out of the state`
    problems.push({ kind: "unreadable-events", path, message })
  }
  if (start < bytes) {
    const message = `its last ${bytes - start} bytes are a line that was cut when its process was killed: nothing to do`
    problems.push({ kind: "torn-events", path, message })
  }
  return problems
})

/** A record or rejects that belong to a record; all else in that tree is an orphan. */
const belongsTo =
  (records: ReadonlySet<string>) =>
  (path: string): boolean =>
    records.has(path) || records.has(path.replace(/(\/\d{8}T\d{9}Z)\.[^/]+\.rejects\.parquet$/, "$1.json"))

/**
 * Reads every stored file again and compares it with the records; lists what is missing, different, without a record, or cannot be read.
 * Streams: memory does not grow with the files. Fails with a `LakeError` only when it cannot look.
 */
export const verify: (
  place: LakePlace,
  onProgress?: (progress: VerifyProgress) => void,
) => Effect.Effect<Verification, LakeError> = Effect.fn("verify")(function* (place, onProgress = () => undefined) {
  const lake = yield* openLake(place, { create: false })
  const { storage } = lake
  // In this order: a file whose record is not there yet has its note until the record is.
  const raw = yield* pathsBelow(storage, "raw")
  const underWay = yield* publicationsUnderWay(lake)
  const besideRecords = yield* pathsBelow(storage, "extractions")
  const records = besideRecords.filter(isRecordName)

  const problems: Array<Problem> = []
  const expected = new Map<string, Array<StoredFile>>()
  for (const record of records) {
    const json = yield* recordText(storage, record)
    if (json === undefined) continue
    const extraction = parseRecord(json)
    if (Result.isFailure(extraction)) {
      const message = `${extraction.failure}: restore it from a copy`
      problems.push({ kind: "unreadable-record", path: record, message })
      continue
    }
    const { file, siblings } = extraction.success
    for (const stored of [file, ...Object.values(siblings)]) {
      const known = expected.get(stored.path)
      if (known === undefined) expected.set(stored.path, [stored])
      else known.push(stored)
    }
  }

  const total = {
    totalFiles: expected.size,
    totalBytes: [...expected.values()].reduce((sum, [stored]) => sum + (stored?.bytes ?? 0), 0),
  }
  let files = 0
  let bytes = 0
  yield* Effect.forEach(
    expected,
    ([stored, claims]) =>
      Effect.tap(verifyFile(storage, stored, claims), (problem) =>
        Effect.sync(() => {
          if (problem !== undefined) problems.push(problem)
          files += 1
          bytes += claims[0]?.bytes ?? 0
          onProgress({ files, bytes, ...total })
        }),
      ),
    { concurrency: 2, discard: true },
  )

  const orphan =
    (kind: string) =>
    (file: string): Problem => ({ kind: "orphan", path: file, message: `${kind}: move it out of the lake` })
  const orphans = raw.filter((file) => !expected.has(file) && !underWay.has(file))
  const known = belongsTo(new Set(records))
  const unknown = besideRecords.filter((file) => !known(file))
  if (orphans.length > 0 || unknown.length > 0) {
    // Published or removed since the lists were made.
    const since = yield* pathsBelow(storage, "extractions")
    const stillThere = new Set([...since, ...(yield* pathsBelow(storage, "raw"))])
    const knownSince = belongsTo(new Set(since.filter(isRecordName)))
    problems.push(
      ...orphans.filter((file) => stillThere.has(file)).map(orphan("no record names this file")),
      ...unknown
        .filter((file) => stillThere.has(file) && !knownSince(file))
        .map(orphan("this is no record, nor the rejects of one")),
    )
  }
  for (const file of yield* eventFiles(storage)) problems.push(...(yield* verifyEvents(storage, file)))
  return { records: records.length, files, bytes, problems: problems.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }
}, Effect.scoped)
