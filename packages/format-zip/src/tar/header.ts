/** The blocks of tar that say what follows: v7, ustar (POSIX.1-1988), GNU, star; and pax records (POSIX.1-2001). */
import { isUtf8 } from "node:buffer"

/** Everything in a tar is cut into blocks of so many bytes. */
export const BLOCK_BYTES = 512

/** A header block, decoded. */
export interface Header {
  readonly name: Buffer
  /** Of the data that follows; those that only have a header say what they like. */
  readonly size: number
  /** A letter or digit; see {@link whatItIs}. */
  readonly type: string
  /** GNU's old way of sparse files: more blocks like this one follow before the data. */
  readonly isExtended: boolean
}

const untilZero = (field: Buffer): Buffer => {
  const end = field.indexOf(0)
  return end === -1 ? field : field.subarray(0, end)
}

/** Octal text, or base 256 where the first bit is set (GNU, star); `undefined` when it is neither. */
const numberOf = (field: Buffer): number | undefined => {
  const [first = 0] = field
  if (first === 0x80 || first === 0xff) {
    const value = BigInt.asIntN((field.length - 1) * 8, BigInt(`0x${field.toString("hex", 1)}`))
    const number = Number(first === 0xff && value >= 0n ? -1n : value)
    return Number.isSafeInteger(number) ? number : undefined
  }
  const digits = field
    .toString("latin1")
    .replaceAll(/[\0 ]+/g, " ")
    .trim()
  return digits === "" ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

const CHECKSUM = [148, 156] as const

/** Sum of the bytes, the checksum's own taken for blanks. Old tars summed signed bytes. */
const sums = (block: Buffer): ReadonlyArray<number> => {
  let unsigned = 0
  let signed = 0
  for (let at = 0; at < BLOCK_BYTES; at++) {
    const byte = at >= CHECKSUM[0] && at < CHECKSUM[1] ? 0x20 : (block[at] ?? 0)
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  return [unsigned, signed]
}

/** Whether the block is all zeros: the end of the archive. */
export const isZeroBlock = (block: Uint8Array): boolean => block.every((byte) => byte === 0)

/** Whether the block is a header, by its checksum. */
export const isHeader = (block: Buffer): boolean => {
  const said = numberOf(block.subarray(...CHECKSUM))
  return block.length === BLOCK_BYTES && said !== undefined && said > 0 && sums(block).includes(said)
}

/** Decodes a header; throws when a number is none. */
export const readHeader = (block: Buffer): Header => {
  const text = (start: number, length: number): string => block.toString("latin1", start, start + length)
  const isPosix = text(257, 6) === "ustar\0"
  const isGnu = text(257, 8) === "ustar  \0"
  const isStar = isPosix && text(508, 4) === "tar\0"
  const base = untilZero(block.subarray(0, 100))
  // GNU keeps times and sparse maps where ustar has the beginning of the path; star keeps times behind it.
  const prefix = isPosix ? untilZero(block.subarray(345, isStar ? 476 : 500)) : Buffer.alloc(0)
  const size = numberOf(block.subarray(124, 136))
  if (size === undefined || size < 0) throw new Error("a header has no size")
  return {
    name: prefix.length === 0 ? base : Buffer.concat([prefix, Buffer.from("/"), base]),
    size,
    type: text(156, 1),
    isExtended: isGnu && text(156, 1) === "S" && block[482] === 1,
  }
}

/** Whether another block of a sparse map follows this one. */
export const mapGoesOn = (block: Uint8Array): boolean => block[504] === 1

/** Names are UTF-8 today; old ones that are not are Latin-1 in the French archives we know. */
export const tarText = (raw: Buffer): string => raw.toString(isUtf8(raw) ? "utf8" : "latin1")

/** What pax records say that matters here. */
export interface PaxRecords {
  readonly path?: string
  readonly size?: number
  readonly isSparse?: boolean
}

const paxRecord = (key: string, value: Buffer): PaxRecords => {
  if (key === "path") return { path: tarText(value) }
  if (key === "GNU.sparse.name") return { path: tarText(value), isSparse: true }
  if (key.startsWith("GNU.sparse.")) return { isSparse: true }
  if (key !== "size" || value.length === 0) return {}
  const text = value.toString("latin1")
  if (!/^\d{1,15}$/.test(text)) throw new Error("a pax header has no size")
  return { size: Number(text) }
}

/** Reads `<length> <key>=<value>\n`, one after the other; throws when they are something else. */
export const readPax = (bytes: Buffer): PaxRecords => {
  let records: PaxRecords = {}
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at)
    const digits = blank === -1 ? "" : bytes.toString("latin1", at, blank)
    const end = at + Number(digits)
    const equals = bytes.indexOf(0x3d, blank)
    if (
      !/^[1-9]\d{0,8}$/.test(digits) ||
      end > bytes.length ||
      equals === -1 ||
      equals >= end ||
      bytes[end - 1] !== 0x0a
    )
      throw new Error("a pax header is damaged")
    records = {
      ...records,
      ...paxRecord(bytes.toString("latin1", blank + 1, equals), bytes.subarray(equals + 1, end - 1)),
    }
    at = end
  }
  return records
}
