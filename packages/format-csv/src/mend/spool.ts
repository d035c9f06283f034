/** A file in the work folder that goes with its scope. */
import { FormatError, type RawFile, terminal, WorkFolder } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { type FileHandle, mkdir, open, rm } from "node:fs/promises"
import { join } from "node:path"

/** In bytes. */
const CHUNK = 1 << 20

export interface Spool {
  readonly write: (bytes: Uint8Array | string) => Effect.Effect<void, FormatError>
  /** What was written; chunks are transient, whatever is asked for. */
  readonly file: RawFile
}

/** All of a file in the same memory, chunk by chunk. */
async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK)
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** `name`: of the file that it is made of, for errors. */
export const spool = Effect.fnUntraced(function* (name: string): Effect.fn.Return<Spool, FormatError, Scope.Scope> {
  const folder = yield* WorkFolder
  const path = join(folder, `csv-${randomUUID()}`)
  const diskError = (cause: unknown): FormatError =>
    new FormatError({
      plugin: "csv",
      operation: "relations",
      reason: terminal,
      message: `${name}: cannot be written without its odd records to ${folder}; check its space and rights`,
      cause,
    })
  const onDisk = <A>(run: () => Promise<A>): Effect.Effect<A, FormatError> =>
    Effect.tryPromise({ try: run, catch: diskError })
  const handle = yield* Effect.acquireRelease(
    onDisk(async () => {
      await mkdir(folder, { recursive: true })
      return open(path, "wx+")
    }),
    (opened) => Effect.promise(() => opened.close().then(() => rm(path, { force: true }))),
  )
  return {
    write: (bytes) => (bytes.length === 0 ? Effect.void : onDisk(() => handle.writeFile(bytes))),
    file: {
      name,
      size: undefined,
      identity: path,
      bytes: () => Stream.fromAsyncIterable(chunksOf(handle), diskError),
      local: Effect.succeed(path),
      siblings: [],
    },
  }
})
