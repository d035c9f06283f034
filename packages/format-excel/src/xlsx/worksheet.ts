/** The rows of one sheet of an xlsx. */
import { damaged } from "../problem.ts"
import {
  errorCell,
  type Merged,
  MOST_COLUMNS,
  MOST_ROWS,
  type SheetCell,
  type SheetRow,
  textCell,
  uncomputedCell,
} from "../sheet.ts"
import { numberCell } from "../values/number-cell.ts"
import type { Shown } from "../values/number-format.ts"
import type { DateSystem } from "../values/serial-date.ts"
import { localName, visitXml } from "../zip/xml.ts"
import { columnOf } from "./cell-reference.ts"
import type { SharedStrings } from "./shared-strings.ts"
import { stringText } from "./string-text.ts"

/** What the cells of all sheets refer to. */
export interface Lookup {
  readonly strings: SharedStrings
  readonly styles: ReadonlyArray<Shown>
  readonly dateSystem: DateSystem
}

const NUMBER: Shown = { is: "number" }
const NONE: ReadonlyArray<Merged> = []

/** `2024-03-01T00:00:00.000Z` → `2024-03-01`: a date of the strict variant. */
const isoDateCell = (text: string): SheetCell => {
  const short = text.trim().replace(/^(\d{4}-\d\d-\d\d)T00:00(?::00(?:\.0+)?)?Z?$/, "$1")
  return { kind: short.includes("-") ? "date" : "time", text: short }
}

class RowReader {
  rows: Array<SheetRow> = []
  private readonly part: string
  private readonly lookup: Lookup
  private readonly merged: ReadonlyMap<number, ReadonlyArray<Merged>>
  private inRow = false
  private inCell = false
  private row = 0
  private column = -1
  private columns: Array<number> = []
  private cells: Array<SheetCell> = []
  private type = ""
  private style = 0
  private collecting: "value" | "formula" | undefined
  private inAid = false
  private value = ""
  private formula: string | undefined

  constructor(part: string, lookup: Lookup, merged: ReadonlyMap<number, ReadonlyArray<Merged>>) {
    this.part = part
    this.lookup = lookup
    this.merged = merged
  }

  readonly open = (name: string, attributes: Readonly<Record<string, string>>): void => {
    const local = localName(name)
    if (local === "c" && this.inRow) this.openCell(attributes)
    else if (this.inCell) {
      if (local === "rPh") this.inAid = true
      else if (local === "f") {
        this.collecting = "formula"
        this.formula = ""
      } else this.collecting = local === "v" || (local === "t" && !this.inAid) ? "value" : undefined
    } else if (local === "row") {
      const { r } = attributes
      this.inRow = true
      this.row = Math.max(this.row + 1, r === undefined ? 0 : Number(r) || 0)
      this.column = -1
      if (this.row > MOST_ROWS) throw damaged(`${this.part} has a row ${this.row}`)
    }
  }

  readonly text = (text: string): void => {
    if (this.collecting === "value") this.value += text
    else if (this.collecting === "formula") this.formula = (this.formula ?? "") + text
  }

  readonly close = (name: string): void => {
    const local = localName(name)
    this.collecting = undefined
    if (local === "rPh") this.inAid = false
    else if (local === "c" && this.inCell) this.closeCell()
    else if (local === "row" && this.inRow) this.closeRow()
  }

  private openCell({ r, t, s }: Readonly<Record<string, string>>): void {
    this.inCell = true
    this.column = r === undefined ? this.column + 1 : columnOf(r)
    if (!(this.column >= 0 && this.column < MOST_COLUMNS)) throw damaged(`${this.part} has a cell ${String(r)}`)
    this.type = t ?? "n"
    this.style = s === undefined ? 0 : Number(s)
    this.value = ""
    this.formula = undefined
  }

  private closeCell(): void {
    this.inCell = false
    const cell = this.cellOf()
    if (cell === undefined) return
    this.columns.push(this.column)
    this.cells.push(cell)
  }

  private cellOf(): SheetCell | undefined {
    const { value, type } = this
    if (value === "") return this.formula === undefined || type === "str" ? undefined : uncomputedCell(this.formula)
    if (type === "s") {
      const text = this.lookup.strings.get(Number(value))
      if (text === undefined) throw damaged(`${this.part} refers to the shared string ${value}, which is missing`)
      return textCell(text)
    }
    if (type === "n") return numberCell(value, this.lookup.styles[this.style] ?? NUMBER, this.lookup.dateSystem)
    if (type === "b")
      return { kind: "boolean", text: value.trim() === "1" || value.trim() === "true" ? "true" : "false" }
    if (type === "e") return errorCell(value)
    return type === "d" ? isoDateCell(value) : textCell(stringText(value))
  }

  private closeRow(): void {
    this.inRow = false
    const merged = this.merged.get(this.row) ?? NONE
    if (this.cells.length === 0) return
    this.rows.push({ number: this.row, columns: this.columns, cells: this.cells, merged })
    this.columns = []
    this.cells = []
  }
}

/** The rows that hold something, as many at a time as one chunk of bytes gives. */
export async function* readRows(
  part: string,
  bytes: AsyncIterable<Uint8Array>,
  merged: ReadonlyMap<number, ReadonlyArray<Merged>>,
  lookup: Lookup,
): AsyncGenerator<ReadonlyArray<SheetRow>> {
  const reader = new RowReader(part, lookup, merged)
  for await (const _ of visitXml(part, bytes, reader)) {
    if (reader.rows.length === 0) continue
    const { rows } = reader
    reader.rows = []
    yield rows
  }
}
