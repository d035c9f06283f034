/** How the table of a sheet is laid out: what stands above it, its columns, and where its records begin. */
import type { Options } from "../options.ts"
import type { SheetRow } from "../sheet.ts"
import { findHeader } from "./find-header.ts"
import { type GridRow, gridOf } from "./grid.ts"

export interface Layout {
  /** The columns that have a name or a value in the first rows, from 0 as the sheet counts, with their names. */
  readonly columns: ReadonlyArray<{ readonly column: number; readonly name: string }>
  /** The rows of the header, as the sheet counts. */
  readonly headerRows: ReadonlyArray<number>
  /** The texts above the header, a row each. */
  readonly titles: ReadonlyArray<string>
  /** The row of the sheet that is record 1. */
  readonly firstRow: number
  readonly why: string
}

/** Names on several rows. */
const BETWEEN = " / "
const MOST_TITLE = 500

const clean = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

const nameOf = (rows: ReadonlyArray<GridRow>, column: number): string =>
  rows
    .map(({ cells }) => clean(cells.get(column)?.text ?? ""))
    .filter((part, index, parts) => part !== "" && part !== parts[index - 1])
    .join(BETWEEN)

const toldHeader = (
  grid: ReadonlyArray<GridRow>,
  header: NonNullable<Options["header"]>,
): { readonly rows: ReadonlyArray<GridRow>; readonly firstRow: number } => {
  if (header === false) return { rows: [], firstRow: grid[0]?.number ?? 1 }
  const told = [header].flat()
  return { rows: grid.filter(({ number }) => told.includes(number)), firstRow: Math.max(...told) + 1 }
}

/** Reads the layout off the first rows that hold something. */
export const findLayout = (rows: ReadonlyArray<SheetRow>, header: Options["header"]): Layout => {
  const grid = gridOf(rows)
  const found = header === undefined ? findHeader(grid) : undefined
  const told = header === undefined ? undefined : toldHeader(grid, header)
  const headerRows = told?.rows ?? grid.slice(found?.from ?? 0, found?.to ?? 0)
  const last = headerRows.at(-1)?.number
  const firstRow = told?.firstRow ?? (last === undefined ? (grid[found?.to ?? 0]?.number ?? 1) : last + 1)
  const above = headerRows[0]?.number ?? firstRow
  const used = new Set<number>()
  for (const { number, cells } of grid) if (number >= above) for (const column of cells.keys()) used.add(column)
  return {
    columns: [...used].toSorted((a, b) => a - b).map((column) => ({ column, name: nameOf(headerRows, column) })),
    headerRows: headerRows.map(({ number }) => number),
    titles: grid
      .filter(({ number }) => number < above)
      .map(({ cells }) => clean([...new Set(cells.values())].map(({ text }) => text).join(" ")).slice(0, MOST_TITLE)),
    firstRow,
    why: found?.why ?? "told",
  }
}
