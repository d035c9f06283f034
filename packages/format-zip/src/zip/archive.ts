/** A zip archive, opened and checked: its directory read whole, its members not at all. */
import { dataQuality, FormatError, type RawFile, type ReadError, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { type FileHandle, open } from "node:fs/promises"
import { capError, isReadError, note, RATIO_FLOOR, type ZipOptions } from "../caps.ts"
import { cleanName, distinctNames } from "../names.ts"
import { decodedName } from "./decoded-name.ts"
import { findEndRecord, type ReadAt } from "./end-record.ts"
import { type Entry, readEntries } from "./entry.ts"

/** One member, by a name that no other member of the archive has. */
export interface ArchiveEntry {
  readonly name: string
  readonly entry: Entry
}

/** An open archive; the places of its entries count from `start`. */
export interface Archive {
  readonly handle: FileHandle
  readonly start: number
  readonly entries: ReadonlyArray<ArchiveEntry>
  /** Bytes behind the archive that do not belong to it. */
  readonly trailing: number
}

const CUT = /no directory|cut short/
const SPLIT = /multi-disk/

/** Says what is wrong with the bytes, and what can be done about it. */
export const zipError = (file: string, member: string | undefined, cause: unknown): ReadError => {
  if (isReadError(cause)) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  const where = member === undefined ? file : `${file}!${member}`
  const isSystem = typeof (cause as { readonly syscall?: unknown } | null)?.syscall === "string"
  const advice = isSystem
    ? "check the disk and its rights"
    : SPLIT.test(said)
      ? "ask its publisher for a single archive"
      : CUT.test(said)
        ? "it is cut short or is no zip: fetch it again, or ask its publisher for a sound one"
        : "it is damaged: fetch it again, or ask its publisher for a sound one"
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
  for (const { name, entry } of entries.toSorted((a, b) => a.entry.place - b.entry.place)) {
    if (entry.damage !== undefined) continue
    if (entry.place < before.end) return [before.name, name]
    before = { name, end: entry.place + LOCAL_HEADER + entry.packedSize }
  }
  return undefined
}

const readDirectory = async (
  handle: FileHandle,
  file: RawFile,
  options: ZipOptions,
): Promise<Omit<Archive, "handle">> => {
  const read: ReadAt = async (place, length) => {
    if (place < 0 || !Number.isSafeInteger(place)) return Buffer.alloc(0)
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, place)
    return buffer.subarray(0, bytesRead)
  }
  const record = await findEndRecord(read, (await handle.stat()).size)
  if (note(file, "entries", record.entries) > options.maxEntries)
    throw capError("zip", file.name, `more than ${options.maxEntries} entries`, "maxEntries")
  const entries: Array<ArchiveEntry> = []
  const distinct = distinctNames()
  let bytes = 0
  for await (const entry of readEntries(read, record)) {
    const name = distinct(cleanName(decodedName(entry)))
    entries.push({ name, entry })
    if (entry.damage !== undefined) continue
    bytes += entry.size
    if (note(file, "bytes", bytes) > options.maxBytes)
      throw capError("zip", file.name, `unpacks to more than ${options.maxBytes} bytes`, "maxBytes")
    if (entry.size > RATIO_FLOOR && entry.size > entry.packedSize * options.maxRatio)
      throw capError("zip", `${file.name}!${name}`, `${entry.packedSize} bytes unpack to ${entry.size}`, "maxRatio")
  }
  const pair = overlapping(entries)
  if (pair !== undefined) {
    throw new FormatError({
      plugin: "zip",
      operation: "expand",
      reason: dataQuality,
      message: `${file.name}: ${pair[0]} and ${pair[1]} share their bytes; refused as a bomb`,
    })
  }
  return { start: record.start, entries, trailing: record.trailing }
}

/** Opens an archive for as long as the scope lives. Its own disk file is used, spooled when it is a member itself. */
export const openArchive = Effect.fn("Zip.open")(function* (file: RawFile, options: ZipOptions) {
  const toError = (cause: unknown): ReadError => zipError(file.name, undefined, cause)
  const path = yield* file.local
  const handle = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => open(path, "r"), catch: toError }),
    (handle) => Effect.promise(() => handle.close()),
  )
  const directory = yield* Effect.tryPromise({ try: () => readDirectory(handle, file, options), catch: toError })
  return { handle, ...directory } satisfies Archive
})
