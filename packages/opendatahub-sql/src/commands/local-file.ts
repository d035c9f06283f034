/** A file of the user's disk as a raw file: for `convert` and `inspect`, which keep nothing. */
import { type ByteRange, LakeError, misconfigured, type RawFile, type Reason, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { open, readdir, stat } from "node:fs/promises"
import { basename, dirname, extname, join, resolve } from "node:path"

const CHUNK_BYTES = 524_288

const tried = <A>(path: string, reason: Reason, what: () => Promise<A>): Effect.Effect<A, LakeError> =>
  Effect.tryPromise({
    try: what,
    catch: (cause) =>
      new LakeError({
        plugin: "odh",
        operation: "read",
        reason,
        message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      }),
  })

const chunks = (
  path: string,
  size: number,
  { start, end = size, transient = false }: ByteRange,
): Stream.Stream<Uint8Array, LakeError> => {
  const last = Math.min(end, size)
  const room = (position: number): Buffer => Buffer.allocUnsafeSlow(Math.max(0, Math.min(CHUNK_BYTES, last - position)))
  const handle = Effect.acquireRelease(
    tried(path, terminal, () => open(path, "r")),
    (opened) => Effect.promise(() => opened.close()),
  )
  return Stream.unwrap(
    Effect.map(handle, (opened) => {
      const shared = transient ? room(start) : undefined
      return Stream.paginate(start, (position) =>
        Effect.map(
          tried(path, terminal, () =>
            opened.read(shared?.subarray(0, Math.max(0, last - position)) ?? room(position), { position }),
          ),
          ({ bytesRead, buffer }) => {
            const next = position + bytesRead
            return [
              bytesRead === 0 ? [] : [buffer.subarray(0, bytesRead)],
              bytesRead === 0 || next >= last ? Option.none() : Option.some(next),
            ] as const
          },
        ),
      )
    }),
  )
}

/** Files of the same name with another extension: what a bundle is made of (a shapefile's `.dbf`, `.prj`…). */
const siblingPaths = async (path: string): Promise<ReadonlyArray<string>> => {
  const stem = (name: string): string => name.slice(0, name.length - extname(name).length)
  const entries = await readdir(dirname(path), { withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name !== basename(path) && stem(entry.name) === stem(basename(path)))
    .map(({ name }) => join(dirname(path), name))
}

const rawFile = (
  absolute: string,
  found: { readonly size: number; readonly mtimeMs: number },
  siblings: ReadonlyArray<RawFile>,
): RawFile => ({
  name: basename(absolute),
  size: found.size,
  identity: createHash("sha256").update(`${absolute}\u0000${found.size}\u0000${found.mtimeMs}`).digest("hex"),
  bytes: (range = { start: 0 }) => chunks(absolute, found.size, range),
  local: Effect.succeed(absolute),
  siblings,
})

/** Opens a local file, with the files of the same name beside it. Its identity is made of path, size and time: nothing is hashed. */
export const localFile = Effect.fnUntraced(function* (path: string): Effect.fn.Return<RawFile, LakeError> {
  const absolute = resolve(path)
  const found = yield* tried(path, misconfigured, () => stat(absolute))
  if (found.isDirectory()) {
    return yield* new LakeError({
      plugin: "odh",
      operation: "read",
      reason: misconfigured,
      message: `${path} is a folder: give its files, \`${path}/*\``,
    })
  }
  const siblings = yield* Effect.forEach(yield* tried(path, terminal, () => siblingPaths(absolute)), (sibling) =>
    Effect.map(
      tried(sibling, terminal, () => stat(sibling)),
      (of) => rawFile(sibling, of, []),
    ),
  )
  return rawFile(absolute, found, siblings)
})
