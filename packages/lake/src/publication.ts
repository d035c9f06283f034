/**
 * Bytes and record appear together. A durable note in `work/publishing` (a redo log) comes first: whoever finds the note of a killed process
 * finishes its work, so no file is ever left without its record, and every step may be done twice.
 */
import type { Extraction, LakeError } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { syncFolder, writeDurably } from "./disk/publish.ts"
import { entriesOf, isLeftOver, ownedName } from "./disk/work-folder.ts"
import { disk, diskNow, failure } from "./failure.ts"
import { keyOf, recordPath } from "./layout.ts"
import type { OpenLake } from "./open-lake.ts"
import { decodeRecord, encodeRecord } from "./record.ts"
import { recordText } from "./state/catch-up.ts"
import { projectRecord } from "./state/projection.ts"
import { write } from "./state/sqlite.ts"
import type { Entry, Storage } from "./storage/storage.ts"

/** A file on its way: `from` on this machine, `to` in the lake. */
export interface Move {
  readonly from: string
  readonly to: string
  readonly sha256: string
}

const Note = Schema.fromJsonString(
  Schema.Struct({
    moves: Schema.Array(Schema.Struct({ from: Schema.String, to: Schema.String, sha256: Schema.String })),
    record: Schema.String,
  }),
)

const folderOf = (lake: OpenLake): string => join(lake.folder, "work", "publishing")

/** The SHA-256 of a file of the lake, in hexadecimal. */
export const sha256Of = (storage: Storage, file: Entry): Effect.Effect<string, LakeError> =>
  Effect.suspend(() => {
    const hash = createHash("sha256")
    return Effect.as(
      Stream.runForEach(storage.stream(file, { start: 0, transient: true }), (chunk) =>
        Effect.sync(() => {
          hash.update(chunk)
        }),
      ),
      hash,
    )
  }).pipe(Effect.map((hash) => hash.digest("hex")))

const moveFile = Effect.fnUntraced(function* ({ storage }: OpenLake, { from, to, sha256 }: Move) {
  // Done before, by a process that was killed or by another one that finished its work.
  if (!existsSync(from) && (yield* storage.size(to)) !== undefined) return
  if ((yield* storage.publish(from, to)) === "published") return
  const bytes = (yield* storage.size(to)) ?? 0
  if ((yield* sha256Of(storage, { path: to, bytes })) !== sha256) {
    return yield* failure("keep", `other bytes are already stored as ${to}: run \`odh lake verify\``)
  }
})

const later = (instant: string): string => new Date(Date.parse(instant) + 1).toISOString()

/** Publishes the record under the first free millisecond from its own on. */
const publishRecord = Effect.fnUntraced(function* (lake: OpenLake, wanted: Extraction) {
  for (let extraction = wanted; ; extraction = { ...extraction, extractedAt: later(extraction.extractedAt) }) {
    const json = yield* encodeRecord(extraction)
    const target = recordPath(keyOf(extraction))
    const draft = join(lake.workFolder, ownedName(lake.owner))
    yield* disk("keep", `write ${draft}`, () => writeDurably(draft, json))
    const outcome = yield* Effect.ensuring(
      lake.storage.publish(draft, target),
      Effect.promise(() => rm(draft, { force: true })),
    )
    if (outcome === "exists" && (yield* recordText(lake.storage, target)) !== json) continue
    yield* write(lake.database, "keep", () => projectRecord(lake.database, extraction, json))
    return extraction
  }
})

const complete = Effect.fnUntraced(function* (
  lake: OpenLake,
  note: string,
  moves: ReadonlyArray<Move>,
  wanted: Extraction,
) {
  yield* Effect.forEach(moves, (move) => moveFile(lake, move), { discard: true })
  const extraction = yield* publishRecord(lake, wanted)
  yield* disk("keep", `remove ${note}`, async () => {
    await rm(note, { force: true })
    for (const { from } of moves) await rm(from, { force: true })
  })
  return extraction
})

/** Publishes files and their record, durably, all or (after a kill, until the next process comes) nothing; gives back the record as published. */
export const publishTogether = Effect.fn("Lake.publishTogether")(
  function* (lake: OpenLake, moves: ReadonlyArray<Move>, wanted: Extraction) {
    const name = ownedName(lake.owner)
    const note = join(folderOf(lake), name)
    const draft = join(lake.workFolder, name)
    const record = yield* encodeRecord(wanted)
    yield* Effect.acquireRelease(
      Effect.sync(() => lake.underWay.add(name)),
      () => Effect.sync(() => lake.underWay.delete(name)),
    )
    yield* disk("keep", `write ${note}`, async () => {
      await writeDurably(draft, JSON.stringify({ moves, record }))
      await rename(draft, note)
      await syncFolder(folderOf(lake))
    })
    return yield* complete(lake, note, moves, wanted)
  },
  Effect.scoped,
  Effect.uninterruptible,
)

/** The stored paths that publications under way have named, of any process. */
export const publicationsUnderWay = Effect.fnUntraced(function* (lake: OpenLake) {
  const names = yield* disk("verify", `list ${folderOf(lake)}`, () => entriesOf(folderOf(lake)))
  const paths = names.flatMap((name) => {
    const note = Result.flatMap(
      Result.try(() => readFileSync(join(folderOf(lake), name), "utf8")),
      Schema.decodeUnknownResult(Note),
    )
    return Result.isSuccess(note) ? note.success.moves.map((move) => move.to) : []
  })
  return new Set(paths)
})

const completeNote = Effect.fnUntraced(function* (lake: OpenLake, name: string) {
  const path = join(folderOf(lake), name)
  const found = yield* Effect.result(diskNow("keep", `read ${path}`, () => readFileSync(path, "utf8")))
  // Another process was faster.
  if (Result.isFailure(found)) return
  const note = yield* Effect.mapError(Effect.fromResult(Schema.decodeUnknownResult(Note)(found.success)), (cause) =>
    failure("keep", `${path} cannot be read: move it away, then run \`odh lake verify\``, undefined, cause),
  )
  const wanted = yield* decodeRecord(path, note.record)
  const isThere = yield* Effect.forEach(note.moves, ({ from, to }) =>
    existsSync(from) ? Effect.succeed(true) : Effect.map(lake.storage.size(to), (size) => size !== undefined),
  )
  if (isThere.every(Boolean)) yield* complete(lake, path, note.moves, wanted)
  else yield* disk("keep", `remove ${path}`, () => rm(path, { force: true }))
})

/** Finishes what killed processes, and failed attempts of this one, were publishing. */
export const completeLeftOvers: (lake: OpenLake) => Effect.Effect<void, LakeError> = Effect.fn(
  "Lake.completeLeftOvers",
)(function* (lake) {
  const now = yield* Clock.currentTimeMillis
  const names = yield* disk("keep", `list ${folderOf(lake)}`, () => entriesOf(folderOf(lake)))
  for (const name of names) {
    const path = join(folderOf(lake), name)
    const isMine = name.startsWith(ownedName(lake.owner).slice(0, -36)) && !lake.underWay.has(name)
    if (isMine || (yield* Effect.promise(() => isLeftOver(path, name, now).catch(() => false))))
      yield* completeNote(lake, name)
  }
}, Effect.uninterruptible)
