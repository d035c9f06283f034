/** Where an archive lies in its file: programs stand before it (self-extracting archives), careless transfers leave bytes behind it. */

/** Reads up to `length` bytes from a place in the file; fewer at its end, none outside. */
export type ReadAt = (place: number, length: number) => Promise<Buffer>

/** Where the directory is, and what the places that the archive gives count from. In bytes of the file. */
export interface EndRecord {
  readonly start: number
  readonly directory: number
  readonly directoryEnd: number
  readonly entries: number
  /** Bytes behind the archive that do not belong to it. */
  readonly trailing: number
}

const END_BYTES = 22
const ZIP64_LOCATOR = 0x07064b50
const ZIP64_LOCATOR_BYTES = 20
const ZIP64_END = 0x06064b50
const ZIP64_END_BYTES = 56
/** Begins each entry of the directory. */
export const CENTRAL = 0x02014b50
/** The longest comment, and as much that does not belong to the archive. */
const SEARCHED_BYTES = 2 * 65_536

const startsWith = (bytes: Buffer, signature: number, length: number): boolean =>
  bytes.length >= length && bytes.readUInt32LE(0) === signature

/** The places of end records in the tail of a file, the last first. */
const endRecords = (tail: Buffer): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    at = tail.lastIndexOf("PK\u0005\u0006", at, "latin1")
    if (at === -1) break
    found.push(at)
  }
  return found
}

interface Said {
  readonly disk: number
  readonly entries: number
  readonly directory: number
  readonly directoryBytes: number
  /** Where the directory must end. */
  readonly end: number
}

const saidBy = async (record: Buffer, place: number, read: ReadAt): Promise<Said> => {
  const locatorPlace = place - ZIP64_LOCATOR_BYTES
  const locator = await read(locatorPlace, ZIP64_LOCATOR_BYTES)
  if (startsWith(locator, ZIP64_LOCATOR, ZIP64_LOCATOR_BYTES)) {
    for (const end of [locatorPlace - ZIP64_END_BYTES, Number(locator.readBigUInt64LE(8))]) {
      const wide = await read(end, ZIP64_END_BYTES)
      if (!startsWith(wide, ZIP64_END, ZIP64_END_BYTES)) continue
      return {
        disk: wide.readUInt32LE(16),
        entries: Number(wide.readBigUInt64LE(32)),
        directoryBytes: Number(wide.readBigUInt64LE(40)),
        directory: Number(wide.readBigUInt64LE(48)),
        end,
      }
    }
    throw new Error("its zip64 end record is damaged")
  }
  return {
    disk: record.readUInt16LE(4),
    entries: record.readUInt16LE(10),
    directoryBytes: record.readUInt32LE(12),
    directory: record.readUInt32LE(16),
    end: place,
  }
}

/** Whether bytes that end a file end a zip: its end record, and a comment of the length that it says. */
export const endsArchive = (tail: Uint8Array): boolean => {
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.length)
  return endRecords(bytes).some((at) => at + END_BYTES + bytes.readUInt16LE(at + 20) === bytes.length)
}

/**
 * Finds the end record: the last one that points to a directory, counted from where the file begins or, after a program that was put before
 * it, from where the archive does. Throws when there is none, or when the archive is one part of several.
 */
export const findEndRecord = async (read: ReadAt, size: number): Promise<EndRecord> => {
  const tailStart = Math.max(0, size - SEARCHED_BYTES)
  const tail = await read(tailStart, size - tailStart)
  for (const at of endRecords(tail)) {
    const said = await saidBy(tail.subarray(at), tailStart + at, read)
    if (said.disk !== 0 && said.disk !== 0xffff) throw new Error("it is one part of several (multi-disk)")
    const before = said.end - said.directoryBytes - said.directory
    for (const start of before > 0 ? [0, before] : [0]) {
      const directory = start + said.directory
      const isThere = said.entries === 0 ? said.directoryBytes === 0 : startsWith(await read(directory, 4), CENTRAL, 4)
      if (!isThere) continue
      const trailing = Math.max(0, tail.length - at - END_BYTES - tail.readUInt16LE(at + 20))
      return { start, directory, directoryEnd: said.end, entries: said.entries, trailing }
    }
  }
  throw new Error("it has no directory at its end")
}
