/** The zip container: detect by magic, list, expand. */
import {
  dataQuality,
  defineContainer,
  FormatError,
  type RawFile,
  type ReadError,
  type SkippedMember,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type Archive, type ArchiveEntry, openArchive, unpackEntry, zipError } from "./archive.ts"
import { capError, depthOf, memberIdentity, ZipOptions } from "./caps.ts"
import { memberRawFile } from "./member.ts"
import { leavesRoot } from "./member-names.ts"
import { isDocument, whyNotData } from "./not-data.ts"

const SYMBOLIC_LINK = 0o120000

const isDirectory = ({ name, entry }: ArchiveEntry): boolean =>
  name.endsWith("/") || (entry.uncompressedSize === 0 && (entry.externalFileAttributes & 0x10) !== 0)

/** Why an entry is left out, or `undefined`. */
const whySkipped = ({ name, entry }: ArchiveEntry): string | undefined => {
  if (leavesRoot(name)) return "its name leaves the archive"
  const why = whyNotData(name)
  if (why !== undefined) return why
  if (((entry.externalFileAttributes >>> 16) & 0o170000) === SYMBOLIC_LINK) return "a symbolic link"
  if (entry.isEncrypted()) return "encrypted: ask its publisher for an open archive"
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return `compression method ${entry.compressionMethod} is not supported: ask its publisher for a plain zip (deflate)`
  return undefined
}

const stemOf = (name: string): string => {
  const dot = name.lastIndexOf(".")
  return dot > name.lastIndexOf("/") ? name.slice(0, dot) : name
}

const membersOf = (file: RawFile, { zip, entries }: Archive): ReadonlyArray<RawFile | SkippedMember> => {
  const files = entries.filter((entry) => !isDirectory(entry))
  const raw = ({ name, entry }: ArchiveEntry, siblings: ReadonlyArray<RawFile>): RawFile =>
    memberRawFile({
      plugin: "zip",
      name,
      size: entry.uncompressedSize,
      identity: memberIdentity(file.identity, name),
      siblings,
      unpack: () => unpackEntry(zip, entry),
      toError: (cause) => zipError(file.name, name, cause),
    })
  const bundles = new Map<string, Array<ArchiveEntry>>()
  for (const each of files) {
    if (whySkipped(each) !== undefined) continue
    const stem = stemOf(each.name)
    bundles.set(stem, [...(bundles.get(stem) ?? []), each])
  }
  return files.map((each) => {
    const why = whySkipped(each)
    if (why !== undefined) return { name: each.name, why }
    const others = bundles.get(stemOf(each.name)) ?? []
    return raw(
      each,
      others.filter((other) => other !== each).map((other) => raw(other, [])),
    )
  })
}

const expand = Effect.fnUntraced(function* (file: RawFile, options: ZipOptions) {
  if (depthOf(file) >= options.maxDepth)
    return yield* capError("zip", file.name, `it lies in ${depthOf(file)} archives`, "maxDepth")
  const archive = yield* openArchive(file, options)
  if (isDocument(archive.entries.map(({ name }) => name))) {
    return yield* new FormatError({
      plugin: "zip",
      operation: "expand",
      reason: dataQuality,
      message: `${file.name}: it is an office document (workbook, text), not an archive of data; add a format that reads it, or ask its publisher for CSV`,
    })
  }
  return membersOf(file, archive)
})

/**
 * Zip archives: each member that may be data, in the archive's order, readable as long as the scope lives; the others with the reason.
 * @example
 * containers: [zip({ maxBytes: 10_000_000_000 })]
 */
export const zip = defineContainer({
  id: "zip",
  apiVersion: 1,
  fingerprint: 1,
  config: Schema.toStandardSchemaV1(ZipOptions, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  // PK 3 4 begins a member, PK 5 6 an empty archive. Workbooks are zips too: once the members are known, their format may claim the file.
  detects: ({ head: [a, b, c, d] }) =>
    a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6)) ? 0.9 : 0,
  members: (file, options): Effect.Effect<ReadonlyArray<string>, ReadError> =>
    Effect.scoped(
      Effect.map(openArchive(file, options), ({ entries }) =>
        entries.filter((entry) => !isDirectory(entry)).map(({ name }) => name),
      ),
    ),
  expand: (file, options) => Stream.fromEffect(expand(file, options)).pipe(Stream.flatMap(Stream.fromIterable)),
})
