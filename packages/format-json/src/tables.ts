/**
 * From parsed records to tables: objects become columns `a.b`, lists become child tables `<parent>__a`. Each path has a place for a scalar
 * (a column), for members (more columns) and for a list (a child table), so a shape that changes from one record to the next loses nothing.
 */
import type { Batch, Cell, Column, Reject, TableEvent } from "@opendatahub-sql/core"
import { List, Members, sourceOf, type Value } from "./parse.ts"

/** Rows of one batch at most. */
export const BATCH_ROWS = 8_192
/** Paths of one table; what comes after goes to one column of JSON text. An object keyed by ids inside a record must not make a column for each. */
const MOST_FIELDS = 1_000
const MOST_TABLES = 200
const OTHER_KEYS = "other_keys"

const GEOMETRIES = new Set([
  "Point",
  "MultiPoint",
  "LineString",
  "MultiLineString",
  "Polygon",
  "MultiPolygon",
  "GeometryCollection",
])

/** A GeoJSON geometry stays one value: its coordinates are no tables. */
const isGeometry = (members: Members): boolean => {
  const type = members.values[members.keys.indexOf("type")]
  return (
    typeof type === "string" &&
    GEOMETRIES.has(type) &&
    (members.keys.includes("coordinates") || members.keys.includes("geometries"))
  )
}

/** Lists of lists are coordinates or matrices: one value too. */
const isMatrix = ({ items }: List): boolean => items.length > 0 && items.every((item) => item instanceof List)

interface Slot {
  readonly name: string
  cells: Array<Cell>
  told: boolean
  /** Only nulls so far: no column if an object or a list turns out to live there. */
  nullsOnly: boolean
  readonly field: Field
}

interface Field {
  readonly path: string
  readonly depth: number
  slot: Slot | undefined
  members: Map<string, Field> | undefined
  list: Table | undefined
  /** Where the second value goes when a key repeats within one object. */
  repeat: Field | undefined
}

const newField = (path: string, depth: number): Field => ({
  path,
  depth,
  slot: undefined,
  members: undefined,
  list: undefined,
  repeat: undefined,
})

interface Table {
  readonly name: string
  readonly parent: string | undefined
  readonly root: Field
  readonly names: Set<string>
  slots: Array<Slot>
  fields: number
  rows: number
  rowNumbers: Array<number>
  parentRows: Array<number>
  rejects: Array<Reject>
  others: Array<string>
  started: boolean
  /** Records seen, rejected ones included. */
  records: number
}

/** The tables of one file, filled record by record and emptied as events. */
export class Tables {
  private readonly nesting: number
  private readonly tables: Array<Table> = []
  private readonly byName = new Map<string, Table>()
  private text = ""
  /** Rows waiting in the fullest table. */
  fullest = 0

  /** `nesting`: levels of objects and lists below a record that become columns and tables; deeper ones become JSON text. */
  constructor(nesting: number) {
    this.nesting = nesting
  }

  /** Adds one record; `key` for a member of an object keyed by ids. */
  append(name: string, value: Value, text: string, key?: string): void {
    const table = this.table(name, undefined, 0)
    this.text = text
    table.records++
    this.begin(table, table.records, undefined)
    if (key !== undefined) this.set(table, this.ownColumn(table, "key"), key)
    if (!(value instanceof List)) this.putItem(table, value)
    else if (key !== undefined) this.putMember(table, table.root, "value", value)
    else if (isMatrix(value)) this.set(table, table.root, sourceOf(value, text))
    else
      for (const [index, item] of value.items.entries()) this.putMember(table, table.root, `column_${index + 1}`, item)
    this.end(table)
  }

  /** Leaves one record out; it keeps its number. */
  reject(name: string, reject: Omit<Reject, "row">): void {
    const table = this.table(name, undefined, 0)
    table.records++
    table.rejects.push({ row: table.records, ...reject })
  }

  /** Everything that waits, parents before children. */
  flush(): Array<TableEvent> {
    const events: Array<TableEvent> = []
    for (const table of this.tables) this.flushTable(table, events)
    this.fullest = 0
    return events
  }

  private table(name: string, parent: string | undefined, depth: number): Table {
    const known = this.byName.get(name)
    if (known !== undefined) return known
    const table: Table = {
      name,
      parent,
      root: newField("", depth),
      names: new Set(),
      slots: [],
      fields: 0,
      rows: 0,
      rowNumbers: [],
      parentRows: [],
      rejects: [],
      others: [],
      started: false,
      records: 0,
    }
    this.tables.push(table)
    this.byName.set(name, table)
    return table
  }

  private begin(table: Table, row: number, parentRow: number | undefined): void {
    table.rowNumbers.push(row)
    if (parentRow !== undefined) table.parentRows.push(parentRow)
  }

  private end(table: Table): void {
    if (table.others.length > 0) {
      this.set(table, this.ownColumn(table, OTHER_KEYS), `{${table.others.join(",")}}`)
      table.others = []
    }
    table.rows++
    if (table.rows > this.fullest) this.fullest = table.rows
  }

  private addMember(table: Table, parent: Field, key: string): Field {
    const field = newField(parent === table.root ? key : `${parent.path}.${key}`, parent.depth + 1)
    parent.members ??= new Map()
    parent.members.set(key, field)
    table.fields++
    return field
  }

  /** A column of ours; the file's own key of that name shares its place, as a key that repeats. */
  private ownColumn(table: Table, name: string): Field {
    return table.root.members?.get(name) ?? this.addMember(table, table.root, name)
  }

  private member(table: Table, parent: Field, key: string): Field | undefined {
    const known = parent.members?.get(key)
    if (known !== undefined) return known
    return table.fields >= MOST_FIELDS ? undefined : this.addMember(table, parent, key)
  }

  private putMember(table: Table, parent: Field, key: string, value: Value): void {
    const field = this.member(table, parent, key)
    if (field !== undefined) this.put(table, field, value)
    else if (value !== null) {
      const path = parent === table.root ? key : `${parent.path}.${key}`
      table.others.push(
        `${JSON.stringify(path)}:${typeof value === "string" ? JSON.stringify(value) : sourceOf(value, this.text)}`,
      )
    }
  }

  /** A value at its path. */
  private put(table: Table, field: Field, value: Value): void {
    if (value === null) {
      if (field.slot === undefined && field.members === undefined && field.list === undefined)
        this.slot(table, field, field.path).nullsOnly = true
    } else if (field.list !== undefined && !(value instanceof List)) this.child(table, field.list, value)
    else if (typeof value === "string") this.set(table, field, value)
    else if (value instanceof Members) {
      if (field.depth > this.nesting || isGeometry(value)) this.set(table, field, sourceOf(value, this.text))
      else this.putMembers(table, field, value)
    } else if (value.items.length > 0) {
      if (
        isMatrix(value) ||
        field.depth > this.nesting ||
        (field.list === undefined && this.tables.length >= MOST_TABLES)
      )
        this.set(table, field, sourceOf(value, this.text))
      else {
        field.list ??= this.table(this.unusedTable(`${table.name}__${field.path}`), table.name, field.depth)
        for (const item of value.items) this.child(table, field.list, item)
      }
    }
  }

  private putMembers(table: Table, field: Field, { keys, values }: Members): void {
    for (let i = 0; i < keys.length; i++) this.putMember(table, field, keys[i] ?? "", values[i] ?? null)
  }

  /** A record that is an object fills columns; anything else is its `value`. */
  private putItem(table: Table, value: Value): void {
    if (value instanceof Members) this.putMembers(table, table.root, value)
    else if (value !== null) this.set(table, table.root, typeof value === "string" ? value : sourceOf(value, this.text))
  }

  private child(parent: Table, table: Table, item: Value): void {
    table.records++
    this.begin(table, table.records, parent.rowNumbers[parent.rowNumbers.length - 1])
    this.putItem(table, item)
    this.end(table)
  }

  private set(table: Table, field: Field, cell: string): void {
    const slot = field.slot ?? this.slot(table, field, field === table.root ? "value" : field.path)
    if (slot.cells.length > table.rows) {
      field.repeat ??= newField(field === table.root ? "value" : field.path, field.depth)
      this.set(table, field.repeat, cell)
      return
    }
    while (slot.cells.length < table.rows) slot.cells.push(null)
    slot.cells.push(cell)
    slot.nullsOnly = false
  }

  private slot(table: Table, field: Field, wanted: string): Slot {
    let name = wanted
    for (let n = 2; table.names.has(name); n++) name = `${wanted}_${n}`
    table.names.add(name)
    const slot: Slot = { name, cells: [], told: false, nullsOnly: false, field }
    field.slot = slot
    table.slots.push(slot)
    return slot
  }

  private unusedTable(wanted: string): string {
    let name = wanted
    for (let n = 2; this.byName.has(name); n++) name = `${wanted}_${n}`
    return name
  }

  private flushTable(table: Table, events: Array<TableEvent>): void {
    const { rows } = table
    for (const slot of table.slots.filter(
      ({ told, nullsOnly, field }) => !told && nullsOnly && (field.members !== undefined || field.list !== undefined),
    )) {
      slot.field.slot = undefined
      table.names.delete(slot.name)
      table.slots.splice(table.slots.indexOf(slot), 1)
    }
    // Rejects alone: told with the first row, when there are columns.
    if (rows === 0 && table.slots.length === 0) return
    // `[{}, {}]` and `[null]` are rows too: a table needs a column to hold them.
    if (rows > 0 && table.slots.length === 0) this.slot(table, table.root, "value")
    const fresh: Array<Column> = []
    for (const slot of table.slots) {
      if (!slot.told) fresh.push({ name: slot.name })
      slot.told = true
    }
    if (!table.started) {
      events.push({
        _tag: "TableStarted",
        table: table.name,
        columns: fresh,
        ...(table.parent === undefined ? {} : { parent: table.parent }),
      })
      table.started = true
    } else if (fresh.length > 0) events.push({ _tag: "ColumnsAdded", table: table.name, columns: fresh })
    if (table.rejects.length > 0) events.push({ _tag: "Rejects", table: table.name, rejects: table.rejects })
    for (let from = 0; from < rows; from += BATCH_ROWS)
      events.push({ _tag: "Batch", ...takeBatch(table, from, Math.min(rows, from + BATCH_ROWS)) })
    for (const slot of table.slots) slot.cells = []
    table.rows = 0
    table.rowNumbers = []
    table.parentRows = []
    table.rejects = []
  }
}

const takeBatch = (table: Table, from: number, to: number): Batch => {
  for (const { cells } of table.slots) while (cells.length < to) cells.push(null)
  const cut = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> =>
    from === 0 && all.length === to ? all : all.slice(from, to)
  return {
    table: table.name,
    size: to - from,
    columns: table.slots.map(({ cells }) => cut(cells)),
    rowNumbers: Float64Array.from(cut(table.rowNumbers)),
    ...(table.parent === undefined ? {} : { parentRows: Float64Array.from(cut(table.parentRows)) }),
  }
}
