/** Takes an extraction out of its timeline: a bad one, one that is read again, or one that is not kept. All other states stay what they were. */
import type { EngineError } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { addedTable, removedTable } from "./layout.ts"
import { instant, neighbours, type Timeline } from "./timeline.ts"

/** Without an extraction after it, its differences go; else they become those of the extraction after, and what cancels goes. */
const foldInto = ({ table, id }: Timeline, at: string, after: string | undefined): ReadonlyArray<string> => {
  const added = addedTable(table)
  const removed = removedTable(table)
  const came = `_timeline = ${id} and _valid_from = ${instant(at)}`
  const went = `_timeline = ${id} and _valid_to = ${instant(at)}`
  if (after === undefined) return [`delete from ${added} where ${came}`, `delete from ${removed} where ${went}`]
  const same = (alias: string): string =>
    `${alias}._timeline = ${id} and ${alias}._hash = x._hash and ${alias}._copy = x._copy`
  return [
    `create or replace temp table history_passing as
     select a._hash, a._copy from (from ${added} where ${came}) a join (from ${removed} where _timeline = ${id} and _valid_to = ${after}) r using (_hash, _copy)`,
    `create or replace temp table history_returning as
     select r._hash, r._copy from (from ${removed} where ${went}) r join (from ${added} where _timeline = ${id} and _valid_from = ${after}) a using (_hash, _copy)`,
    `delete from ${added} a using history_passing x where ${same("a")} and a._valid_from = ${instant(at)}`,
    `delete from ${removed} r using history_passing x where ${same("r")} and r._valid_to = ${after}`,
    `delete from ${removed} r using history_returning x where ${same("r")} and r._valid_to = ${instant(at)}`,
    `delete from ${added} a using history_returning x where ${same("a")} and a._valid_from = ${after}`,
    `update ${added} set _valid_from = ${after} where ${came}`,
    `update ${removed} set _valid_to = ${after} where ${went}`,
    "drop table history_passing; drop table history_returning",
  ]
}

/** Takes the extraction at `at` (ISO, UTC) out of the timeline, in the caller's transaction; nothing happens when it is not there. */
export const dropExtraction = Effect.fn("history.drop")(function* (
  connection: Connection,
  timeline: Timeline,
  at: string,
): Effect.fn.Return<void, EngineError> {
  const point = `table_name = ${literal(timeline.table)} and timeline = ${timeline.id} and extracted_at = ${instant(at)}`
  const [known] = yield* connection.all(
    `select 1 from odh.history where ${point}`,
    `look up an extraction of ${timeline.table}`,
  )
  if (known === undefined) return
  const { after } = yield* neighbours(connection, timeline, at)
  for (const statement of [...foldInto(timeline, at, after), `delete from odh.history where ${point}`]) {
    yield* connection.run(statement, `take the extraction of ${at} out of ${timeline.table}`)
  }
})
