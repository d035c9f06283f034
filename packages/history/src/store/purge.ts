/** Removes what must not be kept: rows by the value of a column, from every state at once. */
import type { EngineError } from "@opendatahub-sql/core"
import { type Connection, identifier, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { addedTable, removedTable } from "./layout.ts"

/** Values by column name, compared as text: a row goes when all are equal. */
export type PurgeKey = Readonly<Record<string, string>>

const matches = (key: PurgeKey): string =>
  Object.entries(key)
    .map(([column, value]) => `${identifier(column)}::varchar = ${literal(value)}`)
    .join(" and ")

/**
 * Removes the rows of a key from the whole history, in the caller's transaction; gives the copies of rows removed. An extraction that is
 * loaded later, or again from the lake, brings them back if its file holds them.
 */
export const purgeRows = Effect.fn("history.purge")(function* (
  connection: Connection,
  table: string,
  key: PurgeKey,
): Effect.fn.Return<number, EngineError> {
  if (Object.keys(key).length === 0) return 0
  const purpose = `purge rows of ${table}`
  yield* connection.run(
    `create or replace temp table history_purged as select distinct _timeline, _hash from ${addedTable(table)} where ${matches(key)}`,
    purpose,
  )
  const gone = yield* connection.one(`select count(*) as n from ${addedTable(table)} where ${matches(key)}`, purpose)
  for (const one of [removedTable(table), addedTable(table)]) {
    yield* connection.run(
      `delete from ${one} a using history_purged x where a._timeline = x._timeline and a._hash = x._hash`,
      purpose,
    )
  }
  yield* connection.run("drop table history_purged", purpose)
  return Number(gone["n"])
})
