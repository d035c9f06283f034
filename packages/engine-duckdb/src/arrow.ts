/** Batches as Arrow record batches, exact: decimals of 128 bits, 64-bit integers, microseconds. Needs `apache-arrow`, which is a peer. */
import { type Batch, type Cell, type ColumnType, decimalOf, type TypedColumn } from "@opendatahub-sql/core"
import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
} from "apache-arrow"

const DAY_MS = 86_400_000

/** The Arrow type of a column type. */
export const arrowType = (type: ColumnType): DataType => {
  switch (type) {
    case "boolean":
      return new Bool()
    case "bigint":
      return new Int64()
    case "double":
      return new Float64()
    case "date":
      return new DateDay()
    case "time":
      return new TimeMicrosecond()
    case "timestamp":
      return new TimestampMicrosecond()
    case "timestamptz":
      return new TimestampMicrosecond("UTC")
    case "blob":
      return new Binary()
    case "json":
    case "text":
    case "null":
      return new Utf8()
    default: {
      const { precision, scale } = decimalOf(type) ?? { precision: 38, scale: 0 }
      return new Decimal(scale, precision, 128)
    }
  }
}

const days = (text: string): number => {
  const [, sign = "", year = "0", month = "1", day = "1"] = /^([+-]?)(\d+)-(\d\d)-(\d\d)/.exec(text) ?? []
  const at = new Date(0)
  at.setUTCFullYear(Number(`${sign}${year}`), Number(month) - 1, Number(day))
  return at.getTime() / DAY_MS
}

const timeMicros = (text: string): bigint => {
  const [clock = "", fraction = ""] = text.split(".")
  const [hour = 0, minute = 0, second = 0] = clock.split(":").map(Number)
  return BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + BigInt(fraction.padEnd(6, "0") || "0")
}

const micros = (text: string): bigint => {
  const at = text.indexOf("T")
  return BigInt(days(text)) * 86_400_000_000n + timeMicros(text.slice(at + 1).replace("Z", ""))
}

const validity = (cells: ReadonlyArray<Cell>): { readonly nullCount: number; readonly nullBitmap: Uint8Array } => {
  const nullBitmap = new Uint8Array(Math.ceil(cells.length / 8))
  let nullCount = 0
  cells.forEach((cell, index) => {
    if (cell === null) nullCount++
    else nullBitmap[index >> 3] = (nullBitmap[index >> 3] ?? 0) | (1 << (index & 7))
  })
  return { nullCount, nullBitmap }
}

const bits = (cells: ReadonlyArray<Cell>): Uint8Array =>
  validity(cells.map((cell) => (cell === true ? true : null))).nullBitmap

const longs = (cells: ReadonlyArray<Cell>, of: (cell: Exclude<Cell, null>) => bigint): BigInt64Array =>
  BigInt64Array.from(cells, (cell) => (cell === null ? 0n : of(cell)))

/** 128-bit two's complement, little endian; the text has exactly `scale` digits after the point. */
const decimals = (cells: ReadonlyArray<Cell>): Uint32Array => {
  const words = new BigUint64Array(cells.length * 2)
  cells.forEach((cell, index) => {
    if (cell === null) return
    const value = BigInt.asUintN(128, BigInt(String(cell).replace(".", "")))
    words[index * 2] = value & 0xffff_ffff_ffff_ffffn
    words[index * 2 + 1] = value >> 64n
  })
  return new Uint32Array(words.buffer)
}

const variable = (cells: ReadonlyArray<Cell>): { readonly data: Uint8Array; readonly valueOffsets: Int32Array } => {
  const parts = cells.map((cell) =>
    cell === null ? Buffer.alloc(0) : cell instanceof Uint8Array ? cell : Buffer.from(String(cell)),
  )
  const valueOffsets = new Int32Array(cells.length + 1)
  parts.forEach((part, index) => {
    valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + part.length
  })
  return { data: Buffer.concat(parts), valueOffsets }
}

const columnData = (type: ColumnType, cells: ReadonlyArray<Cell>): Data => {
  const common = { length: cells.length, ...validity(cells) }
  const arrow = arrowType(type)
  switch (type) {
    case "boolean":
      return makeData({ type: arrow as Bool, ...common, data: bits(cells) })
    case "bigint":
      return makeData({ type: arrow as Int64, ...common, data: longs(cells, (cell) => BigInt(String(cell))) })
    case "double":
      return makeData({
        type: arrow as Float64,
        ...common,
        data: Float64Array.from(cells, (cell) => (cell === null ? 0 : Number(cell))),
      })
    case "date":
      return makeData({
        type: arrow as DateDay,
        ...common,
        data: Int32Array.from(cells, (cell) => (cell === null ? 0 : days(String(cell)))),
      })
    case "time":
      return makeData({
        type: arrow as TimeMicrosecond,
        ...common,
        data: longs(cells, (cell) => timeMicros(String(cell))),
      })
    case "timestamp":
    case "timestamptz":
      return makeData({
        type: arrow as TimestampMicrosecond,
        ...common,
        data: longs(cells, (cell) => micros(String(cell))),
      })
    case "blob":
      return makeData({ type: arrow as Binary, ...common, ...variable(cells) })
    case "json":
    case "text":
    case "null":
      return makeData({ type: arrow as Utf8, ...common, ...variable(cells) })
    default:
      return makeData({ type: arrow as Decimal, ...common, data: decimals(cells) })
  }
}

/**
 * The batch as one record batch, with the columns of its table (`TypedTable.columns`), all nullable. Row numbers are not in it. Throws a
 * RangeError when the batch has not as many columns.
 */
export const toRecordBatch = (
  batch: Batch,
  columns: ReadonlyArray<Pick<TypedColumn, "name" | "type">>,
): RecordBatch => {
  if (columns.length !== batch.columns.length)
    throw new RangeError(`the batch has ${batch.columns.length} columns, not ${columns.length}`)
  const fields = columns.map(({ name, type }) => new Field(name, arrowType(type), true))
  const children = columns.map(({ type }, index) => columnData(type, batch.columns[index] ?? []))
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length: batch.size, nullCount: 0, children }),
  )
}
