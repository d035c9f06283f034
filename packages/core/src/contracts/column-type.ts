/**
 * The types a column can have, written as the engine writes them, and their order: the type of a table is the join of its files' types,
 * so the order in which files arrive never matters. `text` is above everything, `null` below.
 */

/** A column's type. `null`: no value seen yet, stored as text. `bigint` is 64 bits; decimals hold 38 digits at most; `timestamp` has no zone, `timestamptz` is an instant in UTC. */
export type ColumnType =
  | "null"
  | "boolean"
  | "bigint"
  | `decimal(${number},${number})`
  | "double"
  | "date"
  | "time"
  | "timestamp"
  | "timestamptz"
  | "json"
  | "blob"
  | "text"

const decimalForm = /^decimal\((\d+),(\d+)\)$/

/** Precision and scale of a decimal type; a bigint counts as 19 digits. `undefined` for anything else. */
export const decimalOf = (type: ColumnType): { readonly precision: number; readonly scale: number } | undefined => {
  if (type === "bigint") return { precision: 19, scale: 0 }
  const match = decimalForm.exec(type)
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) }
}

/** The narrowest type that holds every value of both; `text` when nothing narrower does. */
export const joinTypes = (left: ColumnType, right: ColumnType): ColumnType => {
  if (left === right) return left
  if (left === "null") return right
  if (right === "null") return left
  const pair = new Set<ColumnType>([left, right])
  if (pair.has("date") && pair.has("timestamp")) return "timestamp"
  const numbers = [left, right].map(decimalOf)
  const [a, b] = numbers
  if (a !== undefined && b !== undefined) {
    const scale = Math.max(a.scale, b.scale)
    const precision = Math.max(a.precision - a.scale, b.precision - b.scale) + scale
    return precision <= 38 ? `decimal(${precision},${scale})` : "double"
  }
  if (pair.has("double") && numbers.some((n) => n !== undefined)) return "double"
  return "text"
}

/**
 * Whether stored values of `from` can become `to` where they are. Not to text: `1 234,50` was stored as 1234.50, and the text of the file
 * is only in the file.
 */
export const widensInPlace = (from: ColumnType, to: ColumnType): boolean =>
  from === to || from === "null" || (to !== "text" && joinTypes(from, to) === to)
