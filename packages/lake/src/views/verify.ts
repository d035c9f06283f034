/** Whether the lake still is what its records say: every stored file is read and hashed again. */
import type { LakeError, StoredFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readFileSync } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { eventFiles, readEvents } from "../events.ts"
import { disk, diskNow, saysCode } from "../failure.ts"
import { absolute } from "../layout.ts"
import { openLake } from "../open-lake.ts"
import { publicationsUnderWay, sha256Of } from "../publication.ts"
import { parseRecord } from "../record.ts"
import { recordsOnDisk } from "../state/catch-up.ts"

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

const filesUnder = (lake: string, root: string): Effect.Effect<ReadonlyArray<string>, LakeError> =>
  disk("verify", `list ${root}`, async () => {
    const entries = await readdir(join(lake, root), { recursive: true, withFileTypes: true }).catch(
      (error: unknown) => {
        if (saysCode(error, "ENOENT")) return []
        throw error
      },
    )
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) =>
        [
          root,
          ...join(entry.parentPath, entry.name)
            .slice(join(lake, root).length + 1)
            .split(/[/\\]/),
        ].join("/"),
      )
      .toSorted()
  })

const missing = (path: string): Problem => ({
  kind: "missing",
  path,
  message: "a record needs this file: restore it from a copy, or fetch the resource again",
})

/** Compares one stored file with what its records say of it. */
const verifyFile = (
  lake: string,
  path: string,
  expected: ReadonlyArray<StoredFile>,
): Effect.Effect<Problem | undefined, LakeError> =>
  disk("verify", `read ${path}`, async (): Promise<Problem | undefined> => {
    const target = absolute(lake, path)
    const found = await stat(target).catch((error: unknown) => {
      if (saysCode(error, "ENOENT", "ENOTDIR")) return undefined
      throw error
    })
    if (found === undefined || !found.isFile()) return missing(path)
    const sizes = new Set(expected.map((file) => file.bytes))
    if (!sizes.has(found.size)) {
      return {
        kind: "different",
        path,
        message: `it is ${found.size} bytes, its record says ${[...sizes].join(" or ")}: restore it from a copy`,
      }
    }
    const sha256 = await sha256Of(target)
    if (expected.every((file) => file.sha256 === sha256)) return undefined
    return {
      kind: "different",
      path,
      message: `its SHA-256 is ${sha256}, its record says ${expected[0]?.sha256}: restore it from a copy`,
    }
  })

const verifyEvents = (lake: string, path: string): ReadonlyArray<Problem> => {
  let start = 0
  let unreadable = 0
  let lines = readEvents(absolute(lake, path), start)
  for (; lines.next > start; lines = readEvents(absolute(lake, path), start)) {
    unreadable += lines.unreadable
    start = lines.next
  }
  return [
    ...(unreadable === 0
      ? []
      : [
          {
            kind: "unreadable-events",
            path,
            message: `${unreadable} lines are no events this version knows, and were left out of the state`,
          } as const,
        ]),
    ...(lines.torn === 0
      ? []
      : [
          {
            kind: "torn-events",
            path,
            message: `its last ${lines.torn} bytes are a line that was cut when its process was killed: nothing to do`,
          } as const,
        ]),
  ]
}

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
  folder: string,
  onProgress?: (progress: VerifyProgress) => void,
) => Effect.Effect<Verification, LakeError> = Effect.fn("verify")(function* (path, onProgress = () => undefined) {
  const lake = yield* openLake(path, { create: false })
  const { folder } = lake
  // In this order: a file whose record is not there yet has its note until the record is.
  const raw = yield* filesUnder(folder, "raw")
  const underWay = yield* publicationsUnderWay(lake)
  const records = yield* diskNow("verify", "list the records", () => recordsOnDisk(folder))
  const besideRecords = yield* filesUnder(folder, "extractions")

  const problems: Array<Problem> = []
  const expected = new Map<string, Array<StoredFile>>()
  for (const record of records) {
    const extraction = parseRecord(
      yield* diskNow("verify", `read ${record}`, () => readFileSync(absolute(folder, record), "utf8")),
    )
    if (Result.isFailure(extraction)) {
      problems.push({
        kind: "unreadable-record",
        path: record,
        message: `${extraction.failure}: restore it from a copy`,
      })
      continue
    }
    const { file, siblings } = extraction.success
    for (const stored of [file, ...Object.values(siblings)])
      expected.set(stored.path, [...(expected.get(stored.path) ?? []), stored])
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
      Effect.tap(verifyFile(folder, stored, claims), (problem) =>
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
  problems.push(
    ...raw.filter((file) => !expected.has(file) && !underWay.has(file)).map(orphan("no record names this file")),
  )
  const known = belongsTo(new Set(records))
  const unknown = besideRecords.filter((file) => !known(file))
  // Published since the records were listed.
  const since = new Set(yield* diskNow("verify", "list the records", () => recordsOnDisk(folder)))
  problems.push(
    ...unknown.filter((file) => !belongsTo(since)(file)).map(orphan("this is no record, nor the rejects of one")),
  )
  for (const file of yield* diskNow("verify", "list the events", () => eventFiles(folder))) {
    problems.push(...(yield* diskNow("verify", `read ${file}`, () => verifyEvents(folder, file))))
  }
  return { records: records.length, files, bytes, problems: problems.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }
}, Effect.scoped)
