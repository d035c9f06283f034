/** The members of a tar, by walking its headers: no data is read. */
import type { FileHandle } from "node:fs/promises"
import {
  BLOCK_BYTES,
  type Header,
  isHeader,
  isZeroBlock,
  mapGoesOn,
  type PaxRecords,
  readHeader,
  readPax,
  tarText,
} from "./header.ts"

/** Something that a header describes. Sizes and places in bytes. */
export interface TarEntry {
  readonly name: string
  readonly start: number
  readonly size: number
  /** Why it must not be followed: links and devices. */
  readonly unsafe: string | undefined
  /** Why it cannot be read as a file. */
  readonly why: string | undefined
  readonly isFolder: boolean
}

/** What a tar holds; `hasEnd` tells whether its last block was there. */
export interface TarDirectory {
  readonly entries: ReadonlyArray<TarEntry>
  readonly hasEnd: boolean
}

/** Longer texts in headers are an attack. */
const LONGEST_TEXT = 1_048_576

const SPARSE = "a sparse file: ask its publisher for a plain tar"

const UNSAFE: Readonly<Record<string, string>> = {
  "1": "a link to another member",
  "2": "a symbolic link",
  "3": "a device",
  "4": "a device",
  "6": "a named pipe",
}
const UNREADABLE: Readonly<Record<string, string>> = {
  D: "a list of files of an incremental copy",
  M: "a part of a file that begins in another archive",
  S: SPARSE,
  V: "the name of the volume",
}
/** No data follows their headers, whatever size they say. */
const ONLY_HEADER = new Set(["1", "2", "3", "4", "5", "6"])

const isFile = (type: string): boolean => type === "0" || type === "\0" || type === "7"

const entryOf = (header: Header, start: number, longName: string, pax: PaxRecords): TarEntry => {
  const { type } = header
  const name = (pax.path ?? "") || longName || tarText(header.name)
  return {
    name,
    start,
    size: ONLY_HEADER.has(type) ? 0 : (pax.size ?? header.size),
    // v7 has no type for folders.
    isFolder: type === "5" || (isFile(type) && name.endsWith("/")),
    unsafe: UNSAFE[type],
    why:
      pax.isSparse === true ? SPARSE : isFile(type) ? undefined : (UNREADABLE[type] ?? `of an unknown type (${type})`),
  }
}

/** Walks a tar of `fileSize` bytes; `onEntry` may throw to stop. Throws where a header is damaged or cut. */
export const readDirectory = async (
  handle: FileHandle,
  fileSize: number,
  onEntry: (count: number) => void,
): Promise<TarDirectory> => {
  const read = async (at: number, size: number): Promise<Buffer> => {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(size), 0, size, at)
    if (bytesRead < size) throw new Error("the archive is cut short")
    return buffer
  }
  const entries: Array<TarEntry> = []
  // Headers that only speak of the next one, or of all that follow.
  let longName = ""
  let pax: PaxRecords = {}
  let global: PaxRecords = {}
  let isPending = false
  for (let at = 0; at < fileSize;) {
    const block = await read(at, BLOCK_BYTES)
    if (isZeroBlock(block)) {
      if (isPending) throw new Error(`the header at byte ${at} is missing`)
      return { entries, hasEnd: true }
    }
    if (!isHeader(block)) throw new Error(`the header at byte ${at} is damaged`)
    const header = readHeader(block)
    at += BLOCK_BYTES
    for (let more = header.isExtended; more; at += BLOCK_BYTES) more = mapGoesOn(await read(at, BLOCK_BYTES))
    const text = async (): Promise<Buffer> => {
      if (header.size > LONGEST_TEXT) throw new Error("a text in a header is too long")
      return read(at, header.size)
    }
    let { size } = header
    isPending = true
    if (header.type === "L") longName = tarText(await text()).replace(/\0.*$/s, "")
    else if (header.type === "x" || header.type === "X") pax = readPax(await text())
    else if (header.type === "g") global = { ...global, ...readPax(await text()) }
    else if (header.type !== "K") {
      const entry = entryOf(header, at, longName, { ...global, ...pax })
      entries.push(entry)
      onEntry(entries.length)
      size = entry.size
      longName = ""
      pax = {}
      isPending = false
    }
    at += Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
  }
  if (isPending) throw new Error("the archive is cut short")
  return { entries, hasEnd: false }
}
