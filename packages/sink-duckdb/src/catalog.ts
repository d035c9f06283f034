/** What the file says of itself: the schemas `bronze` and `odh`, and the logical type of every column. */
import { type ColumnType, type EngineError, type Mode, type PhysicalSchema, rejectColumns } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import { ensureHistory, type HistoryColumn, warehouseMacros } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"

/** The layout of the `odh` schema; raised when it changes. */
const FORMAT = 1

/** Our columns, in front of the file's. `_parent_row` is there for child tables only. */
export const systemColumns = {
  _row: "BIGINT",
  _parent_row: "BIGINT",
  _member: "VARCHAR",
  _extracted_at: "TIMESTAMPTZ",
  _extraction_date: "DATE",
  _dataset_id: "VARCHAR",
  _resource_id: "VARCHAR",
  _file_sha256: "VARCHAR",
  _load_id: "VARCHAR",
} as const

/** The columns of `odh.rejects`: those of every table of rejects, and those of its load. */
const rejectsTable = {
  table_name: "VARCHAR",
  _member: "VARCHAR",
  ...rejectColumns,
  _extracted_at: "TIMESTAMPTZ",
  _dataset_id: "VARCHAR",
  _resource_id: "VARCHAR",
  _load_id: "VARCHAR",
} as const
/** Not there in the first files. */
const added = ["kind", "message", "byte_length"] as const

/** A table as it is. */
export interface KnownTable {
  readonly mode: Mode
  readonly parent: string | undefined
  /** Rows of other tables hang on its rows. */
  readonly hasChildren: boolean
  /** `aliases`: what files called the column before it had its name, or call it still. */
  readonly columns: ReadonlyArray<{
    readonly name: string
    readonly type: ColumnType
    readonly original: string
    readonly aliases: ReadonlyArray<string>
  }>
}

/** A column's number in a history: its place in the table, which never changes. */
export const historyColumns = (schema: PhysicalSchema): ReadonlyArray<HistoryColumn> =>
  schema.columns.map(({ physicalName, type }, id) => ({ id, name: physicalName, type }))

/** How a type is stored. */
export const physicalType = (type: ColumnType): string => {
  if (type === "null" || type === "text") return "VARCHAR"
  if (type === "json") return "VARCHAR"
  return type.toUpperCase()
}

/** Creates what is missing of our schemas. */
export const ensureCatalog = (connection: Connection): Effect.Effect<void, EngineError> =>
  Effect.andThen(
    connection.run(
      `create schema if not exists bronze;
     create schema if not exists odh;
     create table if not exists odh.format (version integer);
     insert into odh.format select ${FORMAT} where not exists (from odh.format);
     create table if not exists odh.tables (table_name varchar primary key, parent varchar, mode varchar not null);
     create table if not exists odh.columns (table_name varchar, position integer, column_name varchar, type varchar not null, original varchar not null, primary key (table_name, column_name));
     create table if not exists odh.column_aliases (table_name varchar, column_name varchar, alias varchar);
     create table if not exists odh.loads (load_key varchar primary key, source varchar, dataset_id varchar, resource_id varchar, extracted_at timestamptz, file_sha256 varchar, loaded_at timestamptz);
     create table if not exists odh.load_tables (load_key varchar, table_name varchar, rows bigint, rejects bigint);
     create table if not exists odh.rejects (${Object.entries(rejectsTable)
       .map(([name, type]) => `${name} ${type}`)
       .join(", ")});
     ${added.map((name) => `alter table odh.rejects add column if not exists ${name} ${rejectsTable[name]};`).join(" ")}`,
      "prepare the schemas bronze and odh",
    ),
    Effect.andThen(
      ensureHistory(connection),
      Effect.forEach(warehouseMacros, (macro) => connection.run(macro, "make the macros"), { discard: true }),
    ),
  )

/** Reads what is known of a table. */
export const describeTable = Effect.fnUntraced(function* (connection: Connection, table: string) {
  const [known] = yield* connection.all(
    `select parent, mode, exists (from odh.tables where parent = ${literal(table)}) as has_children from odh.tables where table_name = ${literal(table)}`,
    `look up the table ${table}`,
  )
  if (known === undefined) return undefined
  const columns = yield* connection.all(
    `select column_name, type, original, (select coalesce(string_agg(alias, ' '), '') from odh.column_aliases a where a.table_name = c.table_name and a.column_name = c.column_name) as aliases
     from odh.columns c where table_name = ${literal(table)} order by position`,
    `look up the columns of ${table}`,
  )
  return {
    mode: known["mode"] as Mode,
    parent: typeof known["parent"] === "string" ? known["parent"] : undefined,
    hasChildren: known["has_children"] === true,
    columns: columns.map((column) => ({
      name: String(column["column_name"]),
      type: column["type"] as ColumnType,
      original: String(column["original"]),
      aliases: String(column["aliases"])
        .split(" ")
        .filter((alias) => alias !== ""),
    })),
  } satisfies KnownTable
})
