/** A raw file as hyparquet reads it: any range of bytes, on demand. */
import { dataQuality, FormatError, type RawFile, type ReadError } from "@opendatahub-sql/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type * as Scope from "effect/Scope"
import { type AsyncBuffer, asyncBufferFromFile } from "hyparquet"

const isReadError = (cause: unknown): cause is ReadError =>
  typeof cause === "object" &&
  cause !== null &&
  "_tag" in cause &&
  (cause._tag === "LakeError" || cause._tag === "FormatError")

/** What a failed read becomes: errors of the bytes pass unchanged, what hyparquet throws is the file's fault. */
export const readError = (file: RawFile, cause: unknown): ReadError => {
  if (isReadError(cause)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new FormatError({
    plugin: "parquet",
    operation: "read",
    reason: dataQuality,
    message: `${file.name}: cannot be read as Parquet (${why}); fetch it again, or ask its publisher`,
    cause,
  })
}

/** The bytes of a file by range. A member of an archive is unpacked to the disk first: each range of it would be unpacked from its start. */
export const asyncBuffer = Effect.fnUntraced(function* (
  file: RawFile,
): Effect.fn.Return<AsyncBuffer, ReadError, Scope.Scope> {
  const { size } = file
  if (size === undefined || file.identity.includes("!")) {
    const path = yield* file.local
    return yield* Effect.tryPromise({ try: () => asyncBufferFromFile(path), catch: (cause) => readError(file, cause) })
  }
  const run = Effect.runPromiseExitWith(yield* Effect.context<never>())
  const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
    const exit = await run(Stream.runCollect(file.bytes({ start: start < 0 ? size + start : start, end })))
    if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
    const bytes = new Uint8Array(exit.value.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of exit.value) {
      bytes.set(part, at)
      at += part.length
    }
    return bytes.buffer
  }
  return { byteLength: size, slice }
})
