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

const isBlank = (cell: string | undefined): boolean => cell?.trim() === ""

/** Whether a value stands in its column after this one, and so would not, had it not been moved. */
const hasValueAfter = (cells: Row, index: number, { kinds }: Shape): boolean =>
  kinds.some((kind, column) => column >= index && kind !== "text" && kind !== "empty" && !isBlank(cells[column]))

/** The cells without the empty one that moves the others from their columns; `undefined` where none does, or it cannot be told. */
export const withoutSurplusCell = (cells: Row, shape: Shape): Row | undefined => {
  const isLastBlank = isBlank(cells.at(-1))
  if (cells.length !== shape.columns.length + 1 || (isLastBlank && isAsUsual(cells, shape))) return undefined
  const without = cells.flatMap((cell, index) => {
    // Of empty cells side by side any one will do.
    const isFirst = isBlank(cell) && !isBlank(cells[index - 1] ?? "-")
    const left = cells.toSpliced(index, 1)
    return isFirst && (isLastBlank || hasValueAfter(left, index, shape)) && isAsUsual(left, shape) ? [left] : []
  })
  const [found, other] = without
  return other === undefined ? found : undefined
}
