/** How one file is laid out: its dialect, what stands above the table, its columns, and where its records begin. */
import { type CellKind, kindOf } from "./cell-kind.ts"
import { COMMENT } from "./candidates.ts"
import type { Dialect } from "./dialect.ts"
import { findDialect, type FoundDialect } from "./find-dialect.ts"
import { findHeader, type FoundHeader } from "./find-header.ts"
import { namesCutOtherwise, withoutSurplus } from "./odd-names.ts"
import type { Options } from "../options.ts"
import { INCOMPLETE, recordScanner } from "../records/record-scanner.ts"
import { unwrapLine } from "../records/wrapped-line.ts"
import { whyNotWellFormed } from "./well-formed.ts"

export interface Layout {
  readonly dialect: Dialect
  /** Names as the file gives them, marks of byte order left out; all empty without a header. */
  readonly columns: ReadonlyArray<string>
  /** Cells that a record must have at least: those without a name at the end may be missing, and those that the usual record lacks. */
  readonly shortest: number
  /** Lines of the header, from 1; empty when there is none. */
  readonly headerLines: ReadonlyArray<number>
  /** Lines left out above the header. */
  readonly titles: ReadonlyArray<string>
  /** The units below the names, one a column, where there are any. */
  readonly units?: ReadonlyArray<string>
  /** What the cells of each column are like in the head of the file; left out, nothing is known of it. */
  readonly kinds?: ReadonlyArray<CellKind>
  /** Whether records at the end of the file may be none of its table. */
  readonly footers: boolean
  /** Where the records begin: characters from the start of the text, and the line, from 1. */
  readonly start: number
  readonly line: number
  readonly why: { readonly dialect: string; readonly header: string }
  /** What the first records have against their own dialect. */
  readonly notWellFormed?: string | undefined
}

interface HeadRecord {
  readonly cells: ReadonlyArray<string>
  readonly line: number
  readonly start: number
  /** Offset and line after it. */
  readonly next: number
  readonly nextLine: number
}

const RECORDS = 300

const cellsOf = (scanner: ReturnType<typeof recordScanner>, text: string): Array<string> =>
  Array.from({ length: scanner.count() }, (_, index) => scanner.cell(text, index))

/** The first records of a text, empty lines left out; one that may be cut by the end of the text is not among them. */
const firstRecords = (
  text: string,
  from: number,
  fromLine: number,
  { dialect, width }: FoundDialect,
  whole: boolean,
): Array<HeadRecord> => {
  // A quote that never closes must not swallow names.
  const expected = { shortest: width, width }
  const scanner = recordScanner(dialect)
  const inner = recordScanner(dialect)
  const records: Array<HeadRecord> = []
  let start = from
  let line = fromLine
  while (start < text.length && records.length < RECORDS) {
    const next = scanner.scan(text, start, whole, expected)
    if (next === INCOMPLETE) break
    const nextLine = line + 1 + scanner.innerLines()
    if (!scanner.isEmpty()) {
      const wrapped = unwrapLine(scanner, text, inner, undefined)
      records.push({
        cells: wrapped === undefined ? cellsOf(scanner, text) : cellsOf(inner, wrapped),
        line,
        start,
        next,
        nextLine,
      })
    }
    start = next
    line = nextLine
  }
  return records
}

/** The offset after `count` lines. */
const afterLines = (text: string, count: number): number => {
  const ends = /\r\n|\n|\r/g
  for (let n = 0; n < count; n++) if (ends.exec(text) === null) return text.length
  return ends.lastIndex
}

/** Spreadsheets write and read a first line that names the delimiter: `sep=;`. */
const hint = /^sep=(.)(?:\r\n|\n|\r|$)/i

const withoutMark = (name: string): string => name.replace(/^\ufeff/, "")

/** Names in several lines, joined column by column; the name of a group goes on over the columns to its right that have none of their own. */
const joinedNames = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const width = Math.max(0, ...rows.map((row) => row.length))
  const parts = rows.map((row, r) => {
    let group = ""
    return Array.from({ length: width }, (_, column) => {
      const cell = withoutMark(row[column] ?? "")
      group = cell === "" ? group : cell
      return cell === "" && (rows[r + 1]?.[column] ?? "") !== "" ? group : cell
    })
  })
  return Array.from({ length: width }, (_, column) =>
    parts
      .map((part) => part[column] ?? "")
      .filter((name) => rows.length === 1 || name !== "")
      .join(" "),
  )
}

const findComment = (records: ReadonlyArray<HeadRecord>, width: number): string | undefined => {
  const marked = records.filter((record) => record.cells[0]?.startsWith(COMMENT) === true)
  return width > 1 && marked.length > 0 && marked.every((record) => record.cells.length !== width) ? COMMENT : undefined
}

/** The header as it was guessed, or the line above records without one, if another delimiter cuts it into their names. */
const headerOf = (
  head: string,
  records: ReadonlyArray<HeadRecord>,
  guess: FoundHeader,
  { dialect, width }: FoundDialect,
): { readonly records: ReadonlyArray<HeadRecord>; readonly why: string } => {
  const above = guess.lines === 0 ? records[guess.index - 1] : undefined
  const body = records.slice(guess.index).map((record) => record.cells)
  const line = above === undefined ? "" : head.slice(above.start, above.next).replace(/[\r\n]+$/, "")
  const cells = above === undefined ? undefined : namesCutOtherwise(line, dialect, body, width)
  return above === undefined || cells === undefined
    ? { records: records.slice(guess.index, guess.index + guess.lines), why: guess.why }
    : { records: [{ ...above, cells }], why: "text above values, cut by another delimiter" }
}

/** Reads the layout of a file off its head and some blocks further on. */
export const findLayout = (head: string, whole: boolean, blocks: ReadonlyArray<string>, options: Options): Layout => {
  const told = options.skip === undefined ? hint.exec(head)?.[1] : undefined
  const skip = told === undefined ? (options.skip ?? 0) : 1
  const from = afterLines(head, skip)
  const delimiter = options.delimiter ?? told
  const found = findDialect(
    [head.slice(from), ...blocks],
    whole,
    delimiter === undefined ? options : { ...options, delimiter },
  )
  const all = firstRecords(head, from, skip + 1, found, whole)
  const comment = findComment(all, found.width)
  const isComment = (record: HeadRecord): boolean => comment !== undefined && head.startsWith(comment, record.start)
  const records = all.filter((record) => !isComment(record))
  // A record longer than the head is no header.
  const guess =
    records.length === 0
      ? { index: 0, lines: 0, units: false, why: "the first record is longer than the head of the file" }
      : findHeader(
          records.map((record) => record.cells),
          found.width,
        )
  const lines = options.header === undefined || options.header === false ? [] : [options.header].flat()
  const likely = headerOf(head, records, guess, found)
  const header = options.header === undefined ? likely.records : records.filter((record) => lines.includes(record.line))
  const units = options.header === undefined && guess.units ? records[guess.index + guess.lines] : undefined
  const first = options.header === false ? records[0] : (header[0] ?? records[guess.index])
  const last = units ?? header.at(-1)
  const names = withoutSurplus(
    joinedNames(
      header.map((record) => record.cells).filter((cells) => header.length === 1 || cells.some((cell) => cell !== "")),
    ),
    found.width,
  )
  // Names that are missing at the end of the header are empty ones, like those of trailing delimiters.
  const columns = [...names, ...Array.from({ length: Math.max(0, found.width - names.length) }, () => "")]
  const named = columns.findLastIndex((name) => name !== "") + 1
  const start = last?.next ?? first?.start ?? from
  const body = records.filter((record) => record.start >= start).map((record) => record.cells)
  // What is in the cells of a record of another width may belong to other columns.
  const alike = body.filter((cells) => cells.length === columns.length)
  const dialect = { ...found.dialect, comment }
  return {
    dialect,
    columns,
    shortest: header.length === 0 ? columns.length : Math.max(1, Math.min(named, found.width)),
    headerLines: header.map((record) => record.line),
    titles: head
      .slice(0, first?.start ?? from)
      .split(/\r\n|\n|\r/)
      .slice(0, -1),
    ...(units === undefined ? {} : { units: units.cells }),
    kinds: columns.map((_, column) => kindOf((alike.length > 0 ? alike : body).map((cells) => cells[column] ?? ""))),
    footers: options.footers !== false,
    start,
    line: last?.nextLine ?? first?.line ?? skip + 1,
    why: { dialect: found.why, header: options.header === undefined ? likely.why : "told" },
    notWellFormed: whyNotWellFormed(head.slice(first?.start ?? from), whole, dialect),
  }
}
