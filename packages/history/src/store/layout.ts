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

/** Names of the provenance columns, quoted. */
export const provenanceNames: ReadonlyArray<string> = Object.keys(provenance).map(identifier)

/** A column of a table with a history. `id` stays for ever, `name` is what it is called today. */
export interface HistoryColumn {
  readonly id: number
  readonly name: string
  readonly type: ColumnType
}

/** A table with a history. */
export interface HistoryTable {
  readonly name: string
  readonly columns: ReadonlyArray<HistoryColumn>
}

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
export const createHistory = ({ name, columns }: HistoryTable): ReadonlyArray<string> => [
  `create table ${addedTable(name)} (_hash uuid, _copy integer, _timeline bigint, _valid_from timestamptz, ${[
    ...Object.entries(provenance).map(([column, type]) => `${identifier(column)} ${type}`),
    ...columns.map((column) => `${identifier(column.name)} ${storedType(column.type)}`),
  ].join(", ")})`,
  `create table ${removedTable(name)} (_hash uuid, _copy integer, _timeline bigint, _valid_to timestamptz)`,
]

/** Statements that take a history out: its tables, views and register. */
export const dropHistory = (table: string): ReadonlyArray<string> => [
  `drop view if exists ${qualified("history", table)}`,
  `drop table if exists ${addedTable(table)}`,
  `drop table if exists ${removedTable(table)}`,
]
