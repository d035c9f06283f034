/**
 * A file that is on its way, and its note. Each writer has files of its own, so two downloads of one address never meet in one file.
 */
import { type FetchError, terminal } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { createHash, type Hash, randomUUID } from "node:crypto"
import { createReadStream } from "node:fs"
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises"
import { basename, join } from "node:path"
import { Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { failure } from "../failure.ts"
import { publicUrl } from "../network/url.ts"
import { takeLeftBehind } from "./left-behind.ts"
import { writeNote } from "./note.ts"
import { type Owner, self } from "./owner.ts"
import type { Version } from "./version.ts"

/** A partial file, open for its one writer. */
export interface PartialFile {
  readonly url: URL
  readonly notePath: string
  readonly path: string
  readonly file: FileHandle
  /** Of all bytes in the file. */
  hash: Hash
  /** Bytes in the file. */
  size: number
  /** What they are of. Undefined: nobody can go on with them. */
  version: Version | undefined
  /** When, and at how many bytes, all of it was last known to be on the disk. */
  committed: { readonly at: number; readonly size: number }
  /** The file is whole and the caller's. */
  finished: boolean
}

const MIB = 1024 ** 2

/** Between two commits: a second, or so many bytes: one part in 32 of the file, 1 to 32 MiB. A download that is killed loses no more. */
const commitEvery = { milliseconds: 1000, parts: 32, least: MIB, most: 32 * MIB }

const bytesBetween = (total: number | undefined): number =>
  Math.min(commitEvery.most, Math.max(commitEvery.least, (total ?? 0) / commitEvery.parts))

const disk = <A>(url: URL, run: () => Promise<A>): Effect.Effect<A, FetchError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      failure(
        url,
        `the file cannot be kept (${error instanceof Error ? error.message : "unknown error"}); check the folder and its free space`,
        terminal,
        error,
      ),
  })

type About = Pick<PartialFile, "url" | "notePath" | "path" | "version" | "committed">

const noteOf = (part: About, owner: Owner | null) =>
  writeNote(part.notePath, {
    format: 1,
    url: publicUrl(part.url),
    part: basename(part.path),
    size: part.committed.size,
    version: part.version ?? null,
    owner,
  })

/** Hashes the first `size` bytes of a file. */
const hashOf = (path: string, size: number): Promise<Hash> => {
  const hash = createHash("sha256")
  if (size === 0) return Promise.resolve(hash)
  const into = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done()
    },
  })
  return pipeline(createReadStream(path, { end: size - 1, highWaterMark: 1024 ** 2 }), into).then(() => hash)
}

const create = Effect.fnUntraced(function* (url: URL, folder: string) {
  yield* disk(url, () => mkdir(folder, { recursive: true }))
  const prefix = createHash("sha256").update(url.href).digest("hex").slice(0, 32)
  const own = join(folder, `${prefix}.${randomUUID().slice(0, 8)}.part`)
  const left = yield* takeLeftBehind(folder, `${prefix}.`, `${own}.json`)
  const size = left?.size ?? 0
  const about = {
    url,
    notePath: `${own}.json`,
    path: left?.path ?? own,
    size,
    version: left?.version,
    committed: { at: yield* Clock.currentTimeMillis, size },
  }
  // The note is first: a file without a note would be nobody's, and stay for ever.
  yield* disk(url, () => noteOf(about, self))
  const file = yield* disk(url, () => open(about.path, "a"))
  const part: PartialFile = { ...about, file, hash: createHash("sha256"), finished: false }
  return part
})

const remove = (part: PartialFile) => Promise.all([rm(part.path, { force: true }), rm(part.notePath, { force: true })])

/** What stays when a download ends before its end: bytes that can be gone on with after a transient failure or an interruption, else nothing. */
const release = (part: PartialFile, exit: Exit.Exit<unknown, unknown>) => {
  const failed = Exit.isFailure(exit) ? exit.cause.reasons.find((reason) => reason._tag === "Fail") : undefined
  const mayPass =
    Exit.isFailure(exit) && (failed === undefined || (failed.error as FetchError).reason._tag === "Transient")
  return Effect.gen(function* () {
    if (part.finished) return
    if (mayPass && part.version !== undefined && part.size > 0) yield* commit(part, null)
    else yield* disk(part.url, () => remove(part))
  }).pipe(Effect.ignore, Effect.andThen(Effect.promise(() => part.file.close().catch(() => undefined))))
}

/** Opens a partial file for `url` in `folder`: one that was left behind, its bytes hashed again, or a new one. */
export const openPartial = Effect.fnUntraced(function* (url: URL, folder: string) {
  const part = yield* Effect.acquireRelease(create(url, folder), release)
  yield* disk(url, () => part.file.truncate(part.size))
  part.hash = yield* disk(url, () => hashOf(part.path, part.size))
  return part
})

/** Makes sure that all bytes so far are on the disk, and says so in the note. */
const commit = Effect.fnUntraced(function* (part: PartialFile, owner: Owner | null) {
  const size = part.size
  yield* disk(part.url, () => part.file.datasync())
  part.committed = { at: yield* Clock.currentTimeMillis, size }
  yield* disk(part.url, () => noteOf(part, owner))
})

/** Throws away what is there; what comes is of `version`. */
export const startAgain = Effect.fnUntraced(function* (part: PartialFile, version: Version | undefined) {
  part.version = undefined
  part.committed = { at: 0, size: 0 }
  yield* disk(part.url, () => noteOf(part, self))
  yield* disk(part.url, () => part.file.truncate(0))
  part.hash = createHash("sha256")
  part.size = 0
  part.version = version
})

/** Adds bytes. They are written once it returns, and on the disk for certain at the next commit. */
export const append = Effect.fnUntraced(function* (part: PartialFile, bytes: Uint8Array, now: number) {
  yield* disk(part.url, () => part.file.appendFile(bytes))
  part.hash.update(bytes)
  part.size += bytes.length
  const { at, size } = part.committed
  const due = now - at >= commitEvery.milliseconds || part.size - size >= bytesBetween(part.version?.total)
  if (part.version !== undefined && part.version.total !== part.size && due) yield* commit(part, self)
}, Effect.uninterruptible)

/** Ends a whole file: on the disk, under a name that no other download touches. Gives its path and hash. */
export const finish = Effect.fnUntraced(function* (part: PartialFile) {
  const path = part.notePath.replace(/\.part\.json$/, ".download")
  yield* disk(part.url, () => part.file.sync())
  yield* disk(part.url, () => rename(part.path, path))
  part.finished = true
  yield* disk(part.url, () => rm(part.notePath, { force: true }))
  return { path, sha256: part.hash.digest("hex") }
}, Effect.uninterruptible)
