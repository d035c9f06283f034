/**
 * Decimals of more than 18 digits take 128 bits, and DuckDB unpacks those thirty times slower than 64. Whole numbers and decimals of one
 * digit join to `decimal(20,1)`, though hardly any value is that long: a history keeps such a column in 18 digits as long as all its values fit.
 */
import {
  type ColumnType,
  decimalOf,
  type EngineError,
  type PhysicalSchema,
  type TypedTable,
} from "@opendatahub-sql/core"
import { type Connection, identifier, literal } from "@opendatahub-sql/engine-duckdb"
import { addedTable } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"

const DIGITS = 18

/** The form in 18 digits of a decimal that may have more; `undefined` for every other type. */
export const compactType = (type: ColumnType): string | undefined => {
  const decimal = type === "bigint" ? undefined : decimalOf(type)
  return decimal === undefined || decimal.precision <= DIGITS || decimal.scale > DIGITS
    ? undefined
    : `DECIMAL(${DIGITS},${decimal.scale})`
}

/** Whether all values of a column have at most 18 digits at a scale. */
const fits = (column: string, type: ColumnType, relation: string): string => {
  const limit = `1${"0".repeat(DIGITS - (decimalOf(type)?.scale ?? 0))}`
  return `select coalesce(max(${identifier(column)}) < ${limit} and min(${identifier(column)}) > -${limit}, true) as fits from ${relation}`
}

/** The types of the stored columns of a history, by name, as DuckDB spells them. */
export const storedTypes = Effect.fnUntraced(function* (connection: Connection, table: string) {
  const rows = yield* connection.all(
    `select column_name, data_type from duckdb_columns() where schema_name = 'history_added' and table_name = ${literal(table)}`,
    `look up the columns of ${table}`,
  )
  return new Map(rows.map((row) => [String(row["column_name"]), String(row["data_type"])]))
})

/** The columns that need all their digits, by the names they have in the schema: values of the file or those stored do not fit 18. */
export const wideColumns = Effect.fnUntraced(function* (
  connection: Connection,
  schema: PhysicalSchema,
  parts: ReadonlyArray<TypedTable> | undefined,
  /** What a column is called where it is stored today; `undefined` when it is not. */
  storedName: (physicalName: string) => string | undefined,
): Effect.fn.Return<ReadonlyArray<string>, EngineError> {
  const wide: Array<string> = []
  const long = schema.columns.filter((column) => compactType(column.type) !== undefined)
  const stored = long.length === 0 ? new Map<string, string>() : yield* storedTypes(connection, schema.table)
  for (const { name, physicalName, type } of long) {
    const before = storedName(physicalName)
    const [, precision = "0"] = /^DECIMAL\((\d+),/.exec(stored.get(before ?? "") ?? "") ?? []
    const relations = [
      ...(before === undefined || !stored.has(before) ? [] : [fits(before, type, addedTable(schema.table))]),
      ...(parts ?? [])
        .filter((part) => part.columns.some((column) => column.name === name))
        .map((part) => fits(name, type, `(${part.relation})`)),
    ]
    let isWide = parts === undefined || Number(precision) > DIGITS
    for (const relation of relations)
      isWide ||= (yield* connection.one(relation, `measure a column of ${schema.table}`))["fits"] !== true
    if (isWide) wide.push(physicalName)
  }
  return wide
})
