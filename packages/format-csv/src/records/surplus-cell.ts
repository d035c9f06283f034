/** A record with one delimiter too many: which of its empty cells is none. Pure. */
import { cellKind, isNone } from "../dialect/cell-kind.ts"
import type { Shape } from "./aside.ts"

type Row = ReadonlyArray<string>

/** Whether each cell is what its column holds; of words, anything is. */
const isAsUsual = (cells: Row, { kinds }: Shape): boolean =>
  kinds.every((kind, column) => {
    const cell = cells[column] ?? ""
    const of = cellKind(cell)
    if (kind === "text" || of === "empty" || (kind !== "empty" && isNone(cell))) return true
    return of === kind || (kind === "code" && of !== "text")
  })

/** The cells without the empty one that moves the others from their columns; `undefined` where none does, or it cannot be told. */
export const withoutSurplusCell = (cells: Row, shape: Shape): Row | undefined => {
  if (cells.length !== shape.columns.length + 1 || isAsUsual(cells, shape)) return undefined
  const without = cells.flatMap((cell, index) => {
    // Of empty cells side by side any one will do.
    const isFirst = cell.trim() === "" && (index === 0 || cells[index - 1]?.trim() !== "")
    return isFirst ? [cells.toSpliced(index, 1)] : []
  })
  const [found, other] = without.filter((each) => isAsUsual(each, shape))
  return other === undefined ? found : undefined
}
