/** A file of the user's disk as a raw file: for `convert` and `inspect`, which keep nothing. */
import { LakeError, misconfigured, type RawFile, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { basename, resolve } from "node:path"

const CHUNK_BYTES = 1_048_576

/** Opens a local file. Its identity is made of path, size and time: nothing is hashed. */
export const localFile = Effect.fnUntraced(function* (path: string): Effect.fn.Return<RawFile, LakeError> {
  const found = yield* Effect.tryPromise({
    try: () => stat(path),
    catch: (cause) => new LakeError({ plugin: "odh", operation: "open", reason: misconfigured, message: `${path} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, cause }),
  })
  const absolute = resolve(path)
  return {
    name: basename(path),
    size: found.size,
    identity: createHash("sha256").update(`${absolute}\u0000${found.size}\u0000${found.mtimeMs}`).digest("hex"),
    bytes: (range) =>
      Stream.fromAsyncIterable(
        createReadStream(absolute, { highWaterMark: CHUNK_BYTES, ...(range === undefined ? {} : { start: range.start, ...(range.end === undefined ? {} : { end: range.end - 1 }) }) }) as AsyncIterable<Uint8Array>,
        (cause) => new LakeError({ plugin: "odh", operation: "read", reason: terminal, message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause }),
      ),
    local: Effect.succeed(absolute),
    siblings: [],
  }
})
