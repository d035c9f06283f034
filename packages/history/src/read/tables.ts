/** The tables of a warehouse, as its registers describe them. */
import { type ColumnType, EngineError, misconfigured, type Mode } from "@opendatahub-sql/core"
import { type Connection, identifier, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type { DatedTable } from "./as-of.ts"

const register = (catalog: string | undefined, name: string): string =>
  `${catalog === undefined ? "" : `${identifier(catalog)}.`}odh.${name}`

/** Every table, or the one of a name, with its columns in their order. */
export const readTables = Effect.fn("history.readTables")(function* (
  connection: Connection,
  options: { readonly table?: string; readonly catalog?: string } = {},
): Effect.fn.Return<ReadonlyArray<DatedTable>, EngineError> {
  const rows = yield* connection.all(
    `select t.table_name as name, t.mode, t.parent, exists (from ${register(options.catalog, "tables")} x where x.parent = t.table_name) as has_children, c.position, c.column_name as "column", c.type
     from ${register(options.catalog, "tables")} t left join ${register(options.catalog, "columns")} c using (table_name)
     ${options.table === undefined ? "" : `where t.table_name = ${literal(options.table)}`} order by t.table_name, c.position`,
    "read the tables of the warehouse",
  )
  const tables = new Map<string, DatedTable & { columns: Array<DatedTable["columns"][number]> }>()
  for (const row of rows) {
    const name = String(row["name"])
    const table = tables.get(name) ?? {
      name,
      mode: row["mode"] as Mode,
      parent: typeof row["parent"] === "string" ? row["parent"] : undefined,
      hasChildren: row["has_children"] === true,
      columns: [],
    }
    tables.set(name, table)
    if (row["column"] !== null)
      table.columns.push({ id: Number(row["position"]), name: String(row["column"]), type: row["type"] as ColumnType })
  }
  return [...tables.values()]
})

/** One table; fails, with the names there are, when there is no such table. */
export const readTable = Effect.fn("history.readTable")(function* (
  connection: Connection,
  name: string,
): Effect.fn.Return<DatedTable, EngineError> {
  const [table] = yield* readTables(connection, { table: name })
  if (table !== undefined) return table
  const others = (yield* readTables(connection)).map((one) => one.name)
  return yield* new EngineError({
    plugin: "history",
    operation: "read",
    reason: misconfigured,
    message: `there is no table "${name}" in the warehouse; there ${others.length === 0 ? "is none" : `are ${others.slice(0, 20).join(", ")}`}`,
  })
})
