/** Damage as it happens and as it is done on purpose: a file, changed in a few places that a seed chooses. */
import type { Random } from "./random.ts"

/** What mutations start from. */
export interface MutationOptions {
  /** Sound files; one is changed, another may lend a piece. */
  readonly corpus: ReadonlyArray<Uint8Array>
  /** Words of the format, inserted as they are: delimiters, quotes, tags. */
  readonly words?: ReadonlyArray<string | Uint8Array>
  /** Larger files are cut to their beginning first, in bytes (16 KiB). `Infinity` for formats that need their end. */
  readonly most?: number
}

type Change = (bytes: Buffer, random: Random, options: MutationOptions) => Buffer

const MOST_BYTES = 16_384

/** What breaks readers of every format: line ends, NUL, marks of byte order, halves of characters, the ends of number ranges. */
const troubles = [
  "\n",
  "\r\n",
  "\r",
  "\0",
  '"',
  "'",
  "\\",
  ";",
  ",",
  "\t",
  "|",
  " ",
  "\u00a0",
  "\ufeff",
  "\u2028",
  "é",
  "😀",
  "-",
  "1e999",
  "<",
  ">",
  "&",
  "{",
  "}",
  "[",
  "]",
  "(",
  ":",
  "^",
  "~",
  "#",
  "%",
]
const numbers = [
  "00",
  "01",
  "7f",
  "80",
  "ff",
  "0000",
  "ffff",
  "00000000",
  "ffffff7f",
  "00000080",
  "ffffffff",
  "fffe",
  "ffffffffffffff7f",
].map((hex) => Buffer.from(hex, "hex"))

/** Where a change begins, and how long it is: mostly short, sometimes most of the file. */
const span = (bytes: Buffer, random: Random): readonly [start: number, end: number] => {
  const start = random.int(bytes.length)
  const longest = random.of([4, 64, 1_024, bytes.length])
  return [start, Math.min(bytes.length, start + 1 + random.int(longest))]
}
const replaced = (bytes: Buffer, start: number, end: number, by: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)])

const wordOf = (random: Random, { words = [] }: MutationOptions): Uint8Array => {
  const word = random.of([...troubles, ...words, ...words])
  return typeof word === "string" ? Buffer.from(word, "utf8") : word
}

/** From one word of this kind to the next: a line, a cell, an element, a member of an object. */
const unit = (bytes: Buffer, random: Random): readonly [start: number, end: number] => {
  const separator = random.of(["\n", ";", ",", "<", ">", "{", "}", " "])
  const from = random.int(bytes.length)
  const start = bytes.indexOf(separator, from)
  const end = start < 0 ? -1 : bytes.indexOf(separator, start + 1)
  return end < 0 ? span(bytes, random) : [start, end]
}

/** Another digit for a digit, another letter for a letter: what stays well-formed. */
const likeIt = (byte: number, random: Random): number =>
  byte >= 0x30 && byte <= 0x39
    ? 0x30 + random.int(10)
    : (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
      ? 0x61 + random.int(26)
      : byte

const changes: ReadonlyArray<Change> = [
  (bytes, random) => {
    const [start, end] = span(bytes, random)
    return Buffer.from(bytes.map((byte, at) => (at >= start && at < end ? likeIt(byte, random) : byte)))
  },
  (bytes, random) => {
    const [start, end] = unit(bytes, random)
    return replaced(bytes, end, end, bytes.subarray(start, end))
  },
  (bytes, random) => replaced(bytes, ...unit(bytes, random), Buffer.alloc(0)),
  (bytes, random) => {
    const [start, end] = unit(bytes, random)
    const [to] = unit(bytes, random)
    return replaced(bytes, to, to, bytes.subarray(start, end))
  },
  (bytes, random) => {
    const flipped = Buffer.from(bytes)
    const at = random.int(bytes.length)
    if (bytes.length > 0) flipped[at] = (bytes[at] ?? 0) ^ (1 << random.int(8))
    return flipped
  },
  (bytes, random) => {
    const [start] = span(bytes, random)
    const number = random.of(numbers)
    return replaced(bytes, start, start + number.length, number)
  },
  (bytes, random, options) => {
    const at = random.int(bytes.length + 1)
    return replaced(bytes, at, at, wordOf(random, options))
  },
  (bytes, random, options) => {
    const [start, end] = span(bytes, random)
    return replaced(bytes, start, Math.min(end, start + 4), wordOf(random, options))
  },
  (bytes, random, options) => {
    const at = random.int(bytes.length + 1)
    const word = wordOf(random, options)
    return replaced(bytes, at, at, Buffer.alloc(word.length * random.of([2, 3, 70, 3_000]), word))
  },
  (bytes, random) => replaced(bytes, ...span(bytes, random), Buffer.alloc(0)),
  (bytes, random) => {
    const [start, end] = span(bytes, random)
    return replaced(bytes, end, end, bytes.subarray(start, end))
  },
  (bytes, random, { corpus }) => {
    const other = Buffer.from(random.of(corpus))
    const [start, end] = span(bytes, random)
    return replaced(bytes, start, random.of([start, end]), other.subarray(...span(other, random)))
  },
  (bytes, random) => bytes.subarray(0, random.int(bytes.length + 1)),
  (bytes, random) => bytes.subarray(random.int(Math.min(bytes.length, 64))),
]

/** Changes of the whole, which a mutation makes at most once. */
const rewritings: ReadonlyArray<(bytes: Buffer) => Buffer> = [
  (bytes) => Buffer.from(bytes.toString("utf8"), "utf16le"),
  (bytes) => Buffer.from(`\ufeff${bytes.toString("utf8")}`, "utf16le").swap16(),
  (bytes) => Buffer.from(bytes.toString("utf8"), "latin1"),
  (bytes) => Buffer.from(bytes.toString("latin1"), "utf8"),
  (bytes) => Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1"),
  (bytes) => Buffer.from(bytes.toString("latin1").replaceAll(/\r?\n/g, "\r"), "latin1"),
  (bytes) => bytes.map((byte) => byte & 0x7f) as Buffer,
]

/** A damaged file: one of the corpus after one to six changes. The same for the same choices. */
export const mutate = (random: Random, options: MutationOptions): Uint8Array => {
  let bytes: Buffer = Buffer.from(random.of(options.corpus)).subarray(0, options.most ?? MOST_BYTES)
  if (random.int(12) === 0) bytes = Buffer.from(random.of(rewritings)(bytes))
  for (let left = random.of([1, 1, 1, 2, 3, 6]); left > 0; left--) bytes = random.of(changes)(bytes, random, options)
  return bytes
}
