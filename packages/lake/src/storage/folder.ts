/** A lake in a folder of this machine. */
import type { LakeError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { chmod, type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import type { Owner } from "../disk/owner.ts"
import { makeFolder, publish, type Publishing, syncFolder, writeDurably } from "../disk/publish.ts"
import { appendLine } from "../events.ts"
import { differs, disk, diskNow, missing, saysCode } from "../failure.ts"
import { absolute } from "../layout.ts"
import { lease } from "../state/lease.ts"
import type { Entry, Storage } from "./storage.ts"

/** In bytes. */
const CHUNK = 512 * 1024

const orUndefined = <A>(run: Promise<A>): Promise<A | undefined> =>
  run.catch((error: unknown) => {
    if (saysCode(error, "ENOENT", "ENOTDIR")) return undefined
    throw error
  })

const openChecked = (path: string, file: Entry): Effect.Effect<FileHandle, LakeError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(
      disk("open", `read ${file.path}`, () => orUndefined(open(path, "r"))),
      (handle) => (handle === undefined ? Effect.fail(missing(file.path)) : Effect.succeed(handle)),
    ),
    (handle) => Effect.promise(() => handle.close()),
  ).pipe(
    Effect.tap((handle) =>
      Effect.flatMap(
        disk("open", `read ${file.path}`, () => handle.stat()),
        ({ size }) => (size === file.bytes ? Effect.void : Effect.fail(differs(file, size))),
      ),
    ),
  )

/** A file of this machine as chunks; `path` names it in errors. */
export const chunksOf = (
  path: string,
  file: Entry,
  { start, end = file.bytes, transient = false }: Parameters<Storage["stream"]>[1],
): Stream.Stream<Uint8Array, LakeError> => {
  const last = Math.min(end, file.bytes)
  const readFrom = (handle: FileHandle) => {
    const shared = transient ? new Uint8Array(CHUNK) : undefined
    return Effect.fnUntraced(function* (position: number) {
      const wanted = Math.min(CHUNK, last - position)
      const { bytesRead, buffer } = yield* disk("open", `read ${file.path}`, () =>
        handle.read(shared ?? new Uint8Array(wanted), 0, wanted, position),
      )
      if (bytesRead === 0) return yield* differs(file, position)
      const next = position + bytesRead
      return [[buffer.subarray(0, bytesRead)], next < last ? Option.some(next) : Option.none<number>()] as const
    })
  }
  const first = Math.max(0, start)
  return Stream.unwrap(
    Effect.map(openChecked(path, file), (handle) =>
      first < last ? Stream.paginate(first, readFrom(handle)) : Stream.empty,
    ),
  )
}

/** Bytes `start` (included) to `end` (excluded) of a file of this machine, or what there is of them. */
export const readPart = async (path: string, start: number, end: number | undefined): Promise<Uint8Array> => {
  const handle = await open(path, "r")
  try {
    const { size } = await handle.stat()
    const buffer = Buffer.alloc(Math.max(0, Math.min(end ?? size, size) - start))
    let filled = 0
    for (let count = -1; count !== 0 && filled < buffer.length; filled += count)
      count = (await handle.read(buffer, filled, buffer.length - filled, start + filled)).bytesRead
    return buffer.subarray(0, filled)
  } finally {
    await handle.close()
  }
}

const listBelow = async (folder: string, path: string, since: string): Promise<ReadonlyArray<Entry>> => {
  const top = ((await orUndefined(readdir(absolute(folder, path), { withFileTypes: true }))) ?? []).filter(
    ({ name }) => name >= since,
  )
  const found: Array<Entry> = []
  for (const entry of top) {
    const below = `${path}/${entry.name}`
    if (entry.isDirectory()) found.push(...(await listBelow(folder, below, "")))
    else {
      // Another process may have removed it since.
      const stats = await orUndefined(stat(absolute(folder, below)))
      if (stats !== undefined) found.push({ path: below, bytes: stats.size })
    }
  }
  return found
}

/** What a folder needs: the folder, the state for its leases, and how names are given. */
export interface FolderOptions extends Publishing {
  readonly folder: string
  readonly database: DatabaseSync
  readonly owner: Owner
}

/** The files of a lake in a folder. */
export const folderStorage = (options: FolderOptions): Storage => {
  const { folder, database, owner } = options
  const at = (path: string): string => absolute(folder, path)
  return {
    location: folder,
    isRemote: false,
    publish: (from, to) => publish(from, at(to), options),
    read: (path, range = { start: 0 }) =>
      disk("read", `read ${path}`, () => orUndefined(readPart(at(path), range.start, range.end))),
    stream: (file, range) => chunksOf(at(file.path), file, range),
    local: (file) => Effect.as(openChecked(at(file.path), file), at(file.path)),
    size: (path) =>
      disk("read", `look at ${path}`, async () => {
        const found = await orUndefined(stat(at(path)))
        return found?.isFile() === true ? found.size : undefined
      }),
    names: (path) =>
      disk("read", `list ${path}`, async () => ((await orUndefined(readdir(at(path)))) ?? []).toSorted()),
    list: (path, since = "") =>
      disk("read", `list ${path}`, async () =>
        (await listBelow(folder, path, since)).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      ),
    append: (path, line) =>
      Effect.andThen(
        disk("record", `create ${dirname(path)}`, () => makeFolder(dirname(at(path)))),
        diskNow("record", `append to ${path}`, () => appendLine(at(path), line)),
      ),
    replace: (path, text) =>
      disk("purge", `replace ${path}`, async () => {
        const draft = join(options.workFolder, `replacement-${randomUUID()}`)
        await writeDurably(draft, text)
        await chmod(draft, 0o444)
        await rename(draft, at(path))
        await syncFolder(dirname(at(path)))
      }),
    remove: (paths) =>
      disk("remove", "remove files of the lake", async () => {
        for (const path of paths) await rm(at(path), { force: true })
      }),
    lease: (key, leasing) => lease(key, { database, owner, ...leasing }),
  }
}
