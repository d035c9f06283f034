/** Raw files in memory, cut as a test wants. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readlinkSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import type { ReadError } from "../contracts/errors.ts"
import type { ByteRange } from "../contracts/probe.ts"
import type { RawFile } from "../contracts/raw-file.ts"

/** Cuts bytes into chunks of the given sizes, the last size repeated. */
export const cut = (bytes: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = Math.max(1, sizes[Math.min(n, sizes.length - 1)] ?? bytes.length)
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

/** Sizes of 1 to `most` bytes, the same for the same seed. */
export const seededSizes = (seed: number, count: number, most: number): ReadonlyArray<number> => {
  let state = seed >>> 0
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 1 + (state % most)
  })
}

/** The chunks of a range, cut where those of the file are. */
const within = (chunks: ReadonlyArray<Uint8Array>, { end = Infinity, start }: ByteRange): ReadonlyArray<Uint8Array> => {
  let at = 0
  return chunks.flatMap((chunk) => {
    const from = at
    at += chunk.length
    const part = chunk.subarray(Math.max(0, start - from), Math.max(0, Math.min(chunk.length, end - from)))
    return part.length === 0 ? [] : [part]
  })
}

/** Hands out each chunk where the one before was, in a Buffer, whose `slice` does not copy: a reader that kept one will see. */
const inSameMemory = (): ((chunk: Uint8Array) => Uint8Array) => {
  let memory = Buffer.alloc(0)
  return (chunk) => {
    if (memory.length < chunk.length) memory = Buffer.alloc(chunk.length)
    memory.fill(0).set(chunk)
    return memory.subarray(0, chunk.length)
  }
}

/** What a test can know about the reading of a file. */
export interface Watched {
  readonly file: RawFile
  /** Chunks pulled so far. */
  readonly pulled: () => number
  /** Bytes handed out so far, those of local copies included. */
  readonly bytesRead: () => number
  /** Streams, local copies and file descriptors of these that were taken and not given back yet. */
  readonly open: () => number
}

/** The descriptors of this process that point into a folder; where the system does not tell, none. */
const descriptorsIn = (folder: string): number => {
  if (!existsSync("/proc/self/fd")) return 0
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
    } catch {
      // The descriptor of the listing itself is closed by now.
      return false
    }
  }).length
}

/** A file of the given chunks, whose reading is watched. */
export const watchedFile = (
  name: string,
  chunks: ReadonlyArray<Uint8Array>,
  options: { readonly declared?: string; readonly failAt?: { readonly chunk: number; readonly error: ReadError } } = {},
): Watched => {
  let pulled = 0
  let bytesRead = 0
  let open = 0
  const folders: Array<string> = []
  const whole = Buffer.concat(chunks)
  // A range fails when it reaches the byte where the chunks do.
  const failsFrom = chunks.slice(0, options.failAt?.chunk).reduce((sum, chunk) => sum + chunk.length, 0)
  const bytes: RawFile["bytes"] = (range) => {
    const isWhole = range === undefined || (range.start === 0 && range.end === undefined)
    const parts = isWhole ? chunks : within(chunks, range)
    const handOut = range?.transient === true ? inSameMemory() : (chunk: Uint8Array) => chunk
    return Stream.unwrap(
      Effect.acquireRelease(
        Effect.sync(() => {
          open++
        }),
        () =>
          Effect.sync(() => {
            open--
          }),
      ).pipe(
        Effect.as(
          Stream.fromIterable(parts).pipe(
            Stream.rechunk(1),
            Stream.mapEffect((chunk) =>
              Effect.suspend(() => {
                const fails = isWhole ? pulled >= (options.failAt?.chunk ?? 0) : (range.end ?? whole.length) > failsFrom
                if (options.failAt !== undefined && fails) return Effect.fail(options.failAt.error)
                pulled++
                bytesRead += chunk.length
                return Effect.succeed(handOut(chunk))
              }),
            ),
          ),
        ),
      ),
    )
  }
  const file: RawFile = {
    name,
    size: whole.length,
    identity: createHash("sha256").update(whole).digest("hex"),
    bytes,
    local:
      options.failAt !== undefined
        ? Effect.fail(options.failAt.error)
        : Effect.map(
            Effect.acquireRelease(
              Effect.promise(async () => {
                const folder = await mkdtemp(join(tmpdir(), "odh-law-"))
                await writeFile(join(folder, basename(name) || "file"), whole)
                folders.push(folder)
                bytesRead += whole.length
                open++
                return folder
              }),
              (folder) =>
                Effect.promise(async () => {
                  open--
                  await rm(folder, { recursive: true, force: true })
                }),
            ),
            (folder) => join(folder, basename(name) || "file"),
          ),
    siblings: [],
  }
  return {
    file,
    pulled: () => pulled,
    bytesRead: () => bytesRead,
    open: () => open + folders.reduce((sum, folder) => sum + descriptorsIn(folder), 0),
  }
}

/** A file in memory, in one chunk. */
export const memoryFile = (name: string, bytes: Uint8Array | string): RawFile =>
  watchedFile(name, [typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes]).file
