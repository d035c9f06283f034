/** Writes the file and its oracle, from a seed: the same bytes on every machine. */
import { hash } from "node:crypto"
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs"
import { seeded } from "../measure/random.ts"
import { columns, drawRow, type Value } from "./columns.ts"
import { type ColumnFigures, FiguresOf } from "./figures.ts"
import { encodeWindows1252 } from "./windows-1252.ts"

/** What the file holds. */
export interface Oracle {
  readonly rows: number
  readonly badCells: number
  /** Of `row;column;text` of each, rows from 1, by row and then by name of the column, joined by line feeds. */
  readonly badCellsMd5: string
  readonly rowsWithBadCells: number
  readonly columns: ReadonlyArray<ColumnFigures>
}

/** Another way to write a value, before it is quoted; rows count from 0. The value stays the same, and so does the oracle. */
export type Respell = (column: string, row: number, published: string) => string

/** What to write. */
export interface Recipe {
  /** Path of the UTF-8 file. */
  readonly utf8: string
  /** Path of the same rows in windows-1252. */
  readonly windows1252?: string
  /** Path of the same rows in latin-1: all texts are without the characters that it lacks then. */
  readonly latin1?: string
  readonly respell?: Respell
  /** Bytes of the UTF-8 file, at least: it ends with the row that reaches them. */
  readonly bytes: number
  /** So many rows, whatever the bytes. */
  readonly rows?: number
  /** Share of the cells of typed columns that hold something else. */
  readonly badCells: number
  readonly seed: number
}

const blockBytes = 1 << 20

/** A respelling may have quoted the cell already. */
const quoted = (cell: string): string =>
  /[;"\n]/.test(cell) && !/^ ?"/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

const notInLatin1: Readonly<Record<string, string>> = { "€": "EUR", "–": "-", "’": "'", œ: "oe", Œ: "OE" }
const withoutThem = (value: Value): Value =>
  typeof value === "string" ? value.replaceAll(/[€–’œŒ]/g, (character) => notInLatin1[character] ?? "") : value

/** Writes the file, and its oracle beside it; the figures are counted from the values, never from the text. */
export const generate = ({
  utf8,
  windows1252,
  latin1,
  bytes,
  rows: wanted,
  badCells,
  seed,
  respell = (_, __, published) => published,
}: Recipe): Oracle => {
  const random = seeded(seed)
  const outputs = [
    { file: openSync(utf8, "w"), encode: (block: string) => Buffer.from(block, "utf8") },
    ...(windows1252 === undefined ? [] : [{ file: openSync(windows1252, "w"), encode: encodeWindows1252 }]),
    ...(latin1 === undefined
      ? []
      : [{ file: openSync(latin1, "w"), encode: (block: string) => Buffer.from(block, "latin1") }]),
  ]
  const figures = columns.map((column) => ({ column, counted: new FiguresOf(column) }))
  let written = 0
  let block = `${columns.map(({ name }) => name).join(";")}\r\n`
  let rows = 0
  const bad: Array<string> = []
  let rowsWithBad = 0
  const flush = (): void => {
    for (const [index, { file, encode }] of outputs.entries()) {
      const encoded = encode(block)
      writeSync(file, encoded)
      if (index === 0) written += encoded.length
    }
    block = ""
  }
  while (wanted === undefined ? written + block.length < bytes : rows < wanted) {
    const row = drawRow(random, rows)
    const badInRow: Array<string> = []
    let line = ""
    for (const { column, counted } of figures) {
      const drawn = column.draw(random, row)
      const value = latin1 === undefined ? drawn : withoutThem(drawn)
      const spoilt = column.bad !== undefined && badCells > 0 && random.chance(badCells)
      counted.add(spoilt ? undefined : value)
      if (spoilt) {
        const cell = random.pick(column.bad)
        badInRow.push(`${rows + 1};${column.name};${cell}`)
        line += `;${cell}`
      } else if (value === undefined) line += ";"
      else line += `;${quoted(respell(column.name, rows, column.published(value)))}`
    }
    block += `${line.slice(1)}\r\n`
    rows++
    if (badInRow.length > 0) rowsWithBad++
    bad.push(...badInRow.toSorted())
    if (block.length > blockBytes) flush()
  }
  flush()
  for (const { file } of outputs) closeSync(file)
  const oracle = {
    rows,
    badCells: bad.length,
    badCellsMd5: hash("md5", bad.join("\n")),
    rowsWithBadCells: rowsWithBad,
    columns: figures.map(({ counted }) => counted.end()),
  }
  writeFileSync(`${utf8}.oracle.json`, JSON.stringify(oracle, undefined, 2))
  return oracle
}
