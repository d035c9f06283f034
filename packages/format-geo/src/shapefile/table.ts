/** Shapes and attributes of the same number as rows. */
import { type Cell, type Column, misfitCode, type Reject, type TableEvent } from "@opendatahub-sql/core"
import { type Crs, GEOMETRY_COLUMNS, GeometryEncoder } from "@opendatahub-sql/geometry"
import { rejectedGeometry } from "../rejected-geometry.ts"
import type { DbfRecord } from "./attributes.ts"
import { dbfCell, dbfColumn, type DbfField } from "./dbf.ts"
import { ShapeReader } from "./shp.ts"

const TABLE = "main"
/** Rows of one batch, and bytes of geometries that wait for theirs. */
const BATCH_ROWS = 8_192
const BATCH_BYTES = 2_097_152

/** A geometry on its way, or why there is none. */
interface Taken {
  readonly cells: ReadonlyArray<Cell>
  readonly reject: Reject | undefined
}

export class ShapefileTable {
  private readonly fields: ReadonlyArray<DbfField>
  private readonly crs: Crs | undefined
  /** Columns after those of the attributes. */
  private readonly geometryColumns: ReadonlyArray<Column>
  private readonly shapes = new ShapeReader()
  private readonly encoder = new GeometryEncoder(true)
  private taken: Array<Taken> = []
  private waiting = 0
  /** Shapes read. */
  records = 0

  /** Without `crs` there are no shapes: the table is its attributes. */
  constructor(fields: ReadonlyArray<DbfField>, crs: Crs | undefined) {
    this.fields = fields
    this.crs = crs
    this.geometryColumns = crs === undefined ? [] : GEOMETRY_COLUMNS
  }

  get isFull(): boolean {
    return this.taken.length >= BATCH_ROWS || this.waiting >= BATCH_BYTES
  }

  /** Rows waiting for their attributes. */
  get size(): number {
    return this.taken.length
  }

  get start(): TableEvent {
    const taken = new Set<string>(this.geometryColumns.map(({ name }) => name))
    const columns = this.fields.map((field): Column => {
      const column = dbfColumn(field)
      return taken.has(column.name) ? { ...column, name: `${column.name}_2` } : column
    })
    return { _tag: "TableStarted", table: TABLE, columns: [...columns, ...this.geometryColumns] }
  }

  get facts(): TableEvent {
    // Rings of a shapefile turn the other way by rule: no defect to tell of.
    const { ringsTurned: _turned, ...facts } = this.encoder.facts
    return { _tag: "Facts", table: TABLE, facts: this.crs === undefined ? {} : facts }
  }

  /** Takes the content of one record. */
  add(content: Uint8Array): void {
    this.records++
    this.waiting += content.length
    const problem = this.encode(content)
    if (problem !== undefined) this.encoder.none()
    this.taken.push({
      cells: [...this.encoder.cells],
      reject: problem === undefined ? undefined : rejectedGeometry(this.records, content, problem),
    })
  }

  /** A row of attributes without a shape. */
  addNothing(): void {
    this.records++
    this.encoder.none()
    this.taken.push({ cells: [...this.encoder.cells], reject: undefined })
  }

  /** The rows that wait, with their attributes. */
  flush(attributes: ReadonlyArray<DbfRecord>): ReadonlyArray<TableEvent> {
    const events: Array<TableEvent> = []
    const first = this.records - this.taken.length
    for (let from = 0; from < this.taken.length; from += BATCH_ROWS) {
      events.push(
        ...this.batch(
          first + from,
          this.taken.slice(from, from + BATCH_ROWS),
          attributes.slice(from, from + BATCH_ROWS),
        ),
      )
    }
    this.taken = []
    this.waiting = 0
    return events
  }

  private encode(content: Uint8Array): string | undefined {
    try {
      const shape = this.shapes.read(content)
      if (shape === undefined || this.crs === undefined) {
        this.encoder.none()
        return undefined
      }
      return this.encoder.encode(this.shapes.positions, shape, this.crs)
    } catch (cause) {
      if (cause instanceof RangeError) return cause.message
      throw cause
    }
  }

  private batch(
    first: number,
    taken: ReadonlyArray<Taken>,
    attributes: ReadonlyArray<DbfRecord>,
  ): ReadonlyArray<TableEvent> {
    const rejects: Array<Reject> = []
    const rows: Array<number> = []
    const columns: Array<Array<Cell>> = Array.from(
      { length: this.fields.length + this.geometryColumns.length },
      () => [],
    )
    taken.forEach(({ cells, reject }, index) => {
      const row = first + index + 1
      const texts = attributes[index]
      // Deleted, and not yet removed from the file: no row.
      if (this.fields.length > 0 && texts === undefined) {
        rejects.push({ row, code: "deleted", raw: `record ${row}`, message: "the record is marked as deleted" })
        return
      }
      rows.push(row)
      this.fields.forEach((field, column) => {
        const text = texts?.[column] ?? ""
        const cell = dbfCell(field, text)
        if (cell === undefined)
          rejects.push({ row, column, code: misfitCode(dbfColumn(field).type ?? "text"), raw: text.trim() })
        columns[column]?.push(cell ?? null)
      })
      this.geometryColumns.forEach((_, column) => columns[this.fields.length + column]?.push(cells[column] ?? null))
      if (reject !== undefined) rejects.push(reject)
    })
    return [
      ...(rejects.length === 0 ? [] : [{ _tag: "Rejects", table: TABLE, rejects } as const]),
      ...(rows.length === 0
        ? []
        : [{ _tag: "Batch", table: TABLE, size: rows.length, columns, rowNumbers: Float64Array.from(rows) } as const]),
    ]
  }
}
