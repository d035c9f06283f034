/**
 * Cuts text into records and cells, one record at a time. It looks at each character about once, makes no string before it is asked for
 * one, and gives the same cells however the text is cut into pieces: where the next characters could change the answer, it waits.
 *
 * Well-formed text is read as RFC 4180 says, with any of CRLF, LF and CR as line end. Beyond that:
 * - a quote inside a quoted cell, followed by neither a quote, a delimiter nor a line end, is text: `"say "hi""`;
 * - one space before the quotes of a cell and blanks after them are dropped; all spaces at the start of cells where the dialect says so;
 * - a cell whose quote never closes ends where an unquoted one would; that quote is dropped, unless others of the cell stand alone. It counts
 *   as never closed at the end of the file, after {@link LONGEST_CELL} characters, when another quoted cell seems to open on a later line, or
 *   when the record would have the wrong number of cells and has the right one without (and so has the next one, if lines were in quotes).
 */
import type { Dialect } from "../dialect/dialect.ts"

/** In characters. A longer quoted cell is taken for one that was never closed. */
export const LONGEST_CELL = 32 * 1024 * 1024

const LF = 10
const CR = 13
const SPACE = 32
const TAB = 9
const BACKSLASH = 92

/** More quotes of one record than these that never close are not looked for: each may take the length of the longest cell. */
const MOST_UNCLOSED = 20

/** `scan` cannot tell without more text. */
export const INCOMPLETE = -1
const UNCLOSED = -2

const PLAIN = 0
const QUOTED = 1
/** With quotes written twice or after backslashes; with quotes that stand alone. */
const ESCAPED = 2
const BARE = 4

/** Blanks as RE2 has them, for the engine reads the same. */
const blank = /^[\t\n\f\r ]*$/

/** How many cells a record may have: more only when they are blank. */
export interface Expected {
  readonly shortest: number
  readonly width: number
}

/** The state of one reader; reused for every record, so nothing of it may be kept. */
export interface RecordScanner {
  /** Reads the record at `from`: the offset after its line end, or `INCOMPLETE`. `final`: no text follows. */
  readonly scan: (text: string, from: number, final: boolean, expected?: Expected) => number
  /** Cells of the last record. */
  readonly count: () => number
  /** Where the text of the last record ends, its line end left out. */
  readonly end: () => number
  /** Line ends inside the last record. */
  readonly innerLines: () => number
  /** Whether a quote of the last record was taken for text because it never closed. */
  readonly recovered: () => boolean
  readonly cell: (text: string, index: number) => string
  /** Whether the last record has as many cells as it may. */
  readonly fits: (expected: Expected) => boolean
  /** Whether the last record has nothing, not even blanks, and no quotes. */
  readonly isEmpty: () => boolean
  /** Whether cell `index` stood in quotes. */
  readonly isQuoted: (index: number) => boolean
  /** Whether cell `index` stood in quotes that hold others as they should be written. */
  readonly isClean: (index: number) => boolean
  /** Whether the text of cell `index`, quotes around it aside, is this. */
  readonly is: (text: string, index: number, value: string) => boolean
  /** Whether no cell after `index` holds anything. */
  readonly endsAfter: (index: number) => boolean
  /** Characters looked at inside quotes since the scanner was made: what bounds the work on a sample of broken quotes. */
  readonly looked: () => number
}

/** A scanner for one dialect; after `patience` characters inside quotes, quotes are text: for samples, where broken quotes must not cost. */
export const recordScanner = (dialect: Dialect, patience = Infinity): RecordScanner => {
  const D = dialect.delimiter?.charCodeAt(0) ?? -1
  const Q = dialect.quote?.charCodeAt(0) ?? -1
  const E = dialect.escape === "backslash" && dialect.quote !== undefined ? BACKSLASH : -1
  const initialSpace = dialect.initialSpace === true
  const quote = `\\u${Math.max(Q, 0).toString(16).padStart(4, "0")}`
  /** Two quotes, or a backslash before a quote or another one, in one go: `\\"` and `""` may touch. */
  const escaped = new RegExp(E === BACKSLASH ? `\\\\([${quote}\\\\])|(${quote})${quote}` : `(${quote})${quote}`, "g")

  let starts = new Int32Array(64)
  let ends = new Int32Array(64)
  let kinds = new Uint8Array(64)
  let count = 0
  let source = ""
  let recordStart = 0
  let recordEnd = 0
  let innerLines = 0
  let recovered = false
  /** The first quoted cell that goes over a line end or holds a bare quote. */
  let suspect = -1
  /** Set by `quoted`. */
  let close = 0
  let kind = QUOTED
  let crossed = 0
  let bare = false
  let looked = 0

  const isBlank = (c: number): boolean => (c === SPACE && D !== SPACE) || (c === TAB && D !== TAB)
  const endsCell = (c: number): boolean => c === D || c === LF || c === CR

  const add = (start: number, end: number, cellKind: number): void => {
    if (count === starts.length) {
      const grow = <A extends Int32Array | Uint8Array>(old: A, into: A): A => (into.set(old), into)
      starts = grow(starts, new Int32Array(count * 2))
      ends = grow(ends, new Int32Array(count * 2))
      kinds = grow(kinds, new Uint8Array(count * 2))
    }
    starts[count] = start
    ends[count] = end
    kinds[count] = cellKind
    count++
  }

  /** Reads the quoted cell whose quote is at `open`: the offset after it, `INCOMPLETE` or `UNCLOSED`; `isBare`: as after a bare quote. */
  const quoted = (text: string, open: number, final: boolean, isBare: boolean): number => {
    const n = text.length
    bare = isBare
    kind = QUOTED
    crossed = 0
    for (let i = open + 1; i < n; i++) {
      const c = text.charCodeAt(i)
      if (c === Q) {
        if (i - open > LONGEST_CELL) return UNCLOSED
        let next = i + 1
        if (next < n && text.charCodeAt(next) === Q) {
          if (!bare) {
            kind |= ESCAPED
            i = next
            continue
          }
          // After a bare quote, a doubled one at the end of a cell is a bare one and the closing one: `"say "hi""`.
          if (next + 1 >= n && !final) return INCOMPLETE
          if (next + 1 < n && !endsCell(text.charCodeAt(next + 1))) {
            kind |= ESCAPED
            i = next
            continue
          }
          close = next
          return next + 1
        }
        while (next < n && isBlank(text.charCodeAt(next))) next++
        if (next >= n && !final) return INCOMPLETE
        if (next >= n || endsCell(text.charCodeAt(next))) {
          close = i
          return next
        }
        const before = text.charCodeAt(i - 1)
        if (crossed > 0 && endsCell(before)) return UNCLOSED
        bare = true
        kind |= BARE
      } else if (c === E) {
        const next = text.charCodeAt(i + 1)
        if (next === Q || next === E) {
          kind |= ESCAPED
          i++
        }
      } else if (c === LF || (c === CR && text.charCodeAt(i + 1) !== LF)) {
        crossed++
      }
    }
    return final || n - open > LONGEST_CELL + 1 ? UNCLOSED : INCOMPLETE
  }

  /** Whether quotes come in twos from `start` to `end`. */
  const onlyDoubled = (text: string, start: number, end: number): boolean => {
    for (let i = start; i < end; i++)
      if (text.charCodeAt(i) === Q && (++i >= end || text.charCodeAt(i) !== Q)) return false
    return true
  }

  /** Reads a record; the quote that opens cell `plainCell` is text, and `""` at the end of cell `bareCell` closes it. */
  const scanCells = (text: string, from: number, final: boolean, plainCell: number, bareCell = -1): number => {
    const n = text.length
    let i = from
    source = text
    count = 0
    innerLines = 0
    recovered = plainCell >= 0
    suspect = -1
    recordStart = from
    let unclosed = 0
    for (;;) {
      let read = UNCLOSED
      if (initialSpace) while (i < n && text.charCodeAt(i) === SPACE) i++
      const open = i < n && text.charCodeAt(i) === SPACE && D !== SPACE ? i + 1 : i
      const opens = open < n && text.charCodeAt(open) === Q && count !== plainCell
      if (opens && unclosed < MOST_UNCLOSED && looked < patience) {
        read = quoted(text, open, final, count === bareCell)
        looked += (read < 0 ? Math.min(n, open + LONGEST_CELL) : read) - open
        if (read === INCOMPLETE) return INCOMPLETE
        if (read === UNCLOSED) {
          recovered = true
          unclosed++
        }
      }
      if (read === UNCLOSED) {
        const start = i
        while (i < n) {
          const c = text.charCodeAt(i)
          if (c === D || c === LF || c === CR) break
          i++
        }
        if (open < i && text.charCodeAt(open) === Q && onlyDoubled(text, open + 1, i)) add(open + 1, i, ESCAPED)
        else add(start, i, PLAIN)
      } else {
        if ((crossed > 0 || bare) && suspect < 0) suspect = count
        innerLines += crossed
        add(open + 1, close, kind)
        i = read
      }
      if (i >= n) {
        if (!final) return INCOMPLETE
        recordEnd = n
        return n
      }
      const c = text.charCodeAt(i)
      if (c === D) {
        i++
        continue
      }
      recordEnd = i
      if (c === LF) return i + 1
      if (i + 1 >= n) return final ? n : INCOMPLETE
      return text.charCodeAt(i + 1) === LF ? i + 2 : i + 1
    }
  }

  const fits = ({ shortest, width }: Expected): boolean => {
    for (let index = width; index < count; index++)
      if (starts[index] !== ends[index] && !blank.test(source.slice(starts[index], ends[index]))) return false
    return count >= shortest
  }

  return {
    scan: (text, from, final, expected) => {
      const next = scanCells(text, from, final, -1)
      if (next < 0 || expected === undefined || suspect < 0 || fits(expected)) return next
      const plain = suspect
      const over = innerLines > 0
      const again = scanCells(text, from, final, plain)
      if (again < 0) return INCOMPLETE
      if (count !== expected.width) {
        const closed = scanCells(text, from, final, -1, plain)
        if (closed < 0 || count === expected.width) return closed
        return scanCells(text, from, final, -1)
      }
      // Where lines were in quotes, the next record must fit too: a well-formed record of another width stays one.
      if (over && (again < text.length || !final)) {
        if (again >= text.length || scanCells(text, again, final, -1) < 0) return INCOMPLETE
        if (!fits(expected)) return scanCells(text, from, final, -1)
      }
      return scanCells(text, from, final, plain)
    },
    fits,
    count: () => count,
    end: () => recordEnd,
    innerLines: () => innerLines,
    recovered: () => recovered,
    cell: (text, index) => {
      const slice = text.slice(starts[index], ends[index])
      return ((kinds[index] ?? PLAIN) & ESCAPED) !== 0
        ? slice.replaceAll(escaped, E === BACKSLASH ? "$1$2" : "$1")
        : slice
    },
    isEmpty: () => count === 1 && recordEnd === recordStart,
    isQuoted: (index) => kinds[index] !== PLAIN,
    isClean: (index) => kinds[index] !== PLAIN && ((kinds[index] ?? PLAIN) & BARE) === 0,
    is: (text, index, value) => {
      const start = starts[index] ?? 0
      return (ends[index] ?? 0) - start === value.length && text.startsWith(value, start)
    },
    endsAfter: (index) => {
      for (let i = count - 1; i > index; i--) if (starts[i] !== ends[i]) return false
      return true
    },
    looked: () => looked,
  }
}
