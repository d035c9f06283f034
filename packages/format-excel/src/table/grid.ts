/** The first rows of a sheet as one sees them: a merged cell fills all the places that it covers. */
import type { Merged, SheetCell, SheetRow } from "../sheet.ts"

export interface GridRow {
  readonly number: number
  /** By column, from 0. */
  readonly cells: ReadonlyMap<number, SheetCell>
  /** How many different cells those are: a merged one counts once. */
  readonly distinct: number
  /** The merged cells that this row shows, with the row that each begins in. */
  readonly merged: ReadonlyArray<Merged & { readonly row: number }>
}

/** `rows` in their order, none of them empty. */
export const gridOf = (rows: ReadonlyArray<SheetRow>): ReadonlyArray<GridRow> => {
  // Titles and groups are merged beyond the table that they stand over.
  const last = Math.max(...rows.map(({ columns }) => Math.max(...columns)))
  let open: ReadonlyArray<Merged & { readonly row: number; readonly cell: SheetCell }> = []
  return rows.map((row) => {
    const cells = new Map(row.columns.map((column, index) => [column, row.cells[index] as SheetCell]))
    const begun = row.merged.flatMap((merged) => {
      const cell = cells.get(merged.column)
      return cell === undefined ? [] : [{ ...merged, row: row.number, cell }]
    })
    open = [...open.filter((merged) => merged.row + merged.height > row.number), ...begun]
    const own = new Set(row.columns)
    let distinct = own.size
    for (const { column, width, cell, row: from } of open) {
      if (from !== row.number && !own.has(column)) distinct++
      for (let c = column; c < column + width && c <= last; c++) if (!own.has(c)) cells.set(c, cell)
    }
    return { number: row.number, cells, distinct, merged: open }
  })
}
