/**
 * Finds runs of records that need no second thought: as wide as the table, quotes only around whole cells and doubled inside them, no line end
 * inside, the usual one behind, and nothing that could make them a note, a total, a comment or names. Of bytes in any encoding that has ASCII as
 * it is. What it takes, the tolerant reader reads the same; what it does not take may still be a row.
 */
import type { Dialect } from "../dialect/dialect.ts"

const LF = 10
const CR = 13
const SPACE = 32
const BACKSLASH = 92

/** Bytes behind the last one that may be looked at; they must be line feeds. */
export const SLACK = 8

const ORDINARY = 0
const DELIMITER = 1
const LINE_END = 2
/** A quote, the escape. */
const ODD = 3

/** Records whose first cell begins so may be totals. */
const totals = ["tot", "gra", "sou"].map(
  (word) => word.charCodeAt(0) | (word.charCodeAt(1) << 8) | (word.charCodeAt(2) << 16),
)

export interface PlainRecords {
  /** The offset after the plain records that begin at `from` and end before `n`, `most` at most. */
  readonly run: (bytes: Buffer, from: number, n: number, most: number) => number
  /** How many records the last run has. */
  readonly count: () => number
}

/** What is looked for, all but the dialect in ASCII: `name` is the first column's, `undefined` for bytes that may be anything. */
export interface PlainTable {
  readonly dialect: Dialect
  readonly delimiter: string
  readonly escape: string
  readonly lineEnd: "\n" | "\r\n"
  readonly width: number
  readonly name: ReadonlyArray<number | undefined>
}

export const plainRecords = ({ dialect, delimiter, escape, lineEnd, width, name }: PlainTable): PlainRecords => {
  const D = delimiter.charCodeAt(0)
  const Q = dialect.quote?.charCodeAt(0) ?? -1
  const X = dialect.escape === "backslash" ? BACKSLASH : -1
  const comment = dialect.comment?.charCodeAt(0) ?? -1
  const initialSpace = dialect.initialSpace === true
  const endBytes = lineEnd.length
  const endByte = lineEnd.charCodeAt(0)
  const kinds = new Uint8Array(256).fill(ORDINARY)
  if (Q >= 0) kinds[Q] = ODD
  kinds[escape.charCodeAt(0)] = ODD
  kinds[D] = DELIMITER
  kinds[LF] = kinds[CR] = LINE_END
  const delimiters = Math.imul(D, 0x01010101)
  const quotes = Math.imul(Math.max(Q, 0), 0x01010101)
  let view: DataView = new DataView(new ArrayBuffer(0))
  let count = 0

  /** The first byte from `from` on that is not ordinary; four at a time, as in `plain-values.ts`. */
  const afterOrdinary = (bytes: Buffer, from: number): number => {
    for (let i = from; ; i++) {
      for (;;) {
        const x = view.getInt32(i, true)
        const y = x ^ delimiters
        const z = x ^ quotes
        const found = (((y - 0x01010101) & ~y) | ((z - 0x01010101) & ~z) | ((x - 0x0e0e0e0e) & ~x)) & 0x80808080
        if (found === 0) i += 4
        else {
          i += (31 - Math.clz32(found & -found)) >> 3
          break
        }
      }
      if (kinds[bytes[i] as number] !== ORDINARY) return i
    }
  }

  /** The offset after the quoted cell that opens at `open`, if its quotes and bytes are plain; else -1. */
  const afterQuoted = (bytes: Buffer, open: number): number => {
    for (let i = open + 1; ; i++) {
      const byte = bytes[i] as number
      if (byte === Q) {
        if (bytes[i + 1] !== Q) return i + 1
        i++
      } else if (byte === X || (byte !== D && kinds[byte] !== ORDINARY)) return -1
    }
  }

  const isFirstName = (bytes: Buffer, start: number, end: number): boolean =>
    name.length > 0 &&
    end - start === name.length &&
    name.every((byte, index) => byte === undefined || bytes[start + index] === byte)

  /** The offset after the record at `start`, or -1. */
  const afterRecord = (bytes: Buffer, start: number): number => {
    let i = start
    let cells = 0
    let filled = width === 1
    if (bytes[i] === comment) return -1
    for (;;) {
      let from = i
      let to: number
      if (initialSpace && bytes[i] === SPACE) return -1
      if (bytes[i] === Q) {
        i = afterQuoted(bytes, i)
        if (i < 0) return -1
        from++
        to = i - 1
      } else {
        if (kinds[bytes[i] as number] === ORDINARY) i = afterOrdinary(bytes, i)
        to = i
      }
      const end = kinds[bytes[i] as number]
      if (end !== DELIMITER && end !== LINE_END) return -1
      if (cells++ > 0) filled ||= to > from
      else {
        const letters =
          (bytes[from] as number) | ((bytes[from + 1] as number) << 8) | ((bytes[from + 2] as number) << 16) | 0x202020
        if (totals.includes(letters) || isFirstName(bytes, from, to)) return -1
      }
      if (end === DELIMITER) {
        if (cells === width) return -1
        i++
        continue
      }
      const isPlain =
        cells === width && filled && i > start && bytes[i] === endByte && (endBytes === 1 || bytes[i + 1] === LF)
      return isPlain ? i + endBytes : -1
    }
  }

  return {
    run: (bytes, from, n, most) => {
      if (view.buffer !== bytes.buffer || view.byteOffset !== bytes.byteOffset)
        view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      count = 0
      let at = from
      while (at < n && count < most) {
        const next = afterRecord(bytes, at)
        if (next < 0 || next > n) break
        at = next
        count++
      }
      return at
    },
    count: () => count,
  }
}
