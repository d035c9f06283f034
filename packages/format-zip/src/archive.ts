/** A zip archive, opened and checked: its directory read whole, its members not at all. */
import { dataQuality, FormatError, type RawFile, type ReadError, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { crc32, createInflateRaw } from "node:zlib"
import { type Entry, openPromise, type ZipFile } from "yauzl"
import { capError, isReadError, RATIO_FLOOR, type ZipOptions } from "./caps.ts"
import { memberName, unusedName } from "./member-names.ts"

/** One member, by a name that no other member of the archive has. */
export interface ArchiveEntry {
  readonly name: string
  readonly entry: Entry
}

/** An open archive. */
export interface Archive {
  readonly zip: ZipFile
  readonly entries: ReadonlyArray<ArchiveEntry>
}

const CUT = /end of central directory|unexpected EOF|overflows file bounds|invalid comment length/i
const SPLIT = /multi-disk/i
const ENCRYPTED = /encryption/i

/** Says what is wrong with the bytes, and what can be done about it. */
export const zipError = (file: string, member: string | undefined, cause: unknown): ReadError => {
  if (isReadError(cause)) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  const where = member === undefined ? file : `${file}!${member}`
  const isSystem = typeof (cause as { readonly syscall?: unknown } | null)?.syscall === "string"
  const advice = isSystem
    ? "check the disk and its rights"
    : SPLIT.test(said)
      ? "it is one part of several; ask its publisher for a single archive"
      : ENCRYPTED.test(said)
        ? "ask its publisher for an open archive"
        : CUT.test(said)
          ? "the archive is cut short or is no zip: fetch it again, or ask its publisher for a sound one"
          : "the archive is damaged: fetch it again, or ask its publisher for a sound one"
  return new FormatError({
    plugin: "zip",
    operation: "expand",
    reason: isSystem ? terminal : dataQuality,
    message: `${where}: ${said}; ${advice}`,
    cause,
  })
}

const LOCAL_HEADER = 30

/** Entries that share bytes unfold one piece of data many times: the only zips that do so are bombs. */
const overlapping = (entries: ReadonlyArray<ArchiveEntry>): readonly [string, string] | undefined => {
  let before = { name: "", end: 0 }
  for (const { name, entry } of entries.toSorted(
    (a, b) => a.entry.relativeOffsetOfLocalHeader - b.entry.relativeOffsetOfLocalHeader,
  )) {
    if (entry.relativeOffsetOfLocalHeader < before.end) return [before.name, name]
    before = { name, end: entry.relativeOffsetOfLocalHeader + LOCAL_HEADER + entry.compressedSize }
  }
  return undefined
}

const readDirectory = async (zip: ZipFile, file: string, options: ZipOptions): Promise<ReadonlyArray<ArchiveEntry>> => {
  const tooMany = () => capError("zip", file, `more than ${options.maxEntries} entries`, "maxEntries")
  if (zip.entryCount > options.maxEntries) throw tooMany()
  const entries: Array<ArchiveEntry> = []
  const taken = new Set<string>()
  let bytes = 0
  for await (const entry of zip.eachEntry()) {
    if (entries.length >= options.maxEntries) throw tooMany()
    const name = unusedName(memberName(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields), taken)
    taken.add(name)
    entries.push({ name, entry })
    bytes += entry.uncompressedSize
    if (bytes > options.maxBytes)
      throw capError("zip", file, `unpacks to more than ${options.maxBytes} bytes`, "maxBytes")
    if (entry.uncompressedSize > RATIO_FLOOR && entry.uncompressedSize > entry.compressedSize * options.maxRatio) {
      throw capError(
        "zip",
        `${file}!${name}`,
        `${entry.compressedSize} bytes unpack to ${entry.uncompressedSize}`,
        "maxRatio",
      )
    }
  }
  const pair = overlapping(entries)
  if (pair !== undefined) {
    throw new FormatError({
      plugin: "zip",
      operation: "expand",
      reason: dataQuality,
      message: `${file}: ${pair[0]} and ${pair[1]} share their bytes; refused as a bomb`,
    })
  }
  return entries
}

/** Opens an archive for as long as the scope lives. Its own disk file is used, spooled when it is a member itself. */
export const openArchive = Effect.fn("Zip.open")(function* (file: RawFile, options: ZipOptions) {
  const toError = (cause: unknown): ReadError => zipError(file.name, undefined, cause)
  const path = yield* file.local
  const zip = yield* Effect.acquireRelease(
    // Names are decoded here, and sizes checked while unpacking.
    Effect.tryPromise({
      try: () => openPromise(path, { autoClose: false, decodeStrings: false, validateEntrySizes: false }),
      catch: toError,
    }),
    (zip) => Effect.sync(() => zip.close()),
  )
  const entries = yield* Effect.tryPromise({ try: () => readDirectory(zip, file.name, options), catch: toError })
  return { zip, entries } satisfies Archive
})

/** Unpacks one member; throws unless size and checksum are those of the directory. */
export async function* unpackEntry(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false })
  const unpacked = entry.compressionMethod === 0 ? packed : packed.pipe(createInflateRaw({ chunkSize: 65_536 }))
  if (unpacked !== packed) packed.on("error", (error) => unpacked.destroy(error))
  let size = 0
  let checksum = 0
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > entry.uncompressedSize)
        throw new Error(`more bytes than the ${entry.uncompressedSize} of the directory`)
      checksum = crc32(chunk, checksum)
      yield chunk
    }
  } finally {
    packed.destroy()
    unpacked.destroy()
  }
  if (size !== entry.uncompressedSize)
    throw new Error(`${size} bytes where the directory says ${entry.uncompressedSize}`)
  if (checksum !== entry.crc32) throw new Error("its checksum (CRC-32) is not that of its bytes")
}
