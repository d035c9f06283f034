/** A stored file as core hands it to formats: streamed in chunks, seekable, checked against its record. */
import type { ByteRange, Extraction, LakeError, RawFile, StoredFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type FileHandle, open } from "node:fs/promises"
import { disk, failure, saysCode, diskFailure } from "./failure.ts"
import { absolute } from "./layout.ts"

/** In bytes. */
const CHUNK = 512 * 1024

const openChecked = (path: string, stored: StoredFile): Effect.Effect<FileHandle, LakeError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => open(path, "r"),
      catch: (cause) =>
        saysCode(cause, "ENOENT")
          ? failure(
              "open",
              `${stored.path} is missing from the lake: run \`odh lake verify\`, then restore it from a copy or fetch the resource again`,
              undefined,
              cause,
            )
          : diskFailure("open", `read ${stored.path}`, cause),
    }),
    (handle) => Effect.promise(() => handle.close()),
  ).pipe(
    Effect.tap((handle) =>
      Effect.flatMap(
        disk("open", `read ${stored.path}`, () => handle.stat()),
        ({ size }) => (size === stored.bytes ? Effect.void : Effect.fail(differs(stored, size))),
      ),
    ),
  )

const differs = (stored: StoredFile, size: number): LakeError =>
  failure(
    "open",
    `${stored.path} is ${size} bytes, its record says ${stored.bytes}: run \`odh lake verify\`, then restore it from a copy`,
  )

const chunks = (
  path: string,
  stored: StoredFile,
  { start, end = stored.bytes, transient = false }: ByteRange,
): Stream.Stream<Uint8Array, LakeError> => {
  const last = Math.min(end, stored.bytes)
  const readFrom = (handle: FileHandle) => {
    const shared = transient ? new Uint8Array(CHUNK) : undefined
    return Effect.fnUntraced(function* (position: number) {
      const wanted = Math.min(CHUNK, last - position)
      const { bytesRead, buffer } = yield* disk("open", `read ${stored.path}`, () =>
        handle.read(shared ?? new Uint8Array(wanted), 0, wanted, position),
      )
      if (bytesRead === 0) return yield* differs(stored, position)
      const next = position + bytesRead
      return [[buffer.subarray(0, bytesRead)], next < last ? Option.some(next) : Option.none<number>()] as const
    })
  }
  const first = Math.max(0, start)
  return Stream.unwrap(
    Effect.map(openChecked(path, stored), (handle) =>
      first < last ? Stream.paginate(first, readFrom(handle)) : Stream.empty,
    ),
  )
}

const rawFile = (lake: string, stored: StoredFile, siblings: ReadonlyArray<StoredFile>): RawFile => {
  const path = absolute(lake, stored.path)
  return {
    name: stored.name,
    size: stored.bytes,
    identity: stored.sha256,
    ...(stored.mediaType === undefined ? {} : { mediaType: stored.mediaType }),
    bytes: (range = { start: 0 }) => chunks(path, stored, range),
    local: Effect.as(openChecked(path, stored), path),
    siblings: siblings.map((sibling) => rawFile(lake, sibling, [])),
  }
}

/** The file of an extraction, with its bundle. */
export const openExtraction = (lake: string, extraction: Extraction): RawFile =>
  rawFile(lake, extraction.file, Object.values(extraction.siblings))
