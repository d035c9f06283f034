/** One block of bzip2: Huffman codes, move to front, Burrows-Wheeler, runs. After the format as bzip2 1.0 writes and reads it. */
import type { Bits } from "./bits.ts"

const RUN_A = 0
const RUN_B = 1
const GROUP_SYMBOLS = 50
const LONGEST_CODE = 20
/** Codes up to this length are found in a table at once. */
const TABLE_BITS = 10
/** As bzip2 1.0.8: selectors beyond those that a block can use are read and forgotten. */
const MOST_SELECTORS = 18_002

const damaged = (what: string): Error => new Error(`its bzip2 data is damaged (${what})`)

/** Codes of one group: a table for the short ones; for the others, by length, the first code that is too great and what to add for the symbol. */
interface Codes {
  readonly table: Uint16Array
  readonly limits: Int32Array
  readonly offsets: Int32Array
  readonly symbols: Uint16Array
}

const codesOf = (lengths: Uint8Array): Codes => {
  const table = new Uint16Array(1 << TABLE_BITS)
  const limits = new Int32Array(LONGEST_CODE + 1)
  const offsets = new Int32Array(LONGEST_CODE + 1)
  const symbols = new Uint16Array(lengths.length)
  let code = 0
  let index = 0
  for (let length = 1; length <= LONGEST_CODE; length++) {
    offsets[length] = index - code
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue
      symbols[index++] = symbol
      if (length <= TABLE_BITS) {
        const from = code << (TABLE_BITS - length)
        table.fill((symbol << 5) | length, from, from + (1 << (TABLE_BITS - length)))
      }
      code++
    }
    if (code > 1 << length) throw damaged("impossible code lengths")
    limits[length] = code
    code <<= 1
  }
  return { table, limits, offsets, symbols }
}

const nextSymbol = (bits: Bits, { table, limits, offsets, symbols }: Codes): number => {
  const seen = bits.peek()
  const short = table[seen >>> (24 - TABLE_BITS)] ?? 0
  if (short !== 0) {
    bits.skip(short & 31)
    return short >>> 5
  }
  for (let length = TABLE_BITS + 1; length <= LONGEST_CODE; length++) {
    const code = seen >>> (24 - length)
    if (code < (limits[length] ?? 0)) {
      bits.skip(length)
      return symbols[code + (offsets[length] ?? 0)] ?? 0
    }
  }
  throw damaged("a code that is none")
}

const readUsedBytes = (bits: Bits): Uint8Array => {
  const used: Array<number> = []
  const ranges = bits.read(16)
  for (let high = 0; high < 16; high++) {
    if ((ranges & (0x8000 >> high)) === 0) continue
    const range = bits.read(16)
    for (let low = 0; low < 16; low++) if ((range & (0x8000 >> low)) !== 0) used.push(high * 16 + low)
  }
  if (used.length === 0) throw damaged("a block without bytes")
  return Uint8Array.from(used)
}

const toFront = (list: Uint8Array, index: number): number => {
  const value = list[index] ?? 0
  list.copyWithin(1, 0, index)
  list[0] = value
  return value
}

const readSelectors = (bits: Bits, groups: number): Uint8Array => {
  const count = bits.read(15)
  if (count === 0) throw damaged("no selectors")
  const order = Uint8Array.from({ length: groups }, (_, group) => group)
  const selectors = new Uint8Array(Math.min(count, MOST_SELECTORS))
  for (let n = 0; n < count; n++) {
    let index = 0
    while (bits.read(1) === 1) if (++index >= groups) throw damaged("a selector of no group")
    const group = toFront(order, index)
    if (n < selectors.length) selectors[n] = group
  }
  return selectors
}

const readLengths = (bits: Bits, count: number): Uint8Array => {
  const lengths = new Uint8Array(count)
  let length = bits.read(5)
  for (let symbol = 0; symbol < count; symbol++) {
    for (;;) {
      if (length < 1 || length > LONGEST_CODE) throw damaged("a code length out of range")
      if (bits.read(1) === 0) break
      length += bits.read(1) === 0 ? 1 : -1
    }
    lengths[symbol] = length
  }
  return lengths
}

/** A block before its runs are unfolded: in `links`, by position, the byte (8 bits) and the position that follows. */
export interface Block {
  readonly size: number
  readonly first: number
}

/** Reads a block, its magic number and checksum done, into `links`, which holds as many bytes as the stream allows. */
export const readBlock = (bits: Bits, links: Uint32Array): Block => {
  if (bits.read(1) === 1) throw new Error("its bzip2 data is randomised, as versions before 0.9.5 wrote it")
  const origin = bits.read(24)
  const used = readUsedBytes(bits)
  const groups = bits.read(3)
  if (groups < 2 || groups > 6) throw damaged("a wrong number of code groups")
  const selectors = readSelectors(bits, groups)
  const endOfBlock = used.length + 1
  const codes = Array.from({ length: groups }, () => codesOf(readLengths(bits, used.length + 2)))

  const counts = new Uint32Array(256)
  let size = 0
  let run = 0
  let weight = 1
  let selector = 0
  let left = 0
  let current = codes[0]
  for (;;) {
    if (left === 0) {
      if (selector === selectors.length) throw damaged("too few selectors")
      current = codes[selectors[selector++] ?? 0]
      left = GROUP_SYMBOLS
    }
    left--
    if (current === undefined) throw damaged("no codes")
    const symbol = nextSymbol(bits, current)
    if (symbol === RUN_A || symbol === RUN_B) {
      if (run > links.length) throw damaged("a run longer than a block")
      run += weight << symbol
      weight <<= 1
      continue
    }
    if (run > 0) {
      if (size + run > links.length) throw damaged("a block too long")
      const byte = used[0] ?? 0
      links.fill(byte, size, size + run)
      counts[byte] = (counts[byte] ?? 0) + run
      size += run
      run = 0
      weight = 1
    }
    if (symbol === endOfBlock) break
    if (size === links.length) throw damaged("a block too long")
    const byte = toFront(used, symbol - 1)
    links[size++] = byte
    counts[byte] = (counts[byte] ?? 0) + 1
  }
  if (origin >= size && size > 0) throw damaged("a start outside the block")

  let sum = 0
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte] ?? 0
    counts[byte] = sum
    sum += count
  }
  for (let at = 0; at < size; at++) {
    const byte = (links[at] ?? 0) & 0xff
    const to = counts[byte] ?? 0
    links[to] = (links[to] ?? 0) | (at << 8)
    counts[byte] = to + 1
  }
  return { size, first: (links[origin] ?? 0) >>> 8 }
}

/** CRC-32 as bzip2 has it: the highest bit first, unlike zlib's. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})

/** Unfolds the runs of a block: four equal bytes are followed by how many more there are. */
export class Unfolding {
  private readonly links: Uint32Array
  private left: number
  private next: number
  private byte = -1
  private same = 0
  private repeat = 0
  private crc = -1

  constructor(links: Uint32Array, block: Block) {
    this.links = links
    this.left = block.size
    this.next = block.first
  }

  /** Of what was given so far. */
  get checksum(): number {
    return ~this.crc >>> 0
  }

  /** Fills `out`; fewer bytes mean that the block has ended. */
  fill(out: Uint8Array): number {
    const { links } = this
    let { left, next, byte, same, repeat, crc } = this
    let at = 0
    while (at < out.length) {
      if (repeat > 0) repeat--
      else {
        if (left === 0) break
        left--
        const link = links[next] ?? 0
        const value = link & 0xff
        next = link >>> 8
        if (same === 4) {
          same = 0
          repeat = value
          continue
        }
        same = value === byte ? same + 1 : 1
        byte = value
      }
      out[at++] = byte
      crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ byte] ?? 0)
    }
    Object.assign(this, { left, next, byte, same, repeat, crc })
    return at
  }
}
