/** Finds the header among the first rows of a sheet: which rows it has, or that there is none. Pure. */
import type { SheetCell } from "../sheet.ts"
import type { GridRow } from "./grid.ts"
import { isYear, lookOf } from "./look.ts"

/** The header is the rows from `from` to `to` (excluded) of the grid; the records begin at `to`. Both are equal without one. */
export interface FoundHeader {
  readonly from: number
  readonly to: number
  readonly why: string
}

type Grid = ReadonlyArray<GridRow>

/** Titles, notes and dates of publication above a table are not longer than that, in rows that hold something. */
const MOST_TITLES = 50
const MOST_HEADER_ROWS = 4
const BODY = 200

const isText = (cell: SheetCell): boolean => lookOf(cell) === "text" || isYear(cell)

/** How many cells a row of the table has: what a tenth of the rows, and two at least, reach. */
const widthOf = (grid: Grid): number => {
  const sizes = grid.map(({ cells }) => cells.size).toSorted((a, b) => b - a)
  return sizes[Math.min(sizes.length - 1, Math.max(1, Math.floor(sizes.length / 10)))] ?? 0
}

/** Cells merged side by side, unless one of them is all there is: then it is a title. `Source :` begins a note. */
const groups = (row: GridRow, left: number): boolean =>
  !(row.cells.get(left)?.text.trimEnd().endsWith(":") ?? false) &&
  row.merged.some(
    ({ width, column, row: from }) => width > 1 && from === row.number && (row.distinct > 1 || column > left),
  )

const follows = (grid: Grid, index: number): boolean =>
  (grid[index]?.number ?? 0) === (grid[index - 1]?.number ?? 0) + 1

/** The first row that is as full as the table. One that is half as full comes before it where it alone is all text: headers may lack names. */
const firstRow = (grid: Grid, width: number): number => {
  const rows = grid.slice(0, MOST_TITLES)
  const half = rows.findIndex(({ distinct }) => distinct >= Math.max(Math.min(2, width), width * 0.5))
  const full = rows.findIndex(({ distinct }) => distinct >= width * 0.75)
  if (half < 0 || full < 0) return Math.max(full, half, 0)
  if (half === full) return half
  const [above, below] = [grid[half], grid[full]]
  const isAbove = full === half + 1 && follows(grid, full)
  return isAbove &&
    [...(above?.cells.values() ?? [])].every(isText) &&
    [...(below?.cells.values() ?? [])].some((cell) => !isText(cell))
    ? half
    : full
}

/** The columns whose cells below are numbers, dates or booleans. */
const typedColumns = (body: Grid): ReadonlySet<number> => {
  const counts = new Map<number, { typed: number; all: number }>()
  for (const { cells } of body) {
    for (const [column, cell] of cells) {
      const count = counts.get(column) ?? { typed: 0, all: 0 }
      count.all++
      if (lookOf(cell) !== "text") count.typed++
      counts.set(column, count)
    }
  }
  return new Set([...counts].filter(([, { typed, all }]) => typed >= all * 0.8).map(([column]) => column))
}

const TECHNICAL = /^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$/

const distinctTexts = (cells: ReadonlyArray<SheetCell>): boolean =>
  new Set(cells.map(({ text }) => text)).size === cells.length

/** Whether a row below a row of the header belongs to it as well. */
const continues = (grid: Grid, from: number, index: number, left: number): boolean => {
  const [above, row] = [grid[index - 1], grid[index]]
  if (above === undefined || row === undefined || !follows(grid, index)) return false
  const first = grid[from]?.number ?? 0
  if (row.merged.some((merged) => merged.row >= first && merged.row < row.number && merged.height > 1)) return true
  const cells = [...row.cells.values()]
  if (!cells.every(isText)) return false
  if (groups(above, left)) return true
  const body = grid.slice(index + 1, index + 1 + BODY)
  if (body.length === 0) return false
  const typed = typedColumns(body)
  const overTyped = [...row.cells].filter(([column]) => typed.has(column)).map(([, cell]) => cell)
  const others = [...row.cells].filter(([column]) => !typed.has(column))
  // Units: nothing but where numbers stand below.
  if (others.length === 0 && overTyped.length > 0 && typed.size < above.cells.size) return true
  // A technical name under each label: `code_dep` under "Code du département".
  const technical = cells.filter(({ text }) => TECHNICAL.test(text.trim()))
  const isTechnical =
    technical.length === cells.length &&
    cells.length >= above.cells.size * 0.75 &&
    technical.some(({ text }) => text.includes("_"))
  if (
    isTechnical &&
    distinctTexts(cells) &&
    ![...above.cells.values()].every(({ text }) => TECHNICAL.test(text.trim()))
  )
    return true
  return (
    typed.size >= 2 &&
    overTyped.length === typed.size &&
    distinctTexts(overTyped) &&
    overTyped.every((cell) => !isYear(cell))
  )
}

/** Speaks for (positive) or against (negative) `cell` being the name of a column with these cells below it. */
const vote = (cell: SheetCell, below: ReadonlyArray<SheetCell>): number => {
  const look = lookOf(cell)
  const same = below.filter((other) => lookOf(other) === look).length
  if (look === "text") {
    if (below.some(({ text }) => text === cell.text)) return -1
    return below.length > 0 && same < below.length * 0.2 ? 1 : 0
  }
  if (isYear(cell)) return below.some(isYear) ? -1 : 0
  return same > below.length * 0.5 || below.length === 0 ? -2 : 0
}

const noHeader = (grid: Grid, from: number): { readonly none: boolean; readonly why: string } => {
  const row = grid[from]
  const cells = [...(row?.cells ?? [])]
  const body = grid.slice(from + 1, from + 1 + BODY)
  if (body.length === 0) {
    const none = !cells.every(([, cell]) => isText(cell))
    return { none, why: none ? "one row, with values" : "one row, all text" }
  }
  const below = (column: number) => body.flatMap(({ cells }) => cells.get(column) ?? [])
  const votes = cells.reduce((total, [column, cell]) => total + vote(cell, below(column)), 0)
  const repeated = cells.length - new Set(cells.map(([, { text }]) => text)).size
  const none = votes < 0 || (votes === 0 && repeated > 0 && repeated >= cells.length / 2)
  return {
    none,
    why: none
      ? `the first row looks like its successors (${votes})`
      : votes > 0
        ? `${votes} columns of values stand under text`
        : "text, unlike its successors",
  }
}

/** Decides on the first rows of a sheet; empty rows are not among them. */
export const findHeader = (grid: Grid): FoundHeader => {
  const first = firstRow(grid, widthOf(grid))
  const left = Math.min(...(grid[first]?.cells.keys() ?? [0]))
  let from = first
  while (
    from > 0 &&
    first - from < MOST_HEADER_ROWS - 1 &&
    follows(grid, from) &&
    groups(grid[from - 1] as GridRow, left)
  )
    from--
  let to = first + 1
  while (to < grid.length && to - from < MOST_HEADER_ROWS && continues(grid, from, to, left)) to++
  if (to - from > 1) return { from, to, why: `${to - from} rows of names` }
  const { none, why } = noHeader(grid, from)
  return { from, to: none ? from : to, why }
}
