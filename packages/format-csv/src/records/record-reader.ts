/** The tolerant reader: pieces of text to rows and rejects, with the rules for records that do not fit. */
import { type FormatError, type JsonObject, rawText, type TableEvent } from "@opendatahub-sql/core"
import type { ByteCounter } from "./byte-counter.ts"
import { formatError } from "../csv-error.ts"
import type { Layout } from "../dialect/layout.ts"
import { INCOMPLETE, recordScanner } from "./record-scanner.ts"
import { TABLE, tableBuilder } from "./table-builder.ts"
import { unwrapLine } from "./wrapped-line.ts"

/** In characters; a longer record is refused, as it would not fit in memory several times. */
const LONGEST_RECORD = 128 * 1024 * 1024
const FIRST = 10

export interface RecordReader {
  /** Takes the next piece of text; `final` with the last one. Fails on a record without an end. */
  readonly read: (piece: string, final: boolean) => ReadonlyArray<TableEvent> | FormatError
  /** What the file was like, once all of it was read. */
  readonly facts: () => JsonObject
}

export const recordReader = (
  file: string,
  layout: Layout,
  nullValues: ReadonlyArray<string>,
  bytes: ByteCounter,
): RecordReader => {
  const width = layout.columns.length
  const expected = { shortest: layout.shortest, width }
  const outer = recordScanner(layout.dialect)
  const inner = recordScanner(layout.dialect)
  const table = tableBuilder(width)
  const words = new Set(nullValues)
  const value = (text: string): string | null => (text === "" || (words.size > 0 && words.has(text)) ? null : text)

  let skip = layout.start
  let line = layout.line
  let number = 0
  let rest = ""
  /** Pieces that wait until they are as long as `rest`: a long record is looked at again only when the text has doubled. */
  let waiting: Array<string> = []
  let waitingLength = 0
  const rejectedRows = { "missing-columns": 0, "too-many-columns": 0 }
  const seen = { unwrapped: 0, recovered: 0, emptyLines: 0, padded: 0, surplus: 0 }
  const recoveredRows: Array<number> = []
  const lineEnds = { crlf: 0, lf: 0, cr: 0, none: 0 }

  const countLineEnd = (text: string, next: number): void => {
    const end = outer.end()
    if (end === next) lineEnds.none++
    else if (next - end === 2) lineEnds.crlf++
    else if (text.charCodeAt(end) === 10) lineEnds.lf++
    else lineEnds.cr++
  }

  const recover = (): void => {
    seen.recovered++
    if (recoveredRows.length < FIRST) recoveredRows.push(number)
  }

  /** One record that `outer` has just read; `base` is where bytes were last counted. Returns the new `base`. */
  const take = (text: string, from: number, base: number): number => {
    number++
    const count = outer.count()
    const size = outer.end() - from
    // A quoted line of a table whose records may be short of unnamed columns is one cell too: what it holds comes first.
    const wrapped = count === width ? undefined : unwrapLine(outer, text, inner, expected)
    if (wrapped !== undefined) {
      seen.unwrapped++
      if (inner.recovered()) recover()
      table.row(number, size, (column) => value(inner.cell(wrapped, column)))
      return base
    }
    if (outer.fits(expected)) {
      if (count < width) seen.padded++
      else if (count > width) seen.surplus++
      if (outer.recovered()) recover()
      table.row(number, size, (column) => (column < count ? value(outer.cell(text, column)) : null))
      return base
    }
    const code = count < width ? "missing-columns" : "too-many-columns"
    rejectedRows[code]++
    const byte = bytes.at(text, base, from)
    const after = bytes.at(text, from, outer.end())
    table.reject({
      row: number,
      raw: rawText(text.slice(from, outer.end())),
      code,
      message: `${count} cells instead of ${width}`,
      line,
      ...(byte === undefined || after === undefined ? {} : { byte, byteLength: after - byte }),
    })
    return outer.end()
  }

  const readRecords = (text: string, final: boolean): void => {
    let from = 0
    let base = 0
    if (skip > 0) {
      from = Math.min(skip, text.length)
      skip -= from
    }
    while (from < text.length) {
      const next = outer.scan(text, from, final, expected)
      if (next === INCOMPLETE) break
      countLineEnd(text, next)
      if (outer.isEmpty()) seen.emptyLines++
      else base = take(text, from, base)
      line += 1 + outer.innerLines()
      from = next
    }
    bytes.at(text, base, from)
    rest = text.slice(from)
  }

  return {
    read: (piece, final) => {
      waiting.push(piece)
      waitingLength += piece.length
      if (!final && waitingLength < rest.length) return []
      const text = waiting.length === 1 && rest === "" ? piece : rest + waiting.join("")
      waiting = []
      waitingLength = 0
      readRecords(text, final)
      if (rest.length > LONGEST_RECORD) {
        return formatError(
          "read",
          `${file}: record ${number + 1} on line ${line} has no end after ${LONGEST_RECORD} characters; this is not a CSV file`,
          { row: number + 1, line },
        )
      }
      return table.take(final)
    },
    facts: () => ({
      table: TABLE,
      records: number,
      rejected: rejectedRows,
      lineEnds,
      emptyLines: seen.emptyLines,
      wrappedLines: seen.unwrapped,
      unclosedQuotes: { records: seen.recovered, first: recoveredRows },
      shortRecords: seen.padded,
      surplusEmptyCells: seen.surplus,
    }),
  }
}
