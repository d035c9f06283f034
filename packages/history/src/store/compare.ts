/**
 * What an extraction changes: its rows and those of a state, as multisets, compared by identity. Where the state is kept is the caller's business, so
 * a warehouse and a lakehouse share this. The engine spills what does not fit.
 */
import type { ColumnType, EngineError } from "@opendatahub-sql/core"
import { type Connection, identifier, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { rowIdentity } from "../identity/row-identity.ts"
import { type HistoryColumn, type HistoryTable, rowId, storedType } from "./layout.ts"

/** One part of a table as an extraction holds it: `relation` is SQL of `_row`, for a child `_parent_row`, and the columns. */
export interface ExtractedPart {
  readonly relation: string
  readonly member: string | undefined
  readonly columns: ReadonlyArray<{
    /** As the relation calls it, and its type there. */
    readonly name: string
    readonly type: ColumnType
    readonly isComplete: boolean
    readonly column: HistoryColumn
  }>
}

type PartColumn = ExtractedPart["columns"][number]

/** SQL of a cell, as its column stores it. */
export const cellOf = ({ name, type, column }: PartColumn): string => {
  const value = identifier(name)
  return storedType(type) === storedType(column.type) ? value : `${value}::${storedType(column.type)}`
}

const identityOf = (table: HistoryTable, part: ExtractedPart): string =>
  rowIdentity(
    part.columns.map((one) => ({
      id: one.column.id,
      value: cellOf(one),
      type: one.column.type,
      isComplete: one.isComplete,
    })),
    table.parent === undefined ? undefined : "_parent_id",
  )

/** The ids of the rows of a table that is being placed, by where they are in the file; it lives until its children are placed. */
const idsOf = (table: string): string => identifier(`history_ids ${table}`)

/** The rows of a part; those of a child with the id of the row that they hang on, as `_parent_id`. */
export const extractedRows = ({ parent }: HistoryTable, { relation, member }: ExtractedPart): string =>
  parent === undefined
    ? `(${relation})`
    : `(select c.*, i.id as _parent_id from (${relation}) c left join temp.${idsOf(parent)} i on i.member = ${literal(member ?? "")} and i._row = c._parent_row)`

/** The identity of every row of an extraction, with where to find it again. */
const identifyRows = (table: HistoryTable, parts: ReadonlyArray<ExtractedPart>): string =>
  `create or replace temp table history_rows as ${
    parts.length === 0
      ? "select null::uuid as h, null::integer as part, null::bigint as _row where false"
      : parts
          .map(
            (part, index) =>
              `select ${identityOf(table, part)} as h, ${index}::integer as part, _row from ${extractedRows(table, part)}`,
          )
          .join(" union all ")
  }`

/** How often each row is there now and was there before, where the two differ: the sum of both multisets with opposite signs is not zero. */
const compareStates = (state: string): string =>
  `create or replace temp table history_delta as
   with changed as materialized (
     select h, sum(d)::bigint as d from (select h, 1::tinyint as d from history_rows union all ${state}) group by h having sum(d) <> 0
   )
   select h, coalesce(now, 0) as now, coalesce(now, 0) - d as was
   from changed left join (select h, count(*) as now from history_rows semi join changed using (h) group by h) using (h)`

/** All rows with the number of their copy. Only rows that repeat are sorted. */
const numbered = `with repeated as materialized (select h from history_rows group by h having count(*) > 1)
   select h, 1::integer as copy, part, _row from history_rows anti join repeated using (h)
   union all select h, (row_number() over (partition by h order by part, _row))::integer, part, _row from history_rows semi join repeated using (h)`

/** Of an oldest extraction, everything is new. */
const allNew = [
  `create or replace temp table history_adds as ${numbered}`,
  "create or replace temp table history_drops (h uuid, copy integer)",
]

/** Copies of identical rows are numbered; the highest numbers come and go first. Only rows that repeat are sorted. */
const copies = [
  `create or replace temp table history_adds as
   select r.h, 1::integer as copy, r.part, r._row from history_rows r join history_delta d on r.h = d.h where d.now = 1 and d.was = 0
   union all select h, copy, part, _row from (
     select r.h, (row_number() over (partition by r.h order by r.part, r._row))::integer as copy, r.part, r._row, d.was
     from history_rows r join history_delta d on r.h = d.h where d.now > 1 and d.now > d.was
   ) where copy > was`,
  `create or replace temp table history_drops as
   select h, unnest(range(now + 1, was + 1))::integer as copy from history_delta where now < was`,
]

/**
 * Compares an extraction with a state: SQL of `h` (UUID) and `d` (TINYINT), -1 for a copy that came and +1 for one that went; none when there was
 * nothing before. Leaves temporary tables until `forgetComparison`: `history_rows` (h, part, _row), `history_adds` (h, copy, part, _row), `history_drops` (h, copy).
 */
export const compareExtraction = Effect.fn("history.compare")(function* (
  connection: Connection,
  table: HistoryTable,
  parts: ReadonlyArray<ExtractedPart>,
  state: string | undefined,
): Effect.fn.Return<void, EngineError> {
  const compare = state === undefined ? allNew : [compareStates(state), ...copies]
  for (const statement of [identifyRows(table, parts), ...compare])
    yield* connection.run(statement, `compare the rows of ${table.name} with those before`)
})

/** Drops the tables of a comparison. */
export const forgetComparison = (connection: Connection): Effect.Effect<void, EngineError> =>
  connection.run(
    "drop table if exists temp.history_rows; drop table if exists temp.history_delta; drop table if exists temp.history_adds; drop table if exists temp.history_drops",
    "forget a comparison",
  )

/** For the children of a table that was just compared: which row has which id. `timeline`: SQL. Copies are numbered as they are stored. */
export const identifyParents = (
  connection: Connection,
  table: HistoryTable,
  parts: ReadonlyArray<ExtractedPart>,
  timeline: string,
): Effect.Effect<void, EngineError> =>
  connection.run(
    `create or replace temp table ${idsOf(table.name)} as
     select ([${parts.map((part) => literal(part.member ?? "")).join(", ")}]::varchar[])[part + 1] as member, _row, ${rowId(timeline, "h", "copy")} as id from (${numbered})`,
    `give the rows of ${table.name} ids`,
  )

/** Forgets the ids that parents left for their children. */
export const forgetParents = (
  connection: Connection,
  tables: ReadonlyArray<string>,
): Effect.Effect<void, EngineError> =>
  Effect.forEach(tables, (table) => connection.run(`drop table if exists temp.${idsOf(table)}`), { discard: true })
