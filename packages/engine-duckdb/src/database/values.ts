/**
 * Exact values out of the engine's vectors. Decimals and dates become text, 64-bit integers stay bigint, nested values become JSON text.
 * Reading vectors directly costs half the CPU of the driver's own row converters, which are not exact or not ISO.
 */
import {
  type DuckDBDataChunk,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDateVector,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampTZVector,
  DuckDBTimestampValue,
  DuckDBTimestampVector,
  DuckDBTimeValue,
  type DuckDBValue,
  DuckDBVarCharVector,
  type DuckDBVector,
} from "@duckdb/node-api"
import type { Cell } from "@opendatahub-sql/core"
import { isoDate, isoInstant, isoTime, isoTimestamp } from "./calendar.ts"

const BYTE_ORDER_MARK = 0xbfbbef

/**
 * The driver decodes text with a decoder that drops a leading U+FEFF. The engine keeps the first four bytes of every string beside its length
 * (16 bytes per string), so looking for the mark is one read.
 */
const textReader = (vector: DuckDBVarCharVector): ((row: number) => Cell) => {
  const strings = vector["dataView"]
  return (row) => {
    const text = vector.getItem(row)
    if (text === null) return null
    return (strings.getUint32(row * 16 + 4, true) & 0xffffff) === BYTE_ORDER_MARK &&
      strings.getUint32(row * 16, true) >= 3
      ? `\ufeff${text}`
      : text
  }
}

/** A scalar; `undefined` for a nested value. */
const scalar = (value: DuckDBValue): Cell | undefined => {
  if (value === null || typeof value !== "object") return value
  if (value instanceof DuckDBDecimalValue) return value.toString()
  if (value instanceof DuckDBDateValue) return isoDate(value.days)
  if (value instanceof DuckDBTimestampValue) return isoTimestamp(value.micros)
  if (value instanceof DuckDBTimestampTZValue) return isoInstant(value.micros)
  if (value instanceof DuckDBTimeValue) return isoTime(Number(value.micros))
  if (value instanceof DuckDBBlobValue) return value.bytes
  if (
    value instanceof DuckDBListValue ||
    value instanceof DuckDBArrayValue ||
    value instanceof DuckDBStructValue ||
    value instanceof DuckDBMapValue
  ) {
    return undefined
  }
  return String(value)
}

/** JSON text that keeps every digit, which `JSON.stringify` would not. */
const json = (value: DuckDBValue): string => {
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return `[${value.items.map(json).join(",")}]`
  if (value instanceof DuckDBStructValue) {
    return `{${Object.entries(value.entries)
      .map(([name, entry]) => `${JSON.stringify(name)}:${json(entry)}`)
      .join(",")}}`
  }
  if (value instanceof DuckDBMapValue) {
    return `{${value.entries.map(({ key, value: entry }) => `${JSON.stringify(String(cell(key)))}:${json(entry)}`).join(",")}}`
  }
  const flat = scalar(value)
  if (flat instanceof Uint8Array) return JSON.stringify(Buffer.from(flat).toString("base64"))
  if (typeof flat === "bigint" || value instanceof DuckDBDecimalValue) return String(flat)
  return JSON.stringify(flat)
}

const cell = (value: DuckDBValue): Cell => {
  const flat = scalar(value)
  return flat === undefined ? json(value) : flat
}

const readerOf = (vector: DuckDBVector): ((row: number) => Cell) => {
  if (vector instanceof DuckDBVarCharVector) return textReader(vector)
  if (vector instanceof DuckDBDateVector) {
    return (row) => {
      const value = vector.getItem(row)
      return value === null ? null : isoDate(value.days)
    }
  }
  if (vector instanceof DuckDBTimestampVector) {
    return (row) => {
      const value = vector.getItem(row)
      return value === null ? null : isoTimestamp(value.micros)
    }
  }
  if (vector instanceof DuckDBTimestampTZVector) {
    return (row) => {
      const value = vector.getItem(row)
      return value === null ? null : isoInstant(value.micros)
    }
  }
  return (row) => cell(vector.getItem(row))
}

/** The cells of one column of a chunk, appended to `cells`. */
export const appendCells = (chunk: DuckDBDataChunk, column: number, cells: Array<Cell>): void => {
  const read = readerOf(chunk.getColumnVector(column))
  for (let row = 0; row < chunk.rowCount; row++) cells.push(read(row))
}
