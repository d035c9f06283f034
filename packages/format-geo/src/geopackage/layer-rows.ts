/** The rows of one layer as batches. */
import {
  type Cell,
  type Column,
  misfitCode,
  RAW_CHARACTERS,
  rawText,
  type Reject,
  type TableEvent,
} from "@opendatahub-sql/core"
import { GEOMETRY_COLUMNS, GeometryEncoder, Positions, readWkb } from "@opendatahub-sql/geometry"
import type { DatabaseSync } from "node:sqlite"
import { rejectedGeometry } from "../rejected-geometry.ts"
import { wkbOf } from "./geometry-blob.ts"
import { type Layer, quoted } from "./layer.ts"

const BATCH_ROWS = 8_192
/** Characters, or bytes, of the cells that wait. */
const BATCH_BYTES = 2_097_152

type Stored = null | number | bigint | string | Uint8Array

/** SQLite holds any value in any column: one that is not of the column's type is `undefined`. */
const cellOf = (type: Column["type"], value: Stored): Cell | undefined => {
  if (value === null) return null
  switch (type) {
    case "bigint":
      return typeof value === "bigint" ? value : undefined
    case "double":
      return typeof value === "bigint" || typeof value === "number" ? Number(value) : undefined
    case "boolean":
      return value === 0n || value === 1n ? value === 1n : undefined
    case "blob":
      return value instanceof Uint8Array ? value : undefined
    default:
      return value instanceof Uint8Array ? undefined : String(value)
  }
}

const rawOf = (value: Stored): string =>
  rawText(value instanceof Uint8Array ? Buffer.from(value.subarray(0, RAW_CHARACTERS)).toString("hex") : String(value))

const sizeOf = (value: Stored): number => (typeof value === "string" || value instanceof Uint8Array ? value.length : 8)

/** Reads a layer as the table `table`, batch by batch. */
export function* layerEvents(database: DatabaseSync, layer: Layer, table: string): Generator<TableEvent> {
  const { columns, geometry } = layer
  const own = geometry === undefined ? [] : GEOMETRY_COLUMNS
  const taken = new Set<string>(own.map(({ name }) => name))
  yield {
    _tag: "TableStarted",
    table,
    columns: [
      ...columns.map((column) => (taken.has(column.name) ? { ...column, name: `${column.name}_2` } : column)),
      ...own,
    ],
  }
  const encoder = new GeometryEncoder(true)
  const positions = new Positions()
  const encode = (blob: Stored): string | undefined => {
    encoder.none()
    if (blob === null || geometry === undefined) return undefined
    try {
      if (!(blob instanceof Uint8Array)) return "a geometry that is no blob"
      const wkb = wkbOf(blob)
      positions.clear()
      const problem = wkb === undefined ? undefined : encoder.encode(positions, readWkb(wkb, positions), geometry.crs)
      if (problem !== undefined) encoder.none()
      return problem
    } catch (cause) {
      if (cause instanceof RangeError) return cause.message
      throw cause
    }
  }
  const names = [...columns.map(({ name }) => name), ...(geometry === undefined ? [] : [geometry.column])]
  const statement = database.prepare(
    `select ${names.length === 0 ? "null" : names.map(quoted).join(", ")} from ${quoted(layer.name)}`,
  )
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  let cells: Array<Array<Cell>> = []
  let rejects: Array<Reject> = []
  let row = 0
  let first = 1
  let waiting = 0
  const flush = function* (): Generator<TableEvent> {
    if (rejects.length > 0) yield { _tag: "Rejects", table, rejects }
    if (row >= first)
      yield {
        _tag: "Batch",
        table,
        size: row - first + 1,
        columns: cells,
        rowNumbers: Float64Array.from({ length: row - first + 1 }, (_, n) => first + n),
      }
    cells = []
    rejects = []
    first = row + 1
    waiting = 0
  }
  for (const values of statement.iterate() as unknown as Iterable<ReadonlyArray<Stored>>) {
    row++
    if (cells.length === 0) cells = Array.from({ length: columns.length + own.length }, () => [])
    columns.forEach(({ type }, index) => {
      const value = values[index] ?? null
      const cell = cellOf(type, value)
      if (cell === undefined) rejects.push({ row, column: index, code: misfitCode(type ?? "text"), raw: rawOf(value) })
      cells[index]?.push(cell ?? null)
      waiting += sizeOf(value)
    })
    if (geometry !== undefined) {
      const blob = values[columns.length] ?? null
      const problem = encode(blob)
      if (problem !== undefined)
        rejects.push(rejectedGeometry(row, blob instanceof Uint8Array ? blob : Buffer.from(rawOf(blob)), problem))
      encoder.cells.forEach((cell, index) => cells[columns.length + index]?.push(cell))
      waiting += sizeOf(blob)
    }
    if (row - first + 1 >= BATCH_ROWS || waiting >= BATCH_BYTES) yield* flush()
  }
  yield* flush()
  const { ringsTurned: _turned, ...facts } = geometry === undefined ? { ringsTurned: 0 } : encoder.facts
  yield {
    _tag: "Facts",
    table,
    facts: { layer: layer.name, ...(layer.description === "" ? {} : { description: layer.description }), ...facts },
  }
}
