/** OpenDocument spreadsheets (ods): one part holds all sheets, each row and cell perhaps many times. */
import { damaged, passwordProtected, WorkbookProblem } from "../problem.ts"
import {
  type Merged,
  MOST_COLUMNS,
  MOST_ROWS,
  type SheetCell,
  type SheetEvent,
  type SheetRow,
  type SheetState,
  type Unwanted,
} from "../sheet.ts"
import type { Archive } from "../zip/archive.ts"
import { readXml, visitXml } from "../zip/xml.ts"
import { cellOf } from "./cell.ts"
import { CellText } from "./cell-text.ts"
import { Styles } from "./styles.ts"

const CONTENT = "content.xml"
const MANIFEST = "META-INF/manifest.xml"
/** Rows told at once. */
const MOST_AT_ONCE = 1_024

type Attributes = Readonly<Record<string, string>>

const countOf = (text: string | undefined): number => Math.max(1, Math.trunc(Number(text ?? 1)) || 1)

/** A row that stands for `times` rows from `number` on. */
interface Repeated extends SheetRow {
  readonly times: number
}
type Told = Exclude<SheetEvent, { readonly _tag: "Rows" }> | ({ readonly _tag: "Row" } & Repeated)

class ContentReader {
  told: Array<Told> = []
  isSpreadsheet = false
  private readonly unwanted: Unwanted
  private readonly styles: Styles
  private readonly cellText = new CellText()
  private path: Array<string> = []
  /** How deep the table and the cell that are read lie; 0: none. */
  private tableDepth = 0
  private cellDepth = 0
  private table: { readonly name: string; readonly state: SheetState; started: boolean } | undefined
  private row = 0
  private rowTimes = 1
  private column = 0
  private columns: Array<number> = []
  private cells: Array<SheetCell> = []
  private merged: Array<Merged> = []
  private cell: Attributes = {}

  constructor(unwanted: Unwanted, styles: Styles) {
    this.unwanted = unwanted
    this.styles = styles
  }

  readonly open = (name: string, attributes: Attributes): void => {
    const parent = this.path.at(-1)
    this.path.push(name)
    if (name === "office:spreadsheet") this.isSpreadsheet = true
    if (this.cellDepth > 0) this.cellText.open(name, attributes)
    else if (this.tableDepth > 0) this.inTable(name, attributes)
    else if (name === "table:table" && parent === "office:spreadsheet") this.openTable(attributes)
    else this.styles.open(name, attributes)
  }

  readonly text = (text: string): void => {
    if (this.cellDepth > 0) this.cellText.add(text)
  }

  readonly close = (name: string): void => {
    const depth = this.path.length
    this.path.pop()
    if (this.cellDepth > 0 && depth > this.cellDepth) this.cellText.close(name)
    else if (depth === this.cellDepth) this.closeCell()
    else if (this.tableDepth > 0 && name === "table:table-row" && this.isCounted) this.closeRow()
    else if (depth === this.tableDepth) this.closeTable()
    else if (this.tableDepth === 0) this.styles.close(name)
  }

  private openTable(attributes: Attributes): void {
    const name = attributes["table:name"] ?? ""
    this.tableDepth = this.path.length
    this.row = 0
    this.table = {
      name,
      state: this.styles.isHidden(attributes["table:style-name"]) ? "hidden" : "visible",
      started: false,
    }
  }

  /** Whether the sheet is read, known when its first row begins: by then a sheet that copies another file said so. */
  private get isCounted(): boolean {
    return this.table?.started === true
  }

  private start(): void {
    if (this.table === undefined || this.table.started) return
    const { name, state } = this.table
    const why = this.unwanted(name, state)
    if (why === undefined) {
      this.table.started = true
      this.told.push({ _tag: "SheetStarted", name, state })
    } else this.skip(why)
  }

  private skip(why: string): void {
    if (this.table === undefined) return
    const { name, state } = this.table
    this.told.push({ _tag: "SheetSkipped", name, state, why })
    this.table = undefined
  }

  private inTable(name: string, attributes: Attributes): void {
    if (name === "table:table-source") this.skip("a copy of another file")
    else if (name === "table:table-row") {
      this.start()
      this.rowTimes = countOf(attributes["table:number-rows-repeated"])
      this.column = 0
    } else if (name === "table:table-cell" && this.isCounted) {
      this.cellDepth = this.path.length
      this.cell = attributes
      this.cellText.reset()
    } else if (name === "table:covered-table-cell") this.column += countOf(attributes["table:number-columns-repeated"])
  }

  private closeCell(): void {
    this.cellDepth = 0
    const times = countOf(this.cell["table:number-columns-repeated"])
    const cell = cellOf(this.cell, this.cellText.value, this.styles.digitsOf(this.cell["table:style-name"]))
    if (cell !== undefined) {
      const width = countOf(this.cell["table:number-columns-spanned"])
      const height = countOf(this.cell["table:number-rows-spanned"])
      if (width > 1 || height > 1) this.merged.push({ column: this.column, width, height })
      for (let n = 0; n < times && this.column + n < MOST_COLUMNS; n++) {
        this.columns.push(this.column + n)
        this.cells.push(cell)
      }
    }
    this.column += times
  }

  private closeRow(): void {
    const number = this.row + 1
    this.row += this.rowTimes
    if (this.cells.length === 0) return
    if (this.row > MOST_ROWS)
      throw damaged(`the sheet "${this.table?.name ?? ""}" has more than ${MOST_ROWS} rows that hold something`)
    this.told.push({
      _tag: "Row",
      number,
      times: this.rowTimes,
      columns: this.columns,
      cells: this.cells,
      merged: this.merged,
    })
    this.columns = []
    this.cells = []
    this.merged = []
  }

  private closeTable(): void {
    this.start()
    this.table = undefined
    this.tableDepth = 0
  }
}

/** Rows in groups; a row that is there many times is told as many times. */
function* unfold(told: ReadonlyArray<Told>): Generator<SheetEvent> {
  let rows: Array<SheetRow> = []
  for (const event of told) {
    if (event._tag !== "Row") {
      if (rows.length > 0) yield { _tag: "Rows", rows }
      rows = []
      yield event
      continue
    }
    const { number, times, columns, cells, merged } = event
    for (let n = 0; n < times; n++) {
      rows.push({ number: number + n, columns, cells, merged })
      if (rows.length < MOST_AT_ONCE) continue
      yield { _tag: "Rows", rows }
      rows = []
    }
  }
  if (rows.length > 0) yield { _tag: "Rows", rows }
}

const checkOpen = async (archive: Archive): Promise<void> => {
  if (archive.has("encrypted-package")) throw passwordProtected()
  if (!archive.has(MANIFEST)) return
  let isEncrypted = false
  await readXml(MANIFEST, archive.unpack(MANIFEST), {
    open: (name) => {
      if (name.endsWith("encryption-data")) isEncrypted = true
    },
    text: () => {},
    close: () => {},
  })
  if (isEncrypted) throw passwordProtected()
}

export async function* readOds(archive: Archive, unwanted: Unwanted): AsyncGenerator<SheetEvent> {
  await checkOpen(archive)
  yield { _tag: "Workbook", facts: { workbook: "ods" } }
  const styles = new Styles()
  if (archive.has("styles.xml")) {
    await readXml("styles.xml", archive.unpack("styles.xml"), {
      open: (name, attributes) => styles.open(name, attributes),
      text: () => {},
      close: (name) => styles.close(name),
    })
  }
  const reader = new ContentReader(unwanted, styles)
  for await (const _ of visitXml(CONTENT, archive.unpack(CONTENT), reader)) {
    const { told } = reader
    reader.told = []
    yield* unfold(told)
  }
  if (!reader.isSpreadsheet)
    throw new WorkbookProblem(
      "it is an OpenDocument file, but no spreadsheet",
      "ask its publisher for ods, xlsx or CSV",
    )
}
