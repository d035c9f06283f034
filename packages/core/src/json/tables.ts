/**
 * From parsed records to tables: objects become columns `a.b`, lists become child tables `<parent>__a`. A shape that changes from one record
 * to the next loses nothing: each path has a place for every kind of value.
 */
import type { Reject } from "../contracts/reject.ts"
import type { Cell, Column, TableEvent } from "../contracts/table.ts"
import { List, Members, sourceOf, type Value } from "./parse.ts"
import { type Field, TableBuffer } from "./table-buffer.ts"

/** Tables of one file; lists after that become JSON text. */
const MOST_TABLES = 200

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
  if (typeof type !== "string" || !GEOMETRIES.has(type)) return false
  return members.keys.includes("coordinates") || members.keys.includes("geometries")
}

/** Lists of lists are coordinates or matrices: one value too. */
const isMatrix = ({ items }: List): boolean => items.length > 0 && items.every((item) => item instanceof List)

/** The tables of one file, filled record by record and emptied as events. */
export class Tables {
  private readonly nesting: number
  private readonly reserved: ReadonlyArray<Column>
  private readonly keyName: string
  /** In the order of their first row, so parents before children. */
  private readonly tables = new Map<string, TableBuffer>()
  private text = ""
  /** Rows waiting in the fullest table. */
  fullest = 0

  /**
   * `nesting`: levels of objects and lists below a record that become columns and tables; deeper ones become JSON text. `reserved`: columns of the
   * format's own that every table without a parent has. `keyName`: the column of the keys of records.
   */
  constructor(nesting: number, reserved: ReadonlyArray<Column> = [], keyName = "key") {
    this.nesting = nesting
    this.reserved = reserved
    this.keyName = keyName
  }

  /** Starts a table even if no record comes. */
  start(name: string): void {
    this.table(name, undefined, 0)
  }

  /** Adds one record, parsed from `text`; `key` for one that is known by a key beside it; `cells` of the reserved columns. */
  append(name: string, value: Value, text: string, key?: string, cells?: ReadonlyArray<Cell>): void {
    const table = this.table(name, undefined, 0)
    this.text = text
    table.beginRow()
    if (key !== undefined) table.setOwn(this.keyName, key)
    if (!(value instanceof List)) this.putRecord(table, value)
    else if (key !== undefined) this.putMember(table, table.root, "value", value)
    else if (isMatrix(value)) table.set(table.root, this.source(value))
    else {
      for (const [index, item] of value.items.entries()) this.putMember(table, table.root, `column_${index + 1}`, item)
    }
    if (cells !== undefined) table.setReserved(cells)
    this.endRow(table)
  }

  /** Leaves one record out; it keeps its number. */
  reject(name: string, reject: Omit<Reject, "row">): void {
    this.table(name, undefined, 0).reject(reject)
  }

  /** Everything that waits. */
  flush(): Array<TableEvent> {
    const events: Array<TableEvent> = []
    for (const table of this.tables.values()) table.flush(events)
    this.fullest = 0
    return events
  }

  private table(name: string, parent: string | undefined, depth: number): TableBuffer {
    const known = this.tables.get(name)
    if (known !== undefined) return known
    const table = new TableBuffer(name, parent, depth, parent === undefined ? this.reserved : [])
    this.tables.set(name, table)
    return table
  }

  private childTable(parent: TableBuffer, field: Field): TableBuffer {
    const wanted = `${parent.name}__${field.path}`
    let name = wanted
    for (let n = 2; this.tables.has(name); n++) name = `${wanted}_${n}`
    return this.table(name, parent.name, field.depth)
  }

  private endRow(table: TableBuffer): void {
    table.endRow()
    this.fullest = Math.max(this.fullest, table.rows)
  }

  private source(node: Members | List): string {
    return sourceOf(node, this.text)
  }

  /** A record that is an object fills columns; anything else is its `value`. */
  private putRecord(table: TableBuffer, value: Value): void {
    if (value instanceof Members) this.putMembers(table, table.root, value)
    else if (value !== null) table.set(table.root, typeof value === "string" ? value : this.source(value))
  }

  private putMembers(table: TableBuffer, field: Field, { keys, values }: Members): void {
    for (let i = 0; i < keys.length; i++) this.putMember(table, field, keys[i] ?? "", values[i] ?? null)
  }

  private putMember(table: TableBuffer, parent: Field, key: string, value: Value): void {
    const field = table.member(parent, key)
    if (field !== undefined) this.put(table, field, value)
    else if (value !== null) {
      table.leaveOver(table.pathOf(parent, key), typeof value === "string" ? JSON.stringify(value) : this.source(value))
    }
  }

  private put(table: TableBuffer, field: Field, value: Value): void {
    if (value === null) table.setNull(field)
    else if (value instanceof List) this.putList(table, field, value)
    // In place of a list, one item of it: `"titulaires": {…}` where others have `[{…}, {…}]`.
    else if (field.list !== undefined) this.putChild(table, field.list, value)
    else if (typeof value === "string") table.set(field, value)
    else if (field.depth > this.nesting || isGeometry(value)) table.set(field, this.source(value))
    else this.putMembers(table, field, value)
  }

  private putList(table: TableBuffer, field: Field, list: List): void {
    if (list.items.length === 0) return
    const full = field.list === undefined && this.tables.size >= MOST_TABLES
    if (full || field.depth > this.nesting || isMatrix(list)) table.set(field, this.source(list))
    else {
      field.list ??= this.childTable(table, field)
      for (const item of list.items) this.putChild(table, field.list, item)
    }
  }

  private putChild(parent: TableBuffer, table: TableBuffer, item: Value): void {
    table.beginRow(parent.row)
    this.putRecord(table, item)
    this.endRow(table)
  }
}
