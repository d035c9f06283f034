/** One sheet on its way into a table: the layout is read off its first rows, then batches leave as they fill. */
import type { Cell, Column, JsonObject, Reject, TableEvent } from "@opendatahub-sql/core"
import type { Options } from "../options.ts"
import type { SheetCell, SheetRow, SheetState } from "../sheet.ts"
import { findLayout, type Layout } from "./layout.ts"

/** Rows that hold something, looked at before the first record. */
const HEAD_ROWS = 300
const BATCH_ROWS = 8_192
const BATCH_BYTES = 4_194_304
/** Cells of one batch, empty ones included: a wide and sparse sheet holds little text. */
const BATCH_CELLS = 1_048_576

/** A merged cell whose rows are not over. */
interface Open {
  readonly lastRow: number
  readonly cell: SheetCell
}

export class SheetTable {
  readonly name: string
  /** Characters told so far. */
  length = 0
  rows = 0
  private readonly state: SheetState
  private readonly options: Pick<Options, "header" | "merged">
  private head: Array<SheetRow> | undefined = []
  private layout: Layout | undefined
  /** Places in the table, by column of the sheet. */
  private readonly places = new Map<number, number>()
  private readonly names: Array<string> = []
  private readonly units: Array<Set<string> | undefined> = []
  private columns: Array<Array<Cell>> = []
  private rowNumbers: Array<number> = []
  private bytes = 0
  private rejects: Array<Reject> = []
  private added: Array<Column> = []
  /** By column. */
  private readonly open = new Map<number, Open>()
  private filled = 0
  private problems = 0
  private events: Array<TableEvent> = []

  constructor(name: string, state: SheetState, options: Pick<Options, "header" | "merged">) {
    this.name = name
    this.state = state
    this.options = options
  }

  push(rows: ReadonlyArray<SheetRow>): ReadonlyArray<TableEvent> {
    for (const row of rows) {
      if (this.head === undefined) this.record(row)
      else if (this.head.push(row) >= HEAD_ROWS) this.begin()
    }
    return this.take()
  }

  /** What is left; nothing at all for an empty sheet. */
  end(): ReadonlyArray<TableEvent> {
    if (this.head !== undefined && this.head.length > 0) this.begin()
    this.flush()
    if (this.layout !== undefined) this.events.push({ _tag: "Facts", table: this.name, facts: this.facts(this.layout) })
    return this.take()
  }

  private take(): ReadonlyArray<TableEvent> {
    const { events } = this
    this.events = []
    return events
  }

  private begin(): void {
    const rows = this.head ?? []
    this.head = undefined
    const layout = findLayout(rows, this.options.header)
    this.layout = layout
    for (const { column, name } of layout.columns) this.addPlace(column, name)
    this.added = []
    this.events.push({ _tag: "TableStarted", table: this.name, columns: this.names.map((name) => ({ name })) })
    for (const row of rows) if (row.number >= layout.firstRow) this.record(row)
  }

  private addPlace(column: number, name: string): number {
    const place = this.names.push(name) - 1
    this.places.set(column, place)
    this.columns.push(Array<Cell>(this.rowNumbers.length).fill(null))
    this.added.push({ name })
    return place
  }

  private record(row: SheetRow): void {
    if (this.layout === undefined) return
    const number = row.number - this.layout.firstRow + 1
    row.columns.forEach((column, index) => this.cell(number, row.number, column, row.cells[index] as SheetCell))
    if (this.options.merged === "fill") this.fill(row, number)
    this.rowNumbers.push(number)
    const size = this.rowNumbers.length
    for (const column of this.columns) if (column.length < size) column.push(null)
    this.rows++
    if (size >= BATCH_ROWS || this.bytes >= BATCH_BYTES || size * this.columns.length >= BATCH_CELLS) this.flush()
  }

  private cell(number: number, line: number, column: number, { kind, text, unit, code }: SheetCell): void {
    const place = this.places.get(column) ?? this.addPlace(column, "")
    const cells = this.columns[place] as Array<Cell>
    this.length += text.length
    this.bytes += text.length + 8
    if (unit !== undefined) (this.units[place] ??= new Set()).add(unit)
    // The same place twice in a row is damage that other programs read over: the last one counts.
    if (cells.length > this.rowNumbers.length) cells.pop()
    cells.push(kind === "problem" ? null : text)
    if (kind !== "problem") return
    this.problems++
    this.rejects.push({ row: number, column: place, raw: text, code: code ?? "unreadable-cell", line })
  }

  /** The rows of a merged cell hold its value, in its first column: it says something of each of them. */
  private fill(row: SheetRow, number: number): void {
    for (const [column, { lastRow, cell }] of this.open) {
      if (lastRow < row.number) this.open.delete(column)
      else if (!row.columns.includes(column)) {
        this.filled++
        this.cell(number, row.number, column, cell)
      }
    }
    for (const merged of row.merged) {
      const cell = row.cells[row.columns.indexOf(merged.column)]
      if (merged.height > 1 && cell !== undefined)
        this.open.set(merged.column, { lastRow: row.number + merged.height - 1, cell })
    }
  }

  private flush(): void {
    if (this.added.length > 0) this.events.push({ _tag: "ColumnsAdded", table: this.name, columns: this.added })
    this.added = []
    const size = this.rowNumbers.length
    if (size > 0) {
      this.events.push({
        _tag: "Batch",
        table: this.name,
        size,
        columns: this.columns,
        rowNumbers: Float64Array.from(this.rowNumbers),
      })
      this.columns = this.columns.map(() => [])
      this.rowNumbers = []
      this.bytes = 0
    }
    if (this.rejects.length > 0) this.events.push({ _tag: "Rejects", table: this.name, rejects: this.rejects })
    this.rejects = []
  }

  private facts({ headerRows, titles, firstRow, why }: Layout): JsonObject {
    const units = this.units.flatMap((shown, place) =>
      shown === undefined ? [] : [[this.names[place] ?? "", [...shown]] as const],
    )
    return {
      sheet: this.name,
      state: this.state,
      header: { rows: headerRows, why, titles },
      firstRow,
      ...(units.length > 0 ? { units: Object.fromEntries(units) } : {}),
      ...(this.filled > 0 ? { filledFromMergedCells: this.filled } : {}),
      ...(this.problems > 0 ? { cellsWithoutValue: this.problems } : {}),
    }
  }
}
