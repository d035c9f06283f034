/** Rows of one table on their way into batches: columns appear when a record has something for them. */
import type { ColumnType } from "../contracts/column-type.ts"
import type { Reject } from "../contracts/reject.ts"
import type { Batch, Cell, Column, TableEvent } from "../contracts/table.ts"

/** Rows of one batch at most. */
export const BATCH_ROWS = 8_192
/** Paths of one table. An object keyed by ids inside a record must not make a column for each of them. */
const MOST_FIELDS = 1_000
/** The column of what comes after, as JSON text. */
const OTHER_KEYS = "other_keys"

interface Slot {
  readonly name: string
  /** Only columns of ours have one. */
  readonly type: ColumnType | undefined
  readonly field: Field
  cells: Array<Cell>
  told: boolean
  /** Only nulls so far: no column if an object or a list turns out to live there. */
  nullsOnly: boolean
}

/** A path of a table, with a place for each kind of value: a scalar (a column), members (more paths), a list (a child table). */
export interface Field {
  readonly path: string
  /** Levels below the record of the file. */
  readonly depth: number
  slot: Slot | undefined
  members: Map<string, Field> | undefined
  list: TableBuffer | undefined
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

export class TableBuffer {
  readonly name: string
  /** The path of the records themselves; its own scalar is the column `value`. */
  readonly root: Field
  /** Rows waiting. */
  rows = 0
  /** The number of the row begun last. */
  row = 0
  private readonly parent: string | undefined
  private readonly reserved: ReadonlyArray<Column>
  private readonly names: Set<string>
  private reservedSlots: ReadonlyArray<Slot> | undefined
  /** Columns that are no key of the file. */
  private readonly own = new Map<string, Field>()
  private slots: Array<Slot> = []
  private fields = 0
  private rowNumbers: Array<number> = []
  private parentRows: Array<number> = []
  private rejects: Array<Reject> = []
  private others: Array<string> = []
  private started = false

  /** `reserved`: columns that the table has in any case, after those of its first record; no key of the file takes their names. */
  constructor(name: string, parent: string | undefined, depth: number, reserved: ReadonlyArray<Column> = []) {
    this.name = name
    this.parent = parent
    this.reserved = reserved
    this.names = new Set(reserved.map((column) => column.name))
    this.root = newField("value", depth)
  }

  beginRow(parentRow?: number): void {
    this.rowNumbers.push(++this.row)
    if (parentRow !== undefined) this.parentRows.push(parentRow)
  }

  endRow(): void {
    if (this.others.length > 0) {
      const text = `{${this.others.join(",")}}`
      this.others = []
      this.setOwn(OTHER_KEYS, text)
    }
    this.rows++
  }

  /** Leaves one record out; it keeps its number. */
  reject(reject: Omit<Reject, "row">): void {
    this.rejects.push({ row: ++this.row, ...reject })
  }

  pathOf(parent: Field, key: string): string {
    return parent === this.root ? key : `${parent.path}.${key}`
  }

  /** The path of a key; `undefined` when the table has as many as it may: then `leaveOver`. */
  member(parent: Field, key: string): Field | undefined {
    const known = parent.members?.get(key)
    if (known !== undefined || this.fields >= MOST_FIELDS) return known
    const field = newField(this.pathOf(parent, key), parent.depth + 1)
    parent.members ??= new Map()
    parent.members.set(key, field)
    this.fields++
    return field
  }

  leaveOver(path: string, json: string): void {
    this.others.push(`${JSON.stringify(path)}:${json}`)
  }

  set(field: Field, cell: string): void {
    const slot = field.slot ?? this.addSlot(field)
    if (slot.cells.length > this.rows) this.setRepeat(field, cell)
    else {
      while (slot.cells.length < this.rows) slot.cells.push(null)
      slot.cells.push(cell)
      slot.nullsOnly = false
    }
  }

  setNull(field: Field): void {
    if (field.slot === undefined && field.members === undefined && field.list === undefined) {
      this.addSlot(field).nullsOnly = true
    }
  }

  /** Sets a column of ours, not of the file. */
  setOwn(name: string, cell: string): void {
    const field = this.own.get(name) ?? newField(name, this.root.depth)
    this.own.set(name, field)
    this.set(field, cell)
  }

  /** Sets the reserved columns, in their order. */
  setReserved(cells: ReadonlyArray<Cell>): void {
    let column = 0
    for (const slot of this.startReserved()) {
      while (slot.cells.length < this.rows) slot.cells.push(null)
      slot.cells.push(cells[column++] ?? null)
    }
  }

  private startReserved(): ReadonlyArray<Slot> {
    this.reservedSlots ??= this.reserved.map(({ name, type }) =>
      this.pushSlot(newField(name, this.root.depth), name, type),
    )
    return this.reservedSlots
  }

  private setRepeat(field: Field, cell: string): void {
    if (field.repeat === undefined) {
      if (this.fields >= MOST_FIELDS) return this.leaveOver(field.path, JSON.stringify(cell))
      field.repeat = newField(field.path, field.depth)
      this.fields++
    }
    this.set(field.repeat, cell)
  }

  private addSlot(field: Field): Slot {
    let name = field.path
    for (let n = 2; this.names.has(name); n++) name = `${field.path}_${n}`
    this.names.add(name)
    return this.pushSlot(field, name, undefined)
  }

  private pushSlot(field: Field, name: string, type: ColumnType | undefined): Slot {
    const slot: Slot = { name, type, field, cells: [], told: false, nullsOnly: false }
    field.slot = slot
    this.slots.push(slot)
    return slot
  }

  /** What waits, as events; the table starts with its first columns. */
  flush(events: Array<TableEvent>): void {
    this.dropNullsOfOthers()
    this.startReserved()
    // Rejects alone: told with the first row, when there are columns.
    if (this.rows === 0 && this.slots.length === 0) return
    // `[{}, {}]` and `[null]` are rows too: a table needs a column to hold them.
    if (this.slots.length === 0) this.addSlot(this.root)
    const fresh = this.slots
      .filter(({ told }) => !told)
      .map(({ name, type }): Column => ({ name, ...(type === undefined ? {} : { type }) }))
    if (!this.started) {
      const parent = this.parent === undefined ? {} : { parent: this.parent }
      events.push({ _tag: "TableStarted", table: this.name, columns: fresh, ...parent })
    } else if (fresh.length > 0) events.push({ _tag: "ColumnsAdded", table: this.name, columns: fresh })
    if (this.rejects.length > 0) events.push({ _tag: "Rejects", table: this.name, rejects: this.rejects })
    for (let from = 0; from < this.rows; from += BATCH_ROWS) {
      events.push({ _tag: "Batch", ...this.batch(from, Math.min(this.rows, from + BATCH_ROWS)) })
    }
    this.started = true
    for (const slot of this.slots) {
      slot.told = true
      slot.cells = []
    }
    this.rows = 0
    this.rowNumbers = []
    this.parentRows = []
    this.rejects = []
  }

  /** Columns of nulls, not told yet, whose path turned out to hold an object or a list. */
  private dropNullsOfOthers(): void {
    this.slots = this.slots.filter(({ name, told, nullsOnly, field }) => {
      if (told || !nullsOnly || (field.members === undefined && field.list === undefined)) return true
      field.slot = undefined
      this.names.delete(name)
      return false
    })
  }

  private batch(from: number, to: number): Batch {
    const cut = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> =>
      from === 0 && all.length === to ? all : all.slice(from, to)
    const columns = this.slots.map(({ cells }) => {
      while (cells.length < to) cells.push(null)
      return cut(cells)
    })
    return {
      table: this.name,
      size: to - from,
      columns,
      rowNumbers: Float64Array.from(cut(this.rowNumbers)),
      ...(this.parent === undefined ? {} : { parentRows: Float64Array.from(cut(this.parentRows)) }),
    }
  }
}
