/**
 * Deflate64, what Windows writes in zips of files above 2 GB: Deflate (RFC 1951) with a window of 64 KiB, two more distance codes, and lengths up to
 * 65,538 (APPNOTE 4.4.5, method 9).
 */
import { PulledBytes } from "./pulled-bytes.ts"

const CUT = "the Deflate64 data is cut short"
const DAMAGED = "its Deflate64 data is damaged"
const WINDOW = 65_536
const CHUNK_BYTES = 65_536
const LONGEST = 65_538
/** More than a symbol or a table takes, in bytes. */
const ENOUGH_BYTES = 512
const MOST_CODE_BITS = 15

/** Base and extra bits of each code that follows from the one before: a base, then as many values as the extra bits make. */
const ladder = (from: number, extras: ReadonlyArray<number>): ReadonlyArray<readonly [number, number]> => {
  let base = from
  return extras.map((extra) => {
    const step = [base, extra] as const
    base += 2 ** extra
    return step
  })
}
const doubled = (times: number, most: number): ReadonlyArray<number> =>
  Array.from({ length: times * (most + 1) + times }, (_, i) => Math.max(0, Math.floor(i / times) - 1))

const LENGTHS = [...ladder(3, doubled(4, 5)), [3, 16] as const]
const DISTANCES = ladder(1, doubled(2, 14))
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** A code as a table of its next 15 bits: symbol and length. An entry of 0 is no code. */
const tableOf = (lengths: Uint8Array): Uint16Array => {
  const table = new Uint16Array(1 << MOST_CODE_BITS)
  let code = 0
  for (let length = 1; length <= MOST_CODE_BITS; length++, code <<= 1) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue
      if (code >= 1 << length) throw new Error(DAMAGED)
      let first = 0
      for (let bit = 0; bit < length; bit++) first |= ((code >> bit) & 1) << (length - 1 - bit)
      for (let at = first; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length
      code++
    }
  }
  return table
}

const fixedLengths = Uint8Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8))

/** Bits of bytes that are in memory, the lowest first. */
class LowBits {
  bytes: Uint8Array = new Uint8Array(0)
  private at = 0
  private kept = 0
  private count = 0

  get left(): number {
    return this.bytes.length - this.at
  }

  /** Goes on in the bytes that are left, and these. */
  continueWith(more: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes.subarray(this.at), more])
    this.at = 0
  }

  /** Up to 16 bits without using them up; zeros stand in for what is missing. */
  peek(size: number): number {
    while (this.count < size) {
      this.kept |= (this.bytes[this.at++] ?? 0) << this.count
      this.count += 8
    }
    return this.kept & ((1 << size) - 1)
  }

  skip(size: number): void {
    this.kept >>>= size
    this.count -= size
    if (this.at - (this.count >> 3) > this.bytes.length) throw new Error(CUT)
  }

  read(size: number): number {
    const bits = this.peek(size)
    this.skip(size)
    return bits
  }

  /** The next symbol of a code. */
  symbol(table: Uint16Array): number {
    const entry = table[this.peek(MOST_CODE_BITS)] as number
    if (entry === 0) throw new Error(DAMAGED)
    this.skip(entry & 15)
    return entry >> 4
  }

  align(): void {
    this.skip(this.count & 7)
  }
}

const readTables = (bits: LowBits): readonly [Uint16Array, Uint16Array] => {
  const [literals, distances, count] = [bits.read(5) + 257, bits.read(5) + 1, bits.read(4) + 4]
  const lengthLengths = new Uint8Array(19)
  for (const symbol of LENGTH_ORDER.slice(0, count)) lengthLengths[symbol] = bits.read(3)
  const table = tableOf(lengthLengths)
  const lengths = new Uint8Array(literals + distances)
  for (let at = 0; at < lengths.length;) {
    const symbol = bits.symbol(table)
    if (symbol < 16) lengths[at++] = symbol
    else {
      if (symbol === 16 && at === 0) throw new Error(DAMAGED)
      const value = symbol === 16 ? (lengths[at - 1] as number) : 0
      const times = symbol === 16 ? 3 + bits.read(2) : symbol === 17 ? 3 + bits.read(3) : 11 + bits.read(7)
      if (at + times > lengths.length) throw new Error(DAMAGED)
      lengths.fill(value, at, (at += times))
    }
  }
  return [tableOf(lengths.subarray(0, literals)), tableOf(lengths.subarray(literals))]
}

/** Unpacks one stream; bytes behind it are ignored. */
export async function* inflate64(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = new PulledBytes(chunks, CUT)
  const bits = new LowBits()
  // The window, then what is new.
  const out = Buffer.alloc(WINDOW + CHUNK_BYTES + LONGEST)
  let [begin, end] = [WINDOW, WINDOW]
  let ended = false
  const gather = async (): Promise<void> => {
    while (!ended && bits.left < ENOUGH_BYTES) {
      const chunk = await source.next()
      if (chunk === undefined) ended = true
      else bits.continueWith(chunk)
    }
  }
  /** What is new, as a copy; the window moves up. */
  const taken = (): Uint8Array => {
    const fresh = Uint8Array.from(out.subarray(begin, end))
    out.copyWithin(0, end - WINDOW, end)
    begin = end = WINDOW
    return fresh
  }
  const repeat = (symbol: number, distances: Uint16Array): void => {
    const [base, extra] = LENGTHS[symbol - 257] ?? [0, -1]
    if (extra < 0) throw new Error(DAMAGED)
    const length = base + bits.read(extra)
    const [from, more] = DISTANCES[bits.symbol(distances)] ?? [0, 0]
    const distance = from + bits.read(more)
    for (const stop = end + length; end < stop; end++) out[end] = out[end - distance] as number
  }
  try {
    for (let last = false; !last;) {
      await gather()
      last = bits.read(1) === 1
      const kind = bits.read(2)
      if (kind === 3) throw new Error(DAMAGED)
      if (kind === 0) {
        bits.align()
        const size = bits.read(16)
        if ((bits.read(16) ^ size) !== 0xffff) throw new Error(DAMAGED)
        for (let n = 0; n < size; n++) {
          if (bits.left < ENOUGH_BYTES && !ended) await gather()
          out[end++] = bits.read(8)
          if (end - begin >= CHUNK_BYTES) yield taken()
        }
        continue
      }
      const [literals, distances] =
        kind === 1 ? [tableOf(fixedLengths), tableOf(new Uint8Array(32).fill(5))] : readTables(bits)
      for (;;) {
        if (bits.left < ENOUGH_BYTES && !ended) await gather()
        const symbol = bits.symbol(literals)
        if (symbol === 256) break
        if (symbol < 256) out[end++] = symbol
        else repeat(symbol, distances)
        if (end - begin >= CHUNK_BYTES) yield taken()
      }
    }
    if (end > begin) yield taken()
  } finally {
    await source.close()
  }
}
