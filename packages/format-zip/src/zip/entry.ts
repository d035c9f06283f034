/** Entries of the directory of a zip (APPNOTE 4.3.12, 4.5.3, 4.6.9). */
import { crc32 } from "node:zlib"
import { CENTRAL, type EndRecord, type ReadAt } from "./end-record.ts"

/** One entry. Sizes and places in bytes; `place` counts from the archive's start. */
export interface Entry {
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packedSize: number
  readonly size: number
  readonly attributes: number
  readonly place: number
  readonly name: Buffer
  /** The name in UTF-8 where an extra field gives it. */
  readonly unicodeName?: Buffer
  /** Why it cannot be read, or `undefined`. */
  readonly damage?: string
}

const HEADER_BYTES = 46
/** More than the longest entry takes. */
const WINDOW_BYTES = 1_048_576
const ZIP64 = 0x0001
const UNICODE_PATH = 0x7075
const UNKNOWN = 0xffffffff

const extraFields = (bytes: Buffer): ReadonlyMap<number, Buffer> => {
  const fields = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt16LE(at + 2)
    if (end > bytes.length) throw new Error("its extra fields are damaged")
    fields.set(bytes.readUInt16LE(at), bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}

/** The sizes and the place that a zip64 field gives, for those that the header leaves open, in this order. */
const widened = (narrow: ReadonlyArray<number>, field: Buffer | undefined): ReadonlyArray<number> => {
  let at = 0
  return narrow.map((value) => {
    if (value !== UNKNOWN || field === undefined) return value
    if (at + 8 > field.length) throw new Error("its zip64 field is too short")
    at += 8
    return Number(field.readBigUInt64LE(at - 8))
  })
}

const unicodeName = (field: Buffer | undefined, name: Buffer): Buffer | undefined =>
  // A checksum that is not the name's means that the name was changed since by a program that does not know the field.
  field !== undefined && field.length > 5 && field[0] === 1 && field.readUInt32LE(1) === crc32(name)
    ? field.subarray(5)
    : undefined

const entryOf = (header: Buffer, name: Buffer, extra: Buffer): Entry => {
  const narrow = [header.readUInt32LE(24), header.readUInt32LE(20), header.readUInt32LE(42)]
  const said = (damage?: string, fields?: ReadonlyMap<number, Buffer>): Entry => {
    const [size = 0, packedSize = 0, place = 0] = widened(narrow, fields?.get(ZIP64))
    const unicode = unicodeName(fields?.get(UNICODE_PATH), name)
    return {
      flags: header.readUInt16LE(8),
      method: header.readUInt16LE(10),
      crc: header.readUInt32LE(16),
      packedSize,
      size,
      attributes: header.readUInt32LE(38),
      place,
      name,
      ...(unicode === undefined ? {} : { unicodeName: unicode }),
      ...(damage === undefined ? {} : { damage }),
    }
  }
  try {
    return said(undefined, extraFields(extra))
  } catch (error) {
    return said(error instanceof Error ? error.message : String(error))
  }
}

/** The entries of the directory, in its order. Throws where it is damaged. */
export async function* readEntries(read: ReadAt, record: EndRecord): AsyncGenerator<Entry> {
  let window = Buffer.alloc(0)
  let at = 0
  let place = record.directory
  for (let count = 0; count < record.entries; count++) {
    if (window.length - at < WINDOW_BYTES / 2 && place < record.directoryEnd) {
      const more = await read(place, Math.min(WINDOW_BYTES, record.directoryEnd - place))
      place += more.length
      window = Buffer.concat([window.subarray(at), more])
      at = 0
    }
    const header = window.subarray(at, at + HEADER_BYTES)
    if (header.length < HEADER_BYTES || header.readUInt32LE(0) !== CENTRAL)
      throw new Error(`its directory is damaged after ${count} of ${record.entries} entries`)
    const nameEnd = at + HEADER_BYTES + header.readUInt16LE(28)
    const extraEnd = nameEnd + header.readUInt16LE(30)
    const end = extraEnd + header.readUInt16LE(32)
    if (end > window.length) throw new Error(`its directory is cut short after ${count} of ${record.entries} entries`)
    // Copies: the names must not hold the window.
    yield entryOf(
      header,
      Buffer.from(window.subarray(at + HEADER_BYTES, nameEnd)),
      Buffer.from(window.subarray(nameEnd, extraEnd)),
    )
    at = end
  }
}
