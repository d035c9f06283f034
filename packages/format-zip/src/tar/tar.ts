/** The tar container: detect by magic or checksum, list, expand. */
import {
  type ByteRange,
  dataQuality,
  defineContainer,
  FormatError,
  type RawFile,
  type ReadError,
  type SkippedMember,
  terminal,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { open } from "node:fs/promises"
import { capError, checkDepth, isReadError, note, TarOptions } from "../caps.ts"
import { memberRawFile, withSiblings } from "../member.ts"
import { cleanName, distinctNames, whyUnsafe } from "../names.ts"
import { whyNotData } from "../not-data.ts"
import { readRange } from "../read-range.ts"
import { readDirectory, type TarEntry } from "./directory.ts"
import { BLOCK_BYTES, isHeader } from "./header.ts"

const tarError = (file: string, cause: unknown): ReadError => {
  if (isReadError(cause)) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  const isSystem = typeof (cause as { readonly syscall?: unknown } | null)?.syscall === "string"
  return new FormatError({
    plugin: "tar",
    operation: "expand",
    reason: isSystem ? terminal : dataQuality,
    message: `${file}: ${said}; ${isSystem ? "check the disk and its rights" : "fetch it again, or ask its publisher for a sound archive"}`,
    cause,
  })
}

/** The bytes of an entry, which lie in the archive as they are; throws when it ends before. */
async function* entryBytes(path: string, { start, size }: TarEntry, range: ByteRange): AsyncGenerator<Uint8Array> {
  const handle = await open(path, "r")
  try {
    const end = start + Math.min(range.end ?? size, size)
    yield* readRange(handle, { ...range, start: start + range.start, end })
  } finally {
    await handle.close()
  }
}

/** Why an entry is left out, or `undefined`. */
const leftOut = ({ name, unsafe, why }: TarEntry): SkippedMember | undefined => {
  const dangerous = whyUnsafe(name) ?? unsafe
  if (dangerous !== undefined) return { name, why: dangerous, code: "unsafe-member" }
  const foreign = whyNotData(name)
  if (foreign !== undefined) return { name, why: foreign, code: "foreign-member" }
  return why === undefined ? undefined : { name, why, code: "unreadable-member" }
}

const expand = Effect.fnUntraced(function* (file: RawFile, options: TarOptions) {
  yield* checkDepth("tar", file, options.maxDepth)
  // Headers are everywhere in a tar: one that is compressed is unpacked to the disk, once, and entered where it is needed.
  const path = yield* file.local
  const { entries, hasEnd } = yield* Effect.tryPromise({
    try: async () => {
      const handle = await open(path, "r")
      try {
        return await readDirectory(handle, (await handle.stat()).size, (count) => {
          if (note(file, "entries", count) > options.maxEntries)
            throw capError("tar", file.name, `more than ${options.maxEntries} entries`, "maxEntries")
        })
      } finally {
        await handle.close()
      }
    },
    catch: (cause) => tarError(file.name, cause),
  })
  const distinct = distinctNames()
  const named = entries
    .filter(({ isFolder }) => !isFolder)
    .map((entry) => ({ ...entry, name: distinct(cleanName(entry.name)) }))
  const members = withSiblings(
    named.filter((entry) => leftOut(entry) === undefined),
    (entry, siblings) =>
      memberRawFile({
        plugin: "tar",
        archive: file,
        name: entry.name,
        size: entry.size,
        siblings,
        unpack: (range = { start: 0 }) => entryBytes(path, entry, range),
        toError: (cause) => tarError(`${file.name}!${entry.name}`, cause),
      }),
  )
  const noEnd: SkippedMember = {
    name: file.name,
    why: "it has no end mark: cut short, or written by a careless program",
    code: "unreadable-member",
  }
  return [...members, ...named.map(leftOut).filter((each) => each !== undefined), ...(hasEnd ? [] : [noEnd])]
})

const isTar = (head: Uint8Array): boolean => {
  const block = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, BLOCK_BYTES))
  return isHeader(block) && block[0] !== 0
}

/**
 * Tar archives of every kind (v7, ustar, GNU, pax): each member that may be data, readable as long as the scope lives; links, devices, sparse
 * files and what is no data with the reason.
 * @example
 * formats: [tar({ maxEntries: 50_000 }), gzip()]
 */
export const tar = defineContainer({
  id: "tar",
  apiVersion: 1,
  fingerprint: 1,
  config: Schema.toStandardSchemaV1(TarOptions, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  detects: ({ head }) => (isTar(head) ? 0.9 : 0),
  expand: (file, options) => Stream.fromEffect(expand(file, options)).pipe(Stream.flatMap(Stream.fromIterable)),
})
