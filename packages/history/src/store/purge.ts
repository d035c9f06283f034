/** Removes what must not be kept: rows by the value of a column, from every state at once. */
import type { EngineError, Mode } from "@opendatahub-sql/core"
import { type Connection, identifier, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { addedTable, removedTable, rowId } from "./layout.ts"

/** Values by column name, compared as text: a row goes when all are equal. */
export type PurgeKey = Readonly<Record<string, string>>

/** What went from a table: copies of rows over all states, and rejects. */
export interface PurgedRows {
  readonly table: string
  readonly rows: number
  readonly rejects: number
}

/** A table to purge, in any mode. */
export interface PurgedTable {
  readonly name: string
  readonly mode: Mode
}

const matches = (key: PurgeKey): string =>
  Object.entries(key)
    .map(([column, value]) => `${identifier(column)}::varchar = ${literal(value)}`)
    .join(" and ")

const escaped = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, "\\$&")

/** Rows that could not be cut into cells hold the key in their raw text, as whole words. */
const inRaw = (key: PurgeKey): string =>
  Object.values(key)
    .map((value) => `regexp_matches(raw, ${literal(`(^|[^\\p{L}\\p{N}])${escaped(value)}($|[^\\p{L}\\p{N}])`)})`)
    .join(" and ")

const purgedOf = (table: string): string => identifier(`history_purged ${table}`)

const deleteRows = ({ name, mode }: PurgedTable, where: string): ReadonlyArray<string> =>
  mode === "history"
    ? [removedTable(name), addedTable(name)].map(
        (one) =>
          `delete from ${one} a using temp.${purgedOf(name)} x where a._timeline = x._timeline and a._hash = x._hash`,
      )
    : [`delete from ${qualified("bronze", name)} where ${where}`]

/** The rows of a child that hang on the purged ones. */
const hanging = (parent: PurgedTable): string =>
  parent.mode === "history"
    ? `_parent_id in (select ${rowId("_timeline", "_hash", "_copy")} from temp.${purgedOf(parent.name)})`
    : `(_load_id, coalesce(_member, ''), _parent_row) in (select (_load_id, coalesce(_member, ''), _row) from temp.${purgedOf(parent.name)})`

/** Removes the rows that match, their rejects, and then what hangs on them. */
const purgeFamily = Effect.fnUntraced(function* (
  connection: Connection,
  table: PurgedTable,
  where: string,
  whereReject: string,
): Effect.fn.Return<ReadonlyArray<PurgedRows>, EngineError> {
  const { name, mode } = table
  const purpose = `purge rows of ${name}`
  const source = mode === "history" ? addedTable(name) : qualified("bronze", name)
  const marks = mode === "history" ? "_timeline, _hash, _copy, " : ""
  yield* connection.run(
    `create or replace temp table ${purgedOf(name)} as select ${marks}_load_id, _member, _row from ${source} where ${where}`,
    purpose,
  )
  const rows = yield* connection.one(`select count(*) as n from temp.${purgedOf(name)}`, purpose)
  const rejected = `table_name = ${literal(name)} and (${whereReject}
    or (_load_id, coalesce(_member, ''), _row) in (select (_load_id, coalesce(_member, ''), _row) from temp.${purgedOf(name)}))`
  const rejects = yield* connection.one(`select count(*) as n from odh.rejects where ${rejected}`, purpose)
  yield* connection.run(`delete from odh.rejects where ${rejected}`, purpose)
  const children = yield* connection.all(
    `select table_name, mode from odh.tables where parent = ${literal(name)} order by table_name`,
    purpose,
  )
  const below: Array<PurgedRows> = []
  for (const child of children) {
    const one = { name: String(child["table_name"]), mode: child["mode"] as Mode }
    below.push(...(yield* purgeFamily(connection, one, hanging(table), "false")))
  }
  for (const statement of deleteRows(table, where)) yield* connection.run(statement, purpose)
  yield* connection.run(`drop table temp.${purgedOf(name)}`, purpose)
  return [{ table: name, rows: Number(rows["n"]), rejects: Number(rejects["n"]) }, ...below]
})

/**
 * Removes the rows of a key from every state, the rows of other tables that hang on them, and their rejects, in the caller's transaction;
 * gives what went, of the table first. Rejects are found by the record that introduced a row, and by the key in the raw text of rows that
 * could not be cut. An extraction that is loaded later, or again from the lake, brings everything back if its file holds it.
 */
export const purgeRows = (
  connection: Connection,
  table: PurgedTable,
  key: PurgeKey,
): Effect.Effect<ReadonlyArray<PurgedRows>, EngineError> =>
  Object.keys(key).length === 0
    ? Effect.succeed([])
    : purgeFamily(connection, table, matches(key), `(column_name is null and ${inRaw(key)})`)
