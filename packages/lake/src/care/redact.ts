/** Puts a file without certain rows in the place of one that holds them, for good: the one case in which kept bytes go. */
import type { Extraction, Lake, LakeError, Redaction, StoredFile } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { failure } from "../failure.ts"
import { extractionsOf } from "../keep.ts"
import { extensionOf, keyOf, rawPath, recordPath } from "../layout.ts"
import { type LakePlace, openLake, type OpenLake } from "../open-lake.ts"
import { encodeRecord } from "../record.ts"
import { rejectsBeside } from "./rejects-beside.ts"

/** The file of an extraction without the rows: on this machine, with its hash. It is taken over. */
export interface RedactedFile {
  readonly path: string
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  readonly mediaType: string
}

/** What is told of it: which columns named the rows and how many there were, never their values. */
export interface RedactionAudit {
  readonly run: string
  readonly columns: ReadonlyArray<string>
  readonly rows: number
  /** Tells it, in the events of the run. */
  readonly record: Lake["Service"]["record"]
}

const rewrite = Effect.fnUntraced(function* (lake: OpenLake, extraction: Extraction) {
  yield* lake.storage.replace(recordPath(keyOf(extraction)), yield* encodeRecord(extraction))
})

/** Removes files of before that no record names any more: also what a process that was killed had left. */
const removeFormer = Effect.fnUntraced(function* (lake: OpenLake, extractions: ReadonlyArray<Extraction>) {
  const named = new Set(
    extractions.flatMap(({ file, siblings }) => [file, ...Object.values(siblings)].map(({ path }) => path)),
  )
  const former = extractions.flatMap(({ redactions = [] }) => redactions.map(({ was }) => was))
  yield* lake.storage.remove([...new Set(former)].filter((path) => !named.has(path)))
})

/**
 * Replaces the file of an extraction, and of every other one of its resource that has the same file, removes their rejects, and says so in
 * the events. Gives the extractions as they are now. May be done again after a kill. Fails with a `LakeError`.
 */
export const redact: (
  place: LakePlace,
  extraction: Extraction,
  redacted: RedactedFile,
  audit: RedactionAudit,
) => Effect.Effect<ReadonlyArray<Extraction>, LakeError> = Effect.fn("redact")(function* (
  place,
  extraction,
  redacted,
  { run, columns, rows, record },
) {
  const lake = yield* openLake(place, { create: false })
  const key = keyOf(extraction)
  yield* lake.storage.lease(key, { run, wait: 30_000 })
  if (Object.keys(extraction.siblings).length > 0) {
    return yield* failure(
      "purge",
      `${extraction.file.path} is one of several files that belong together, which cannot be written again without rows`,
    )
  }
  const at = new Date(yield* Clock.currentTimeMillis).toISOString()
  const path = rawPath(key, redacted.sha256, extensionOf(redacted.name, undefined))
  yield* lake.storage.publish(redacted.path, path)
  const file: StoredFile = {
    path,
    name: redacted.name,
    sha256: redacted.sha256,
    bytes: redacted.bytes,
    mediaType: redacted.mediaType,
    validators: extraction.file.validators,
  }
  const redaction: Redaction = { at, was: extraction.file.path, sha256: extraction.file.sha256, columns, rows }
  const changed: Array<Extraction> = []
  for (const one of yield* extractionsOf(lake, key)) {
    if (one.file.path !== extraction.file.path) continue
    const now: Extraction = { ...one, file, redactions: [...(one.redactions ?? []), redaction] }
    yield* rewrite(lake, now)
    yield* record({
      _tag: "Redacted",
      at,
      run,
      ...key,
      extractedAt: one.extractedAt,
      was: one.file.sha256,
      sha256: file.sha256,
      columns,
      rows,
    })
    yield* lake.storage.remove(yield* rejectsBeside(lake.storage, recordPath(keyOf(one))))
    changed.push(now)
  }
  yield* removeFormer(lake, yield* extractionsOf(lake, key))
  return changed
}, Effect.scoped)
