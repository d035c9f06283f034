/**
 * Looks at every cell of a well-formed file: is it in the plain form of its column? Bytes in any encoding that has ASCII as it is, in chunks
 * cut anywhere; a cell that a chunk cuts is looked at again with the next one. Quotes stand around cells and, doubled, inside them: a file
 * with others must not come here.
 */
import type { PlainForm, PlainValues } from "@opendatahub-sql/core"
import { type Check, checkOf, NONE, type Widest } from "./checks.ts"

const LF = 10
const CR = 13
/** Bytes behind the last one that a check may look at. */
const SLACK = 64
/** Texts that are kept of a column, and of all columns; more values than these are not looked at for others; characters of a text. */
const EXAMPLES = 1000
const ALL_EXAMPLES = 20_000
const LOOKED = 20_000
const LONGEST_EXAMPLE = 200

/** What ends cells, ASCII characters, and how many lines at the start are none of the table. */
export interface Cells {
  readonly delimiter: string
  readonly quote: string | undefined
  readonly skip: number
}

/** An accumulator: `add` every chunk in order, then `end`. `decode`: the text of bytes. */
export const plainValues = (
  forms: ReadonlyArray<PlainForm | undefined>,
  { delimiter, quote, skip }: Cells,
  decode: (bytes: Uint8Array) => string = (bytes) => Buffer.from(bytes).toString(),
) => {
  const width = forms.length
  const D = delimiter.charCodeAt(0)
  const Q = quote?.charCodeAt(0) ?? -1
  const isEnd = new Uint8Array(256)
  isEnd[D] = isEnd[LF] = isEnd[CR] = 1

  const widest = forms.map((): Widest => ({ digits: 0, scale: 0 }))
  const known = forms.map((form, index): Check | undefined =>
    form === undefined ? undefined : checkOf(form, widest[index] ?? { digits: 0, scale: 0 }),
  )
  /** By column, and one more for all cells beyond; no check at all in the lines that are none of the table. */
  const checks: Array<Check | undefined> = [...known.map(() => undefined), undefined]
  const others = new Float64Array(width + 1)
  const examples = forms.map(() => new Set<string>())
  const complete = forms.map(() => true)
  let allExamples = 0
  let work = new Uint8Array(1 << 16)
  let fours = new DataView(work.buffer)
  let carried = 0
  let column = 0
  let rows = 0
  let ragged = 0
  let skipped = -1
  let afterReturn = false
  /** Lines that end in a line feed alone, and with a return. */
  let feeds = 0
  let returns = 0

  const skipLine = (): void => {
    skipped++
    if (skipped < skip) return
    known.forEach((check, index) => (checks[index] = check))
  }
  skipLine()

  const delimiters = Math.imul(D, 0x01010101)

  /**
   * Where the unquoted cell goes on to, four bytes at a time. A byte less another one has its high bit only where it was smaller, unless it
   * had the bit itself: so `x ^ delimiters` shows delimiters, less one, and `x` line ends and other control characters, less 14.
   */
  const endOfCell = (bytes: Uint8Array, from: number): number => {
    const view = fours
    for (let i = from; ; i++) {
      for (;;) {
        const x = view.getInt32(i, true)
        const y = x ^ delimiters
        const found = (((y - 0x01010101) & ~y) | ((x - 0x0e0e0e0e) & ~x)) & 0x80808080
        if (found === 0) i += 4
        else {
          i += (31 - Math.clz32(found & -found)) >> 3
          break
        }
      }
      // A tab is a control character too.
      if (isEnd[bytes[i] ?? 0] === 1) return i
    }
  }

  /** Keeps the text of a cell that is not plain, its quotes left out. */
  const keepExample = (c: number, bytes: Uint8Array, start: number, end: number): void => {
    const known = examples[c]
    if (known === undefined || complete[c] !== true) return
    const quotes = bytes[start] === Q ? 1 : 0
    const text = end - start > LONGEST_EXAMPLE ? undefined : decode(bytes.subarray(start + quotes, end - quotes))
    const isKept = known.size < EXAMPLES && allExamples < ALL_EXAMPLES && (others[c] ?? 0) < LOOKED
    if (text === undefined || !isKept) complete[c] = false
    else {
      const before = known.size
      known.add(quote === undefined ? text : text.replaceAll(quote + quote, quote))
      allExamples += known.size - before
    }
  }

  /** The offset of the first cell that does not end before `n`; from there on, the bytes are those of a line end. */
  const readCells = (bytes: Uint8Array, n: number): number => {
    let i = 0
    let c = column
    for (;;) {
      const start = i
      if (afterReturn && i < n) {
        afterReturn = false
        if (bytes[i] === LF) {
          i++
          continue
        }
      }
      const check = checks[c]
      let isOther = false
      if (isEnd[bytes[i] ?? 0] === 0) {
        const isQuoted = bytes[i] === Q
        if (check !== undefined) {
          const end = check(bytes, isQuoted ? i + 1 : i)
          const after = isQuoted && bytes[end] === Q ? end + 1 : end
          if (end !== NONE && after - end === (isQuoted ? 1 : 0) && isEnd[bytes[after] ?? 0] === 1) i = after
          else isOther = true
        }
        if (i === start) {
          if (isQuoted) {
            i++
            for (;;) {
              while (i < n && bytes[i] !== Q) i++
              if (i + 1 >= n) break
              if (bytes[i + 1] !== Q) break
              i += 2
            }
            isOther = isOther && i > start + 1
            i++
          }
          i = endOfCell(bytes, i)
        }
      }
      if (i >= n) {
        column = c
        return start
      }
      if (isOther) {
        others[c] = (others[c] ?? 0) + 1
        keepExample(c, bytes, start, i)
      }
      const end = bytes[i++]
      if (end === D) {
        if (c < width) c++
        continue
      }
      if (end === CR) {
        afterReturn = true
        returns++
      } else feeds++
      if (skipped < skip) skipLine()
      else if (c === width - 1 && (c > 0 || i - 1 > start)) rows++
      // The engine takes one surplus cell when it is empty.
      else if (c === width && i - 1 === start) rows++
      else if (c > 0 || i - 1 > start) ragged++
      c = 0
    }
  }

  const add = (chunk: Uint8Array): void => {
    const n = carried + chunk.length
    if (work.length < n + SLACK) {
      const larger = new Uint8Array(2 * n + SLACK)
      larger.set(work.subarray(0, carried))
      work = larger
      fours = new DataView(work.buffer)
    }
    work.set(chunk, carried)
    work.fill(LF, n, n + SLACK)
    const at = readCells(work, n)
    work.copyWithin(0, at, n)
    carried = n - at
  }

  return {
    add,
    /** Whether lines end in more than one way. */
    isMixed: (): boolean => feeds > 0 && returns > 0,
    end: (): PlainValues => {
      const before = feeds
      if (carried > 0 || column > 0) add(Uint8Array.of(LF))
      feeds = before
      return {
        rows,
        ragged,
        columns: widest.map(({ digits, scale }, index) => ({
          others: others[index] ?? 0,
          examples: [...(examples[index] ?? [])],
          complete: complete[index] ?? false,
          digits,
          scale,
        })),
      }
    },
  }
}
