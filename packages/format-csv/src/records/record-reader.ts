/** The tolerant reader: pieces of text to rows and rejects, with the rules for records that do not fit. */
import type { FormatError, JsonObject, TableEvent } from "@opendatahub-sql/core"
import type { ByteCounter } from "./byte-counter.ts"
import { formatError } from "../csv-error.ts"
import { kindOf } from "../dialect/cell-kind.ts"
import type { Layout } from "../dialect/layout.ts"
import type { Held, Role } from "./aside.ts"
import { asideWatch, type Told } from "./aside-watch.ts"
import { notRows } from "./not-rows.ts"
import { openTable, type OpenTable } from "./open-table.ts"
import { INCOMPLETE, recordScanner } from "./record-scanner.ts"
import { withoutSurplusCell } from "./surplus-cell.ts"
import { TABLE, type TableBuilder, tableBuilder } from "./table-builder.ts"
import { unwrapLine } from "./wrapped-line.ts"

/** In characters; a longer record is refused, as it would not fit in memory several times. */
const LONGEST_RECORD = 128 * 1024 * 1024
/** What would be more tables than these is rejects. */
const MOST_TABLES = 100

/** Why a record at the end is none of the table. */
const FOOTERS: { readonly [role in Role]?: string } = {
  note: "a text of its own below the records",
  total: "it begins with a word for a total",
}

export interface RecordReader {
  /** Takes the next piece of text; `final` with the last one. Fails on a record without an end. */
  readonly read: (piece: string, final: boolean) => ReadonlyArray<TableEvent> | FormatError
  /** Whether all that was read is told, in the first table, so that what follows depends on nothing before it. */
  readonly isIdle: () => boolean
  /** How many records the table has so far. */
  readonly records: () => number
  /** While idle: rows of a line each that need no reading. */
  readonly passed: (rows: number, bytes: number, lineEnd: "lf" | "crlf") => void
  /** What the file was like, once all of it was read; and each table below the first. */
  readonly facts: () => JsonObject
  readonly nextFacts: () => ReadonlyArray<{ readonly table: string; readonly facts: JsonObject }>
}

export const recordReader = (
  file: string,
  layout: Layout,
  nullValues: ReadonlyArray<string>,
  bytes: ByteCounter,
  builderOf: (width: number, table: string) => TableBuilder = tableBuilder,
): RecordReader => {
  const { dialect, kinds = [] } = layout
  const outer = recordScanner(dialect)
  const inner = recordScanner(dialect)
  const watch = asideWatch(layout.footers)
  const outside = notRows()
  const words = new Set(nullValues)
  const value = (text: string): string | null => (text === "" || (words.size > 0 && words.has(text)) ? null : text)

  let table = openTable(
    TABLE,
    builderOf(layout.columns.length, TABLE),
    { columns: layout.columns, kinds },
    { shortest: layout.shortest, width: layout.columns.length },
    value,
  )
  const tables: Array<{ readonly table: OpenTable; readonly header: JsonObject }> = [{ table, header: {} }]
  const due: Array<TableEvent> = []

  let skip = layout.start
  let line = layout.line
  /** Whether the line before is empty. */
  let gap = false
  let emptyLines = 0
  let rest = ""
  /** Pieces that wait until they are as long as `rest`: a long record is looked at again only when the text has doubled. */
  let waiting: Array<string> = []
  let waitingLength = 0
  const lineEnds = { crlf: 0, lf: 0, cr: 0, none: 0 }

  const countLineEnd = (text: string, end: number, next: number): void => {
    if (end === next) lineEnds.none++
    else if (next - end === 2) lineEnds.crlf++
    else if (text.charCodeAt(end) === 10) lineEnds.lf++
    else lineEnds.cr++
  }

  const keep = (held: Held): void => {
    const { cells, raw, recovered } = held
    if (held.fits) table.row({ count: cells.length, size: raw.length, recovered, cell: (c) => cells[c] ?? "" })
    else table.reject(held, cells.length)
  }

  /** Another table begins, or one of the same names goes on where no title tells them apart. */
  const begin = ({ titles, names, body }: NonNullable<Told["next"]>): void => {
    const known =
      titles.length > 0 && tables.length < MOST_TABLES
        ? undefined
        : tables.find((other) => other.table.shape.columns.join("\n") === names.cells.join("\n"))
    if (known === undefined && tables.length >= MOST_TABLES) return [...titles, names, ...body].forEach(keep)
    due.push(...table.take(true))
    titles.forEach((title) => outside.add("title", title))
    outside.add(known === undefined ? "header" : "repeated header", names)
    if (known !== undefined) table = known.table
    else {
      const width = names.cells.length
      const shape = {
        columns: names.cells,
        kinds:
          body.length === 0
            ? table.shape.kinds
            : names.cells.map((_, column) => kindOf(body.map((record) => record.cells[column] ?? ""))),
      }
      const name = `table_${tables.length + 1}`
      table = openTable(name, builderOf(width, name), shape, { shortest: width, width }, value)
      const header = { lines: [names.line], titles: titles.map((title) => title.raw) }
      tables.push({ table, header })
      due.push({ _tag: "TableStarted", table: table.name, columns: names.cells.map((name) => ({ name })) })
    }
    for (const record of body) keep({ ...record, fits: record.cells.length === table.expected.width })
  }

  const hear = ({ records, repeated, footers, next }: Told): void => {
    records.forEach(keep)
    repeated.forEach((record, index) =>
      outside.add(index === repeated.length - 1 ? "repeated header" : "title", record),
    )
    for (const { record, role } of footers) outside.add(role === "blank" ? "blank" : "footer", record, FOOTERS[role])
    if (next !== undefined) begin(next)
  }

  /** Whether a record that fits may yet be none of the table: cheap, as it is asked of every record. */
  const mayBeAside = (text: string, from: number): boolean => {
    if (kinds.length === 0) return false
    const { columns } = table.shape
    const letter = text.charCodeAt(text.charAt(from) === dialect.quote ? from + 1 : from) | 32
    return (
      gap ||
      watch.holds() ||
      (columns.length > 1 && outer.endsAfter(0)) ||
      (columns[0] !== "" && outer.is(text, 0, columns[0] ?? "")) ||
      ((letter === 0x74 || letter === 0x67 || letter === 0x73) && /^(grand|sous|tot)/i.test(outer.cell(text, 0)))
    )
  }

  /** One record that `outer` has just read, up to `next`; `base` is where bytes were last counted. Returns the new `base`. */
  const take = (text: string, from: number, next: number, base: number): number => {
    const count = outer.count()
    const { expected } = table
    // A quoted line of a table whose records may be short of unnamed columns is one cell too: what it holds comes first.
    const wrapped = count === expected.width ? undefined : unwrapLine(outer, text, inner, expected)
    const [scanner, source] = wrapped === undefined ? [outer, text] : [inner, wrapped]
    if (wrapped !== undefined) table.unwrapped()
    const recovered = scanner.recovered()
    const cellsOf = () => Array.from({ length: scanner.count() }, (_, column) => scanner.cell(source, column))
    // What has begun to look like another table is read as it is.
    const isSurplus = scanner.count() > expected.width && !watch.holds()
    const kept = isSurplus ? withoutSurplusCell(cellsOf(), table.shape) : undefined
    const fits = wrapped !== undefined || kept !== undefined || outer.fits(expected)
    if (kept !== undefined) table.realigned(line)
    if (fits && kept === undefined && !mayBeAside(text, from)) {
      const size = outer.end() - from
      table.row({ count: scanner.count(), size, recovered, cell: (column) => scanner.cell(source, column) })
      return base
    }
    const byte = bytes.at(text, base, from)
    const after = bytes.at(text, from, outer.end())
    const record: Held = {
      cells: kept ?? cellsOf(),
      raw: text.slice(from, outer.end()),
      line,
      byte,
      byteLength: byte === undefined || after === undefined ? undefined : after - byte,
      recovered,
      fits,
      afterGap: gap,
      ended: outer.end() < next,
    }
    hear(watch.show(record, table.shape))
    return outer.end()
  }

  /** The offset after the line at `from`, if it is a comment; `undefined` if it is none. */
  const afterComment = (text: string, from: number, final: boolean): number | undefined => {
    if (dialect.comment === undefined || !text.startsWith(dialect.comment, from)) return undefined
    const ends = /\r\n|\n|\r/g
    ends.lastIndex = from
    const found = ends.exec(text)
    const end = found === null ? text.length : found.index
    const next = found === null ? text.length : ends.lastIndex
    if (!final && (found === null || (found[0] === "\r" && next === text.length))) return INCOMPLETE
    countLineEnd(text, end, next)
    outside.add("comment", { line, raw: text.slice(from, end) })
    return next
  }

  const readRecords = (text: string, final: boolean): void => {
    let from = 0
    let base = 0
    if (skip > 0) {
      from = Math.min(skip, text.length)
      skip -= from
    }
    while (from < text.length) {
      const commented = afterComment(text, from, final)
      const next = commented ?? outer.scan(text, from, final, table.expected)
      if (next === INCOMPLETE) break
      if (commented === undefined) {
        countLineEnd(text, outer.end(), next)
        const empty = outer.isEmpty()
        if (empty) emptyLines++
        else base = take(text, from, next, base)
        gap = empty
        line += outer.innerLines()
      }
      line++
      from = next
    }
    bytes.at(text, base, from)
    rest = text.slice(from)
    if (final) hear(watch.end(table.shape))
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
        const row = table.records() + 1
        return formatError(
          "read",
          `${file}: record ${row} on line ${line} has no end after ${LONGEST_RECORD} characters; this is not a CSV file`,
          { row, line },
        )
      }
      return [...due.splice(0), ...(final ? tables.flatMap((each) => each.table.take(true)) : table.take(false))]
    },
    isIdle: () => skip === 0 && rest === "" && waitingLength === 0 && !gap && !watch.holds() && tables.length === 1,
    records: () => table.records(),
    passed: (rows, size, lineEnd) => {
      table.passed(rows)
      bytes.skip(size)
      line += rows
      lineEnds[lineEnd] += rows
    },
    facts: () => ({
      ...tables[0]?.table.facts(),
      lineEnds,
      emptyLines,
      ...(outside.lines() === 0 ? {} : { notRows: outside.facts() }),
    }),
    nextFacts: () =>
      tables
        .slice(1)
        .map((each) => ({ table: each.table.name, facts: { ...each.table.facts(), header: each.header } })),
  }
}
