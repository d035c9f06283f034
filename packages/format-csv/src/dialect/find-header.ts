/** Finds the header among the first records of a file: which records it is, or that there is none, and a line of units below it. */
import { cellKind, isNone, isUnit, isYear, kindOf } from "./cell-kind.ts"
import { TITLES } from "./find-dialect.ts"
import { wordVotes } from "./word-votes.ts"

/** Records `index` to `index + lines - 1` are the header, the next one holds units where `units` says so, and then data begin. */
export interface FoundHeader {
  readonly index: number
  readonly lines: number
  readonly units: boolean
  readonly why: string
}

type Row = ReadonlyArray<string>

const BODY = 200
const LINES = 3
/** Fewer records than these tell nothing of the one above. */
const FEW = 3

const isFilled = (cell: string): boolean => cell.trim() !== ""
const filled = (row: Row): number => row.filter(isFilled).length
const columnOf = (rows: ReadonlyArray<Row>, column: number): ReadonlyArray<string> =>
  rows.map((row) => row[column] ?? "")

/** Speaks for (positive) or against (negative) `cell` being the name of a column with these cells below it. */
const vote = (cell: string, below: ReadonlyArray<string>): number => {
  const kinds = below.map(cellKind).filter((kind) => kind !== "empty")
  const kind = cellKind(cell)
  if (kind === "empty") return 0
  const typed = kinds.filter((k) => k !== "text").length > kinds.length * 0.8 && kinds.length > 0
  if (kind === "number" || kind === "date") {
    if (isYear(cell)) return below.some(isYear) ? -1 : 0
    if (kind === "date" && typed && !kinds.includes("date")) return 1
    return -2
  }
  if (below.includes(cell)) return -1
  if (kind === "code") return typed && kinds.some((k) => k === "code") ? -0.5 : 0
  return typed ? 1 : 0
}

/** For and against `row` being the names of the columns of `body`. */
export const votes = (row: Row, body: ReadonlyArray<Row>): number =>
  row.reduce((total, cell, column) => total + vote(cell, columnOf(body, column)), 0)

/** How many cells of the usual record hold something, notes among the records aside. */
const usuallyFilled = (rows: ReadonlyArray<Row>): number => {
  const some = rows.map(filled).filter((n) => n > 0)
  const more = some.filter((n) => n > 1)
  const usual = more.length >= some.length / 4 ? more : some
  return usual.toSorted((a, b) => a - b)[Math.floor(usual.length / 2)] ?? 0
}

/** Cells side by side at the start, and nothing in the others: a key and its value above the table. */
const isKeyAndValue = (row: Row, width: number): boolean =>
  width >= 5 && filled(row) <= width / 2 && row.findLastIndex(isFilled) < filled(row)

/**
 * A title line has far fewer cells than the table, or hardly one that holds something above fuller ones. A header may lack the last name,
 * unless the next row makes a better one.
 */
const isTitle = (row: Row, below: ReadonlyArray<Row>, width: number): boolean => {
  const [next] = below
  if (width < 2 || next === undefined) return false
  if (row.length === 1 || row.length < Math.min(width - 1, width * 0.75)) return true
  if (row.length < width) return votes(next, below.slice(1)) > 0
  if (width < 3 || usuallyFilled(below) <= 1) return false
  return filled(row) <= 1 || (isKeyAndValue(row, width) && usuallyFilled(below) > width / 2)
}

/** Names of groups of columns, each over the first column of its group: `;2019;;2020;`. */
const isGroups = (row: Row, next: Row): boolean =>
  filled(row) >= 1 &&
  filled(row) < filled(next) &&
  row.some((cell, column) => !isFilled(cell) && column > row.findIndex(isFilled))

/** Whether `row`, below the header, goes on with it: no value where its successors have values, and words in two such columns at least. */
const goesOn = (row: Row, above: Row, body: ReadonlyArray<Row>): boolean => {
  if (body.length === 0 || filled(row) === 0) return false
  if (row.every((cell, column) => cell === above[column])) return true
  if (body.length < FEW) return false
  const values = row.flatMap((cell, column) => {
    const kind = kindOf(columnOf(body, column))
    const isValue = kind === "number" || kind === "date" || (kind === "code" && cellKind(cell) !== "code")
    return isFilled(cell) && isValue ? [cell] : []
  })
  const named = values.filter(
    (cell) => isYear(cell) || (/\p{L}|%/u.test(cell) && cellKind(cell) !== "date" && !isNone(cell)),
  )
  if (
    named.length < values.length ||
    row.some((cell, column) => isFilled(cell) && columnOf(body, column).includes(cell))
  )
    return false
  return named.length >= 2 || (isGroups(above, row) && (named.length > 0 || votes(row, body) >= 0))
}

/** Whether two rows are alike as far as the shorter one goes: the same names, above another table or in the middle of this one. */
const areAlike = (one: Row, other: Row): boolean =>
  Math.min(one.length, other.length) > 1 && one.every((cell, column) => cell === (other[column] ?? cell))

const areUnits = (row: Row): boolean => filled(row) > 0 && row.filter(isFilled).every(isUnit)

/** Decides on the first records, cut with the right dialect; `width` is the usual number of cells. */
export const findHeader = (rows: ReadonlyArray<Row>, width: number): FoundHeader => {
  const bodyOf = (index: number) => rows.slice(index + 1, index + 1 + BODY)
  const untold = (above: Row, body: ReadonlyArray<Row>) => body.filter((row) => !areAlike(above, row))
  const found = rows.slice(0, TITLES).findIndex((row, index) => !isTitle(row, bodyOf(index), width))
  const index = Math.max(found, 0)
  const first = rows[index] ?? []
  const body = bodyOf(index)
  const names = first.filter(isFilled)
  const repeated = names.length - new Set(names).size
  const none = (why: string): FoundHeader => ({ index, lines: 0, units: false, why })
  if (body.length === 0) {
    const values = names.filter((name) => cellKind(name) !== "text" && !isYear(name))
    const codes = values.filter((name) => cellKind(name) === "code")
    return names.length > 0 && values.length === codes.length && codes.length <= names.length / 2
      ? { index, lines: 1, units: false, why: "one record, of names" }
      : none("one record, with values")
  }
  let lines = 1
  for (let named = 1; named < LINES; named++) {
    const above = rows[index + lines - 1] ?? []
    // An empty row may stand between two lines of names.
    const next = index + lines + (filled(rows[index + lines] ?? []) === 0 ? 1 : 0)
    const row = rows[next] ?? []
    if (areUnits(row) || !goesOn(row, above, bodyOf(next))) break
    lines = next - index + 1
  }
  const units = body.length >= lines && areUnits(rows[index + lines] ?? [])
  const last = rows[index + lines - 1] ?? []
  const successors = untold(last, bodyOf(index + lines - (units ? 0 : 1)))
  const score = votes(last, successors)
  const words = score === 0 && lines === 1 ? wordVotes(last, successors) : 0
  if (lines === 1 && (score < 0 || words < 0 || (score === 0 && repeated > 0 && repeated >= names.length / 2)))
    return none(`the first record looks like its successors (${score < 0 ? score : words})`)
  const why = score > 0 ? `${score} columns of values stand under text` : "text, unlike its successors"
  return { index, lines, units, why: `${why}${lines > 1 ? `, in ${lines} lines` : ""}` }
}
