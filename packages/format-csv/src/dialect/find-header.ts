/** Finds the header among the first records of a file: which record it is, or that there is none. */
import { cellKind, isYear } from "./cell-kind.ts"

/** The header is record `index`; without one, data begin there. */
export interface FoundHeader {
  readonly index: number
  readonly header: boolean
  readonly why: string
}

type Row = ReadonlyArray<string>

/** Titles, notes and dates of publication above a table are not longer than that. */
const TITLES = 50
const BODY = 200

const filled = (row: Row): number => row.filter((cell) => cell.trim() !== "").length

/** A title line has far fewer cells than the table, or is a nearly empty row above a fuller one. A header may lack a name or two. */
const isTitle = (row: Row, next: Row | undefined, width: number): boolean =>
  width > 1 && (row.length < Math.max(2, width * 0.75) || (width > 2 && filled(row) <= 1 && next !== undefined && filled(next) > 1))

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

/** Decides on the first records, cut with the right dialect; `width` is the usual number of cells. */
export const findHeader = (rows: ReadonlyArray<Row>, width: number): FoundHeader => {
  const found = rows.slice(0, TITLES).findIndex((row, i) => !isTitle(row, rows[i + 1], width))
  const index = Math.max(found, 0)
  const first = rows[index] ?? []
  const body = rows.slice(index + 1, index + 1 + BODY)
  const names = first.filter((cell) => cell.trim() !== "")
  const votes = first.reduce((total, cell, column) => total + vote(cell, body.map((row) => row[column] ?? "")), 0)
  const repeated = names.length - new Set(names).size
  if (body.length === 0) {
    const header = names.length > 0 && names.every((name) => cellKind(name) === "text" || isYear(name))
    return { index, header, why: header ? "one record, all text" : "one record, with values" }
  }
  if (votes < 0 || (votes === 0 && repeated > 0 && repeated >= names.length / 2)) {
    return { index, header: false, why: `the first record looks like its successors (${votes})` }
  }
  return { index, header: true, why: votes > 0 ? `${votes} columns of values stand under text` : "text, unlike its successors" }
}
