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
import { checkDepth, ZipOptions } from "../caps.ts"
import { memberRawFile, within, withSiblings } from "../member.ts"
import { whyUnsafe } from "../names.ts"
import { isDocument, whyNotData } from "../not-data.ts"
import { type Archive, type ArchiveEntry, openArchive, zipError } from "./archive.ts"
import { endsArchive } from "./end-record.ts"
import { unpackEntry, whyNotUnpacked } from "./unpack.ts"

const FILE_KIND = 0o170000
const REGULAR = 0o100000
const SYMBOLIC_LINK = 0o120000

const isDirectory = ({ name, entry }: ArchiveEntry): boolean =>
  name.endsWith("/") || (entry.size === 0 && (entry.attributes & 0x10) !== 0)

/** Why an entry is left out, or `undefined`. */
const leftOut = ({ name, entry }: ArchiveEntry): SkippedMember | undefined => {
  const unsafe = (why: string): SkippedMember => ({ name, why, code: "unsafe-member" })
  const dangerous = whyUnsafe(name)
  if (dangerous !== undefined) return unsafe(dangerous)
  const foreign = whyNotData(name)
  if (foreign !== undefined) return { name, why: foreign, code: "foreign-member" }
  // The upper half of the attributes is Unix's, zero from other systems.
  const kind = (entry.attributes >>> 16) & FILE_KIND
  if (kind === SYMBOLIC_LINK) return unsafe("a symbolic link")
  if (kind !== 0 && kind !== REGULAR) return unsafe("a device or the like")
  const why = whyNotUnpacked(entry) ?? entry.damage
  return why === undefined ? undefined : { name, why, code: "unreadable-member" }
}

const membersOf = (
  file: RawFile,
  { handle, start, entries, trailing }: Archive,
): ReadonlyArray<RawFile | SkippedMember> => {
  const files = entries.filter((entry) => !isDirectory(entry))
  const members = withSiblings(
    files.filter((each) => leftOut(each) === undefined),
    ({ name, entry }, siblings) =>
      memberRawFile({
        plugin: "zip",
        archive: file,
        name,
        size: entry.size,
        siblings,
        unpack: (range) => {
          const unpacked = unpackEntry(handle, start, entry)
          return range === undefined ? unpacked : within(unpacked, range)
        },
        toError: (cause) => zipError(file.name, name, cause),
      }),
  )
  const behind: SkippedMember = { name: file.name, why: `${trailing} bytes after its end were ignored` }
  return [...members, ...files.map(leftOut).filter((each) => each !== undefined), ...(trailing === 0 ? [] : [behind])]
}

const expand = Effect.fnUntraced(function* (file: RawFile, options: ZipOptions) {
  yield* checkDepth("zip", file, options.maxDepth)
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

/** A member, an empty archive, or the mark of one that once was in several parts. */
const HEADS = ["PK\u0003\u0004", "PK\u0005\u0006", "PK\u0007\u0008", "PK00"]

/**
 * Zip archives: each member that may be data, in the archive's order, readable as long as the scope lives; the others with the reason.
 * @example
 * formats: [zip({ maxBytes: 10_000_000_000 })]
 */
export const zip = defineContainer({
  id: "zip",
  apiVersion: 1,
  // 2: names in code page 850, bytes before and after the archive, bzip2 and zstd members. 3: Deflate64 members.
  fingerprint: 3,
  config: Schema.toStandardSchemaV1(ZipOptions, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  // Workbooks are zips too: once the members are known, their format may claim the file. What begins as something else and ends as a zip
  // unpacks itself, or did.
  detects: ({ head, tail }) =>
    HEADS.includes(Buffer.from(head.subarray(0, 4)).toString("latin1")) || endsArchive(tail.length > 0 ? tail : head)
      ? 0.9
      : 0,
  members: (file, options): Effect.Effect<ReadonlyArray<string>, ReadError> =>
    Effect.scoped(
      Effect.map(openArchive(file, options), ({ entries }) =>
        entries.filter((entry) => !isDirectory(entry)).map(({ name }) => name),
      ),
    ),
  expand: (file, options) => Stream.fromEffect(expand(file, options)).pipe(Stream.flatMap(Stream.fromIterable)),
})
