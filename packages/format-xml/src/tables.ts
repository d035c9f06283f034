/**
 * From elements to tables. Each path has a place for its attributes, for its text and for the elements inside; an element that repeats
 * has a table. What the survey saw has its place before the first row, in the document's order; the rest gets one when it comes.
 */
import type { Batch, Cell, TableEvent } from "@opendatahub-sql/core"
import type { Layout } from "./layout.ts"
import { localName } from "./markup/names.ts"
import type { Shape } from "./survey.ts"

/** Rows of one batch at most. */
export const BATCH_ROWS = 8_192
/** Columns of one table, and tables of one file; what comes after goes to one column of JSON text. */
const MOST_COLUMNS = 1_000
const MOST_TABLES = 200
const OTHERS = "other_elements"

interface Slot {
  readonly name: string
  cells: Array<Cell>
  told: boolean
}

/** The place of one path within the rows of a table. */
export interface Field {
  readonly table: Table
  readonly label: string
  /** Labels from the row's element, joined by dots; empty for that element itself. */
  readonly path: string
  readonly shape: Shape | undefined
  readonly isList: boolean
  /** One text, whatever is marked inside. */
  readonly isText: boolean
  readonly attributes: Map<string, Slot>
  readonly elements: Map<string, Field>
  text: Slot | undefined
  /** Rows of its own: all of a list, else those after the first within one parent. */
  rows: Table | undefined
  /** The row where it was last met. */
  seen: number
}

export interface Table {
  readonly name: string
  readonly parent: Table | undefined
  readonly root: Field
  readonly names: Set<string>
  slots: Array<Slot>
  /** Rows that are whole; one more may be open. */
  whole: number
  /** Number of the newest row, from 1. */
  row: number
  rowNumbers: Array<number>
  parentRows: Array<number>
  others: Array<string>
  started: boolean
}

const doubled = (names: Iterable<string>): ReadonlySet<string> => {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const name of names) {
    const local = localName(name)
    if (seen.has(local)) twice.add(local)
    seen.add(local)
  }
  return twice
}

/** Shorter names: without prefix, unless two of the same parent would then be one. */
const labelOf = (name: string, twice: ReadonlySet<string>, taken: (label: string) => boolean): string => {
  const local = localName(name)
  return twice.has(local) || taken(local) ? name : local
}

/** The tables of one file, filled row by row and emptied as events. */
export class Tables {
  private readonly layout: Layout
  private readonly tables: Array<Table> = []
  private readonly byName = new Map<string, Table>()
  /** Whole rows waiting in the fullest table. */
  fullest = 0

  constructor(layout: Layout) {
    this.layout = layout
  }

  /** A table for the elements of a shape, with a place for all that the survey saw; `undefined` when there are too many. */
  table(wanted: string, parent: Table | undefined, label: string, shape: Shape | undefined): Table | undefined {
    if (this.tables.length >= MOST_TABLES) return undefined
    let name = wanted
    for (let n = 2; this.byName.has(name); n++) name = `${wanted}_${n}`
    const table: { -readonly [K in keyof Table]: Table[K] } & { root: Field } = {
      name,
      parent,
      root: undefined as unknown as Field,
      names: new Set(),
      slots: [],
      whole: 0,
      row: 0,
      rowNumbers: [],
      parentRows: [],
      others: [],
      started: false,
    }
    table.root = this.newField(table, label, "", shape, false)
    this.tables.push(table)
    this.byName.set(name, table)
    this.prepare(table.root)
    return table
  }

  /** The table for the rows of an element inside a row. */
  rowsOf(field: Field): Table | undefined {
    const { table } = field
    field.rows ??= this.table(`${table.name}__${field.path}`, table, field.label, field.shape)
    return field.rows
  }

  begin(table: Table): void {
    table.row++
    table.rowNumbers.push(table.row)
    if (table.parent !== undefined) table.parentRows.push(table.parent.row)
  }

  end(table: Table): void {
    if (table.others.length > 0) {
      const slot = table.slots.find(({ name }) => name === OTHERS) ?? this.slot(table, OTHERS)
      this.set(table, slot, `{${table.others.join(",")}}`)
      table.others = []
    }
    table.whole++
    if (table.whole > this.fullest) this.fullest = table.whole
  }

  /** The place of an element; `undefined` when the table is full. */
  element(parent: Field, name: string): Field | undefined {
    const known = parent.elements.get(name)
    if (known !== undefined) return known
    if (parent.table.slots.length >= MOST_COLUMNS || parent.elements.size >= MOST_COLUMNS) return undefined
    return this.addElement(parent, name, parent.shape?.children.get(name), new Set())
  }

  /** Keeps an attribute of the element at a place. */
  setAttribute(field: Field, name: string, value: string): void {
    const slot = field.attributes.get(name) ?? this.addAttribute(field, name, new Set())
    if (slot === undefined) this.setOther(field.table, `${field.path}@${name}`, value)
    else this.set(field.table, slot, value)
  }

  /** Keeps the text of the element at a place. */
  setText(field: Field, text: string): void {
    const slot = field.text ?? this.addText(field)
    if (slot === undefined) this.setOther(field.table, field.path, text)
    else this.set(field.table, slot, text)
  }

  /** Keeps what has no place. */
  setOther(table: Table, path: string, text: string): void {
    table.others.push(`${JSON.stringify(path)}:${JSON.stringify(text)}`)
  }

  /** Every whole row that waits, parents announced before children. */
  flush(): Array<TableEvent> {
    const events: Array<TableEvent> = []
    for (const table of this.tables) flushTable(table, events)
    this.fullest = 0
    return events
  }

  private prepare(field: Field): void {
    const { shape } = field
    if (shape === undefined) return
    const attributes = doubled(shape.attributes)
    for (const name of shape.attributes) if (name !== "xsi:nil") this.addAttribute(field, name, attributes)
    const leaf = shape.children.size === 0 && shape.attributes.size === 0
    if (shape.text || leaf) this.addText(field)
    if (field.isText) return
    const elements = doubled(shape.children.keys())
    for (const child of shape.children.values()) {
      if (field.table.slots.length >= MOST_COLUMNS) return
      const added = this.addElement(field, child.name, child, elements)
      if (added.isList) this.rowsOf(added)
      else this.prepare(added)
    }
  }

  private addElement(parent: Field, name: string, shape: Shape | undefined, twice: ReadonlySet<string>): Field {
    const label = labelOf(name, twice, (local) => [...parent.elements.values()].some((field) => field.label === local))
    const path = parent.path === "" ? label : `${parent.path}.${label}`
    const field = this.newField(parent.table, label, path, shape, shape !== undefined && this.layout.lists.has(shape))
    parent.elements.set(name, field)
    return field
  }

  private newField(table: Table, label: string, path: string, shape: Shape | undefined, isList: boolean): Field {
    return {
      table,
      label,
      path,
      shape,
      isList,
      isText: shape !== undefined && this.layout.mixed.has(shape),
      attributes: new Map(),
      elements: new Map(),
      text: undefined,
      rows: undefined,
      seen: 0,
    }
  }

  private addAttribute(field: Field, name: string, twice: ReadonlySet<string>): Slot | undefined {
    if (field.table.slots.length >= MOST_COLUMNS) return undefined
    const before = field.path === "" ? "" : `${field.path}.`
    const label = labelOf(name, twice, (local) => field.attributes.has(local))
    const slot = this.slot(field.table, `${before}${label}`)
    field.attributes.set(name, slot)
    return slot
  }

  private addText(field: Field): Slot | undefined {
    if (field.table.slots.length >= MOST_COLUMNS) return undefined
    field.text = this.slot(field.table, field.path === "" ? field.label : field.path)
    return field.text
  }

  private slot(table: Table, wanted: string): Slot {
    let name = wanted
    for (let n = 2; table.names.has(name); n++) name = `${wanted}_${n}`
    table.names.add(name)
    const slot: Slot = { name, cells: [], told: false }
    table.slots.push(slot)
    return slot
  }

  private set(table: Table, { cells }: Slot, cell: string): void {
    while (cells.length < table.whole) cells.push(null)
    cells[table.whole] = cell
  }
}

const flushTable = (table: Table, events: Array<TableEvent>): void => {
  const { name, parent, whole } = table
  const fresh = table.slots.filter(({ told }) => !told).map((slot) => ({ name: slot.name }))
  for (const slot of table.slots) slot.told = true
  if (!table.started)
    events.push({
      _tag: "TableStarted",
      table: name,
      columns: fresh,
      ...(parent === undefined ? {} : { parent: parent.name }),
    })
  else if (fresh.length > 0) events.push({ _tag: "ColumnsAdded", table: name, columns: fresh })
  table.started = true
  if (whole > 0) events.push({ _tag: "Batch", ...takeRows(table) })
}

/** The whole rows; a row that is still open stays, with what it has so far. */
const takeRows = (table: Table): Batch => {
  const { whole } = table
  const columns = table.slots.map((slot) => {
    const { cells } = slot
    while (cells.length < whole) cells.push(null)
    if (cells.length === whole) {
      slot.cells = []
      return cells
    }
    slot.cells = cells.slice(whole)
    return cells.slice(0, whole)
  })
  const batch: Batch = {
    table: table.name,
    size: whole,
    columns,
    rowNumbers: Float64Array.from(table.rowNumbers.slice(0, whole)),
    ...(table.parent === undefined ? {} : { parentRows: Float64Array.from(table.parentRows.slice(0, whole)) }),
  }
  table.rowNumbers = table.rowNumbers.slice(whole)
  table.parentRows = table.parentRows.slice(whole)
  table.whole = 0
  return batch
}
