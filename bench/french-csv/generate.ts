/** Writes the file and its oracle, from a seed: the same bytes on every machine. */
import { closeSync, openSync, writeSync } from "node:fs"
import { seeded } from "../measure/random.ts"
import { columns, drawRow } from "./columns.ts"
import { type ColumnFigures, FiguresOf } from "./figures.ts"
import { encodeWindows1252 } from "./windows-1252.ts"

/** What the file holds. */
export interface Oracle {
  readonly rows: number
  readonly badCells: number
  readonly rowsWithBadCells: number
  readonly columns: ReadonlyArray<ColumnFigures>
}

/** What to write. */
export interface Recipe {
  /** Path of the UTF-8 file. */
  readonly utf8: string
  /** Path of the same rows in windows-1252. */
  readonly windows1252?: string
  /** Bytes of the UTF-8 file, at least: it ends with the row that reaches them. */
  readonly bytes: number
  /** Share of the cells of typed columns that hold something else. */
  readonly badCells: number
  readonly seed: number
}

const blockBytes = 1 << 20

const quoted = (cell: string): string => (/[;"\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** Writes the file; its figures are counted from the values, never from the text. */
export const generate = ({ utf8, windows1252, bytes, badCells, seed }: Recipe): Oracle => {
  const random = seeded(seed)
  const outputs = [
    { file: openSync(utf8, "w"), encode: (block: string) => Buffer.from(block, "utf8") },
    ...(windows1252 === undefined ? [] : [{ file: openSync(windows1252, "w"), encode: encodeWindows1252 }]),
  ]
  const figures = columns.map((column) => ({ column, counted: new FiguresOf(column) }))
  let written = 0
  let block = `${columns.map(({ name }) => name).join(";")}\r\n`
  let rows = 0
  let bad = 0
  let rowsWithBad = 0
  const flush = (): void => {
    for (const [index, { file, encode }] of outputs.entries()) {
      const encoded = encode(block)
      writeSync(file, encoded)
      if (index === 0) written += encoded.length
    }
    block = ""
  }
  while (written + block.length < bytes) {
    const row = drawRow(random, rows)
    const badBefore = bad
    let line = ""
    for (const { column, counted } of figures) {
      const value = column.draw(random, row)
      const spoilt = column.bad !== undefined && badCells > 0 && random.chance(badCells)
      counted.add(spoilt ? undefined : value)
      if (spoilt) {
        bad++
        line += `;${random.pick(column.bad)}`
      } else if (value === undefined) line += ";"
      else line += column.type === "text" ? `;${quoted(column.published(value))}` : `;${column.published(value)}`
    }
    block += `${line.slice(1)}\r\n`
    rows++
    if (bad > badBefore) rowsWithBad++
    if (block.length > blockBytes) flush()
  }
  flush()
  for (const { file } of outputs) closeSync(file)
  return { rows, badCells: bad, rowsWithBadCells: rowsWithBad, columns: figures.map(({ counted }) => counted.end()) }
}
