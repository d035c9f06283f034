/**
 * Where a history is kept: per table, the copies of rows that appeared (`history_added`, with their cells) and those that went
 * (`history_removed`, by identity alone); and for all tables, the extractions that their timelines are made of.
 */
import type { ColumnType, EngineError } from "@opendatahub-sql/core"
import { type Connection, identifier, qualified } from "@opendatahub-sql/engine-duckdb"
import type { Effect } from "effect/Effect"

/** Where a row came from, as the destination calls it. The extraction is the one that introduced the row. */
export const provenance = {
  _row: "BIGINT",
  _member: "VARCHAR",
  _extracted_at: "TIMESTAMPTZ",
  _extraction_date: "DATE",
  _dataset_id: "VARCHAR",
  _resource_id: "VARCHAR",
  _file_sha256: "VARCHAR",
  _load_id: "VARCHAR",
} as const

/** A column of a table with a history. `id` stays for ever, `name` is what it is called today. */
export interface HistoryColumn {
  readonly id: number
  readonly name: string
  readonly type: ColumnType
  /** As the destination stores it; as {@link storedType} says when it does not. */
  readonly stored?: string
}

/**
 * A table with a history. `parent`: the table that its rows hang on, which has a history too; `hasChildren`: others hang on it, so its rows
 * are told apart by an id.
 */
export interface HistoryTable {
  readonly name: string
  readonly columns: ReadonlyArray<HistoryColumn>
  readonly parent?: string | undefined
  readonly hasChildren?: boolean | undefined
}

/** What a child's rows have besides: the row they hang on, by its id in the history and by its record number in the file. */
const link = { _parent_id: "UUID", _parent_row: "BIGINT" } as const

/** Columns before those of the file, quoted, with their types: where a row came from and, for a child, what it hangs on. */
export const systemColumnsOf = ({ parent }: HistoryTable): ReadonlyArray<readonly [name: string, type: string]> =>
  Object.entries(provenance).flatMap(([name, type]) => [
    [identifier(name), type] as const,
    ...(name === "_row" && parent !== undefined
      ? Object.entries(link).map(([one, uuid]) => [identifier(one), uuid] as const)
      : []),
  ])

/** SQL of the id of a row of a table that has children: the same as long as the row is there, and when it comes back. */
export const rowId = (timeline: string, hash: string, copy: string): string =>
  `md5(concat_ws(' ', ${timeline}, ${hash}, ${copy}))::uuid`

/** The copies of rows that appeared: one line each, at `_valid_from`. */
export const addedTable = (table: string): string => qualified("history_added", table)

/** The copies of rows that went, at `_valid_to`. */
export const removedTable = (table: string): string => qualified("history_removed", table)

/** A type as DuckDB stores it. */
export const storedType = (type: ColumnType): string =>
  type === "null" || type === "text" || type === "json" ? "VARCHAR" : type.toUpperCase()

/** Creates the schemas and registers of histories where they are missing. */
export const ensureHistory = (connection: Connection): Effect<void, EngineError> =>
  connection.run(
    `create schema if not exists history;
     create schema if not exists history_added;
     create schema if not exists history_removed;
     create table if not exists odh.timelines (timeline bigint, source varchar, dataset_id varchar, resource_id varchar);
     create table if not exists odh.history (table_name varchar, timeline bigint, extracted_at timestamptz, published_at timestamptz, load_key varchar, rows bigint, columns json)`,
    "prepare the schemas of histories",
  )

/** Statements that create the two tables of a history. */
export const createHistory = (table: HistoryTable): ReadonlyArray<string> => [
  `create table ${addedTable(table.name)} (_hash uuid, _copy integer, _timeline bigint, _valid_from timestamptz, ${[
    ...systemColumnsOf(table).map(([column, type]) => `${column} ${type}`),
    ...table.columns.map((column) => `${identifier(column.name)} ${column.stored ?? storedType(column.type)}`),
  ].join(", ")})`,
  `create table ${removedTable(table.name)} (_hash uuid, _copy integer, _timeline bigint, _valid_to timestamptz)`,
]

/** Statements that take a history out: its tables, views and register. */
export const dropHistory = (table: string): ReadonlyArray<string> => [
  `drop view if exists ${qualified("history", table)}`,
  `drop table if exists ${addedTable(table)}`,
  `drop table if exists ${removedTable(table)}`,
]
