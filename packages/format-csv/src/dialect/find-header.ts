/** Finds the header among the first records of a file: which record it is, or that there is none. */
import { cellKind, isYear } from "./cell-kind.ts"
import { TITLES } from "./find-dialect.ts"

/** The header is record `index`; without one, data begin there. */
export interface FoundHeader {
  readonly index: number
  readonly header: boolean
  readonly why: string
}

type Row = ReadonlyArray<string>

const BODY = 200

const filled = (row: Row): number => row.filter((cell) => cell.trim() !== "").length

/** Speaks for (positive) or against (negative) `cell` being the name of a column with these cells below it. */
const vote = (cell: string, below: ReadonlyArray<string>): number => {
  const kinds = below.map(cellKind).filter((kind) => kind !== "empty")
  const kind = cellKind(cell)
  if (kind === "empty") return 0
  const typed = kinds.filter((k) => k !== "text").length > kinds.length * 0.8 && kinds.length > 0
  if (kind === "number" || kind === "date") {
    if (isYear(cell)) return below.some(isYear) ? -1 : 0
    return -2
  }
  if (below.includes(cell)) return -1
  if (kind === "code") return typed && kinds.some((k) => k === "code") ? -0.5 : 0
  return typed ? 1 : 0
}

const votes = (row: Row, body: ReadonlyArray<Row>): number =>
  row.reduce(
    (total, cell, column) =>
      total +
      vote(
        cell,
        body.map((below) => below[column] ?? ""),
      ),
    0,
  )

/**
 * A title line has far fewer cells than the table, or is a nearly empty row above a fuller one. A header may lack the last name, unless
 * the next row makes a better one.
 */
const isTitle = (row: Row, below: ReadonlyArray<Row>, width: number): boolean => {
  const [next] = below
  if (width < 2 || next === undefined) return false
  if (row.length === 1 || row.length < Math.min(width - 1, width * 0.75)) return true
  if (row.length < width) return votes(next, below.slice(1)) > 0
  return width > 2 && filled(row) <= 1 && filled(next) > 1
}

/** Decides on the first records, cut with the right dialect; `width` is the usual number of cells. */
export const findHeader = (rows: ReadonlyArray<Row>, width: number): FoundHeader => {
  const bodyOf = (index: number) => rows.slice(index + 1, index + 1 + BODY)
  const found = rows.slice(0, TITLES).findIndex((row, index) => !isTitle(row, bodyOf(index), width))
  const index = Math.max(found, 0)
  const first = rows[index] ?? []
  const body = bodyOf(index)
  const names = first.filter((cell) => cell.trim() !== "")
  const repeated = names.length - new Set(names).size
  if (body.length === 0) {
    const header = names.length > 0 && names.every((name) => cellKind(name) === "text" || isYear(name))
    return { index, header, why: header ? "one record, all text" : "one record, with values" }
  }
  const score = votes(first, body)
  if (score < 0 || (score === 0 && repeated > 0 && repeated >= names.length / 2)) {
    return { index, header: false, why: `the first record looks like its successors (${score})` }
  }
  return {
    index,
    header: true,
    why: score > 0 ? `${score} columns of values stand under text` : "text, unlike its successors",
  }
}
