/**
 * Watches for what a parallel reader gets wrong without a word (DuckDB 1.5, strict):
 * - a thread that starts inside a quoted cell takes a line of it for a record when it has as many cells as one (ten extra rows in a file of
 *   60,000 whose last column quotes a small table). So, for each delimiter, this counts the most delimiters on any line that begins inside
 *   quotes: on the line itself, and, when the quotes close on it, on to the end of the record;
 * - a thread that starts right before a quote in an unquoted cell (`12"`) takes it for an opening one, and so with blanks around quotes.
 * What is not in quotes is skipped by native search.
 */
const LF = 10
const CR = 13
const SPACE = 32

/** A native search pays off over more bytes than these. */
const NEAR = 24

const OUTSIDE = 0
const INSIDE = 1
/** After a quote inside quotes: a closing one, or the first of two. */
const QUOTE_SEEN = 2

export interface QuotedLines {
  readonly add: (bytes: Buffer) => void
  /** The most delimiters seen, `-1` if no quoted cell goes over a line end; `Infinity` for a delimiter that was not watched. */
  readonly most: (delimiter: string) => number
  /** How many lines in quotes have nothing in them, the one where the quotes open left out. */
  readonly emptyLines: () => number
  /** Whether quotes open after a delimiter, close before one and stand nowhere else. */
  readonly strict: (delimiter: string) => boolean
}

/** `from`: bytes at the start of the file that are not looked at, as no thread begins there. */
export const quotedLines = (quote: string, delimiters: ReadonlyArray<string>, from: number): QuotedLines => {
  const Q = quote.charCodeAt(0)
  const watched = delimiters.map((delimiter) => delimiter.charCodeAt(0))
  /** The slot of each byte that is a delimiter, -1 for others. */
  const slots = new Int8Array(256).fill(-1)
  watched.forEach((byte, slot) => (slots[byte] = slot))
  /** On this line; from the end of an earlier quoted cell of this record; ever. */
  const line = new Int32Array(watched.length)
  const tail = new Int32Array(watched.length)
  const most = new Int32Array(watched.length).fill(-1)
  const strict = watched.map(() => true)
  let state = OUTSIDE
  let offset = 0
  /** Whether this record has gone over a line end in quotes. */
  let several = false
  let emptyLines = 0
  let previous = LF
  let beforePrevious = LF

  const isEdge = (byte: number): boolean => byte === LF || byte === CR || (slots[byte] ?? -1) >= 0

  /** What is read here is loose for every delimiter but `except`. */
  const markLoose = (at: number, except: number): void => {
    if (at >= from) for (let slot = 0; slot < strict.length; slot++) if (slot !== except) strict[slot] = false
  }

  const settle = (at: number, withTail: boolean): void => {
    for (let slot = 0; slot < line.length; slot++) {
      const count = withTail ? Math.max(line[slot] ?? 0, tail[slot] ?? 0) : (line[slot] ?? 0)
      if (at >= from && count > (most[slot] ?? 0)) most[slot] = count
      line[slot] = 0
      if (withTail) tail[slot] = 0
    }
  }

  const add = (bytes: Buffer): void => {
    const n = bytes.length
    for (let i = 0; i < n; i++) {
      if (state === OUTSIDE && !several) {
        const near = Math.min(n, i + NEAR)
        while (i < near && bytes[i] !== Q) i++
        if (i === near) {
          i = i < n ? bytes.indexOf(Q, i) : -1
          if (i < 0) break
        }
      }
      let byte = bytes[i] ?? 0
      if (state === OUTSIDE) {
        if (byte === Q) {
          const one = i > 0 ? (bytes[i - 1] ?? 0) : previous
          const two = i > 1 ? (bytes[i - 2] ?? 0) : i === 1 ? previous : beforePrevious
          if (isEdge(one) || (one === SPACE && isEdge(two))) state = INSIDE
          if (one !== LF && one !== CR) markLoose(offset + i, slots[one] ?? -1)
        } else if (byte === LF || byte === CR) {
          settle(offset + i, true)
          several = false
        } else {
          const slot = slots[byte] ?? -1
          if (slot >= 0) {
            line[slot] = (line[slot] ?? 0) + 1
            tail[slot] = (tail[slot] ?? 0) + 1
          }
        }
        continue
      }
      if (state === QUOTE_SEEN) {
        if (byte === Q) {
          state = INSIDE
          continue
        }
        state = OUTSIDE
        if (byte !== LF && byte !== CR) markLoose(offset + i, slots[byte] ?? -1)
        if (several)
          for (let slot = 0; slot < line.length; slot++) tail[slot] = Math.max(tail[slot] ?? 0, line[slot] ?? 0)
        i--
        continue
      }
      if (!several) {
        while (i < n && bytes[i] !== Q && bytes[i] !== LF && bytes[i] !== CR) i++
        if (i === n) break
        byte = bytes[i] ?? 0
      }
      if (byte === Q) state = QUOTE_SEEN
      else if (byte === LF || byte === CR) {
        const before = i > 0 ? bytes[i - 1] : previous
        if (before === LF || (before === CR && byte === CR)) emptyLines++
        if (several) settle(offset + i, false)
        several = true
        line.fill(0)
        if (offset + i >= from) for (let slot = 0; slot < most.length; slot++) most[slot] = Math.max(most[slot] ?? 0, 0)
      } else if (several) {
        const slot = slots[byte] ?? -1
        if (slot >= 0) line[slot] = (line[slot] ?? 0) + 1
      }
    }
    if (n > 0) {
      beforePrevious = n > 1 ? (bytes[n - 2] ?? 0) : previous
      previous = bytes[n - 1] ?? 0
      offset += n
    }
  }

  return {
    add,
    emptyLines: () => emptyLines,
    most: (delimiter) => {
      const slot = watched.indexOf(delimiter.charCodeAt(0))
      return slot < 0 ? Infinity : (most[slot] ?? 0)
    },
    strict: (delimiter) => strict[watched.indexOf(delimiter.charCodeAt(0))] ?? false,
  }
}
