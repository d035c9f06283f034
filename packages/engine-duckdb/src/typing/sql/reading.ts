/** How a column is read, as expressions of a query; shared by the readings of all types. */
import type { ColumnType } from "@opendatahub-sql/core"
import { literal } from "../../database/sql.ts"

/** Without outer spaces of any kind. */
export const trimmed = (raw: string): string => `trim(${raw})`

/** The engine's name for a column type. */
export const sqlType = (type: ColumnType): string =>
  type === "text" || type === "null" ? "VARCHAR" : type.toUpperCase()

/** How one column is read: the expressions of each layer.  */
export interface Reading {
  readonly n?: string
  readonly f?: string
  readonly v: string
}

/** Whether the whole value has the pattern (RE2). */
export const matches = (value: string, pattern: string): string => `regexp_full_match(${value}, ${literal(pattern)})`
