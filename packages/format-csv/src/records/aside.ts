/**
 * Records that may be none of their table: what stands below it, what is said twice, what begins another one. Pure decisions; the reader
 * holds such records back until what follows tells.
 */
import { type CellKind, cellKind, isYear } from "../dialect/cell-kind.ts"
import { votes } from "../dialect/find-header.ts"
import { areUsualNames, wordVotes } from "../dialect/word-votes.ts"

/** A record held back: its cells, and what is said of it if it turns out to be a row or a reject. */
export interface Held {
  readonly cells: ReadonlyArray<string>
  readonly raw: string
  readonly line: number
  readonly byte: number | undefined
  readonly byteLength: number | undefined
  /** Whether a quote of it was taken for text because it never closed. */
  readonly recovered: boolean
  /** Whether it has as many cells as its table allows. */
  readonly fits: boolean
  /** Whether an empty line stands before it. */
  readonly afterGap: boolean
  /** Whether a line end stands after it. */
  readonly ended: boolean
}

/** What is known of the table that is being read; nothing is an aside where its kinds are not known. */
export interface Shape {
  readonly columns: ReadonlyArray<string>
  readonly kinds: ReadonlyArray<CellKind>
}

/**
 * - `blank`: nothing but delimiters;
 * - `note`: one text at the start of the record, as in titles and sources;
 * - `total`: a record that begins with the word;
 * - `repeated`: the names of the columns, once more;
 * - `names`: what may be the names of another table.
 */
export type Role = "blank" | "note" | "total" | "repeated" | "names"

const note =
  /^["'(*\s]*(sources?|(foot)?notes?|n\.?b\.?|champs?|lecture|remarques?|l[ée]gende|avertissement|copyright|©|mise [àa] jour|p[ée]rim[èe]tre|unit[ée]s?|disclaimer|last updated?)\b|^\*|^\(\d\)/i
const total = /^(grand |sous-)?tot(al|aux)( g[ée]n[ée]ral)?\s*:?$/i

const isValue = (kind: CellKind): boolean => kind !== "text" && kind !== "empty"
const isBlank = (cells: ReadonlyArray<string>): boolean => cells.every((cell) => cell.trim() === "")

/** Names: all there, all different, words most of them. */
const areNames = (cells: ReadonlyArray<string>): boolean => {
  const kinds = cells.map((cell) => (isYear(cell) ? "text" : cellKind(cell)))
  return (
    cells.length > 1 &&
    kinds.every((kind) => kind === "text" || kind === "code") &&
    kinds.filter((kind) => kind === "text").length > cells.length / 2 &&
    new Set(cells).size === cells.length
  )
}

/** Whether words stand where the table has values. */
const contradicts = (cells: ReadonlyArray<string>, { kinds }: Shape): boolean =>
  kinds.some((kind, column) => isValue(kind) && cellKind(cells[column] ?? "") === "text")

/** Whether names may follow that are as many as the table's: among words, only usual ones tell. */
const mayBeOthers = (cells: ReadonlyArray<string>, shape: Shape): boolean =>
  contradicts(cells, shape) || (!shape.kinds.some(isValue) && areUsualNames(cells))

/** What a record may be, but a row or a reject; `undefined`: nothing else. */
export const roleOf = (record: Held, shape: Shape, afterBlank: boolean): Role | undefined => {
  const { cells, fits, afterGap } = record
  const width = shape.columns.length
  if (width < 2 || shape.kinds.length === 0) return undefined
  if (isBlank(cells)) return "blank"
  const first = cells[0] ?? ""
  // A sentence may hold the delimiter.
  if (!fits && cells.length < width && note.test(first)) return "note"
  if (cellKind(first) === "text" && isBlank(cells.slice(1))) {
    if (!fits) return "note"
    const likely = afterGap || afterBlank || isValue(shape.kinds[0] ?? "text")
    return note.test(first) || (width > 2 && likely && /\s/.test(first)) ? "note" : undefined
  }
  if (fits && total.test(first.trim())) return "total"
  if (cells.length === width && shape.columns.every((name, c) => name === cells[c]) && contradicts(cells, shape))
    return "repeated"
  return areNames(cells) && (cells.length === width ? afterGap && mayBeOthers(cells, shape) : !fits)
    ? "names"
    : undefined
}

/** Whether the records after `names` make another table of it: one after an empty line, three where nothing else tells. */
export const startsTable = (names: Held, body: ReadonlyArray<Held>, afterGap: boolean, shape: Shape): boolean => {
  const bodies = body.map((record) => record.cells)
  const typed = votes(names.cells, bodies) > 0
  const worded = bodies.length > 1 && areUsualNames(names.cells) && wordVotes(names.cells, bodies) >= 0
  return afterGap
    ? typed || worded || (bodies.length > 1 && names.cells.length !== shape.columns.length)
    : typed && bodies.length > 2
}

/** How many of the records at the end of a file stand below the table: those from the first one that says so itself, and blank ones. */
export const footersIn = (held: ReadonlyArray<Held>, roles: ReadonlyArray<Role>, { kinds }: Shape): number => {
  const says = (record: Held, index: number): boolean => {
    const { cells, fits, ended, afterGap } = record
    if (roles[index] === "total") return true
    if (roles[index] === "blank") return false
    const first = cells[0] ?? ""
    if (fits || note.test(first)) return true
    // Words that a cut record could hold say nothing at the very end.
    const isSentence = (ended || afterGap) && /\s/.test(first.trim())
    return isSentence && (cells.length === 1 || afterGap || isValue(kinds[0] ?? "text"))
  }
  const last = held.findLastIndex((record, index) => roles[index] === "names" && !says(record, index))
  const first = held.findIndex((record, index) => index > last && says(record, index))
  if (first < 0) return held.length - 1 - roles.findLastIndex((role) => role !== "blank")
  const from = held.findLastIndex((_, index) => index < first && roles[index] !== "blank") + 1
  return held.length - from
}
