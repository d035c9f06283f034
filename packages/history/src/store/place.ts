/**
 * Places an extraction in its timeline. What changed since the extraction before is added; what follows is corrected, so that every later
 * state stays what it was, in whatever order extractions arrive. All in the caller's transaction; the engine spills what does not fit.
 */
import type { ColumnType, EngineError, Slice } from "@opendatahub-sql/core"
import { type Connection, identifier, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { rowIdentity } from "../identity/row-identity.ts"
import {
  addedTable,
  type HistoryColumn,
  type HistoryTable,
  removedTable,
  rowId,
  storedType,
  systemColumnsOf,
} from "./layout.ts"
import { instant, neighbours, type Timeline } from "./timeline.ts"

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

/** A table as an extraction holds it. `published`: when the source says that this state was published (ISO, UTC). */
export interface ExtractedTable {
  readonly slice: Slice
  readonly published?: string
  readonly load: string
  readonly sha256: string
  readonly parts: ReadonlyArray<ExtractedPart>
  /** The columns as the file has them, in its order. */
  readonly header: ReadonlyArray<{
    readonly id: number
    readonly name: string
    readonly original: string
    readonly type: ColumnType
  }>
}

type PartColumn = ExtractedPart["columns"][number]

const valueOf = ({ name, type, column }: PartColumn): string => {
  const value = identifier(name)
  return storedType(type) === storedType(column.type) ? value : `${value}::${storedType(column.type)}`
}

const identityOf = (table: HistoryTable, part: ExtractedPart): string =>
  rowIdentity(
    part.columns.map((one) => ({
      id: one.column.id,
      value: valueOf(one),
      type: one.column.type,
      isComplete: one.isComplete,
    })),
    table.parent === undefined ? undefined : "_parent_id",
  )

/** The ids of the rows of a table that is being placed, by where they are in the file; it lives until its children are placed. */
const idsOf = (table: string): string => `temp.${identifier(`history_ids ${table}`)}`

/** The rows of a part; those of a child with the id of the row that they hang on. */
const rowsOf = ({ parent }: HistoryTable, { relation, member }: ExtractedPart): string =>
  parent === undefined
    ? `(${relation})`
    : `(select c.*, i.id as _parent_id from (${relation}) c left join ${idsOf(parent)} i on i.member = ${literal(member ?? "")} and i._row = c._parent_row)`

/** The identity of every row of an extraction, with where to find it again. */
const identifyRows = (table: HistoryTable, parts: ReadonlyArray<ExtractedPart>): string =>
  `create or replace temp table history_rows as ${
    parts.length === 0
      ? "select null::uuid as h, null::integer as part, null::bigint as _row where false"
      : parts
          .map(
            (part, index) =>
              `select ${identityOf(table, part)} as h, ${index}::integer as part, _row from ${rowsOf(table, part)}`,
          )
          .join(" union all ")
  }`

/** How often each row is there now and was there before, where the two differ: the sum of both multisets with opposite signs is not zero. */
const compareStates = ({ table, id }: Timeline, before: string): string =>
  `create or replace temp table history_delta as
   with changed as materialized (
     select h, sum(d)::bigint as d from (
       select h, 1::tinyint as d from history_rows
       union all select _hash, (-1)::tinyint from ${addedTable(table)} where _timeline = ${id} and _valid_from <= ${before}
       union all select _hash, 1::tinyint from ${removedTable(table)} where _timeline = ${id} and _valid_to <= ${before}
     ) group by h having sum(d) <> 0
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

/** For the children: which row has which id. Copies are numbered as they are stored. */
const identifyParents = (timeline: Timeline, parts: ReadonlyArray<ExtractedPart>): string =>
  `create or replace temp table ${idsOf(timeline.table).replace("temp.", "")} as
   select ([${parts.map((part) => literal(part.member ?? "")).join(", ")}]::varchar[])[part + 1] as member, _row, ${rowId(String(timeline.id), "h", "copy")} as id from (${numbered})`

/** The extraction after keeps its state: what it brought and is here already goes from it, what it lacks goes there. */
const correctNext = ({ table, id }: Timeline, before: string | undefined, after: string): ReadonlyArray<string> => {
  const added = addedTable(table)
  const removed = removedTable(table)
  const inTimeline = (alias: string): string =>
    `${alias}._timeline = ${id} and ${alias}._hash = x.h and ${alias}._copy = x.copy`
  return [
    `create or replace temp table history_earlier as
     select x.h, x.copy from history_adds x join ${added} a on ${inTimeline("a")} and a._valid_from = ${after}`,
    `delete from ${added} a using history_earlier x where ${inTimeline("a")} and a._valid_from = ${after}`,
    `insert into ${removed} select h, copy, ${id}, ${after} from history_adds anti join history_earlier using (h, copy)`,
    `create or replace temp table history_earlier as
     select x.h, x.copy from history_drops x join ${removed} r on ${inTimeline("r")} and r._valid_to = ${after}`,
    `delete from ${removed} r using history_earlier x where ${inTimeline("r")} and r._valid_to = ${after}`,
    // Only a row that was there before can be missing here, so its cells are known.
    ...(before === undefined
      ? []
      : [
          // The newest by a join: with `qualify row_number() = 1` DuckDB 1.5 fails inside its planner on some small tables.
          `insert into ${added} select a.* replace (${after} as _valid_from) from ${added} a join (
         select a._hash as h, a._copy as copy, max(a._valid_from) as newest from ${added} a
         join (from history_drops anti join history_earlier using (h, copy)) x on ${inTimeline("a")}
         where a._valid_from <= ${before} group by all
       ) x on ${inTimeline("a")} and a._valid_from = x.newest`,
        ]),
  ]
}

const insertPart = (
  timeline: Timeline,
  table: HistoryTable,
  extracted: ExtractedTable,
  part: ExtractedPart,
  index: number,
): string => {
  const { slice } = extracted
  const cells = new Map(part.columns.map((one) => [one.column.id, valueOf(one)]))
  const source = [
    "x.h",
    "x.copy",
    String(timeline.id),
    instant(slice.extractedAt),
    "x._row",
    ...(table.parent === undefined ? [] : ["p._parent_id", "p._parent_row"]),
    `${literal(part.member ?? null)}::varchar`,
    instant(slice.extractedAt),
    `${literal(slice.extractedAt.slice(0, 10))}::date`,
    literal(slice.dataset),
    literal(slice.resource),
    literal(extracted.sha256),
    literal(extracted.load),
    ...table.columns.map((column) => cells.get(column.id) ?? "null"),
  ]
  const names = [
    "_hash",
    "_copy",
    "_timeline",
    "_valid_from",
    ...systemColumnsOf(table).map(([name]) => name),
    ...table.columns.map((column) => identifier(column.name)),
  ]
  return `insert into ${addedTable(table.name)} (${names.join(", ")}) select ${source.join(", ")}
   from ${rowsOf(table, part)} p join history_adds x on x.part = ${index} and x._row = p._row`
}

/** What a placement changed, in copies of rows. */
export interface Placement {
  readonly rows: number
  readonly added: number
  readonly removed: number
}

/** Forgets the ids that parents left for their children. */
export const forgetParents = (
  connection: Connection,
  tables: ReadonlyArray<string>,
): Effect.Effect<void, EngineError> =>
  Effect.forEach(tables, (table) => connection.run(`drop table if exists ${idsOf(table)}`), { discard: true })

/** Places an extraction that is not in the timeline. A parent is placed before its children, in the same transaction. */
export const placeExtraction = Effect.fn("history.place")(function* (
  connection: Connection,
  table: HistoryTable,
  timeline: Timeline,
  extracted: ExtractedTable,
): Effect.fn.Return<Placement, EngineError> {
  const at = extracted.slice.extractedAt
  const purpose = `compare ${table.name} with the extraction before ${at}`
  const { before, after } = yield* neighbours(connection, timeline, at)
  const compare = before === undefined ? allNew : [compareStates(timeline, before), ...copies]
  for (const statement of [identifyRows(table, extracted.parts), ...compare]) yield* connection.run(statement, purpose)
  const counts = yield* connection.one(
    "select (select count(*) from history_rows) as rows, (select count(*) from history_adds) as added, (select count(*) from history_drops) as removed",
    purpose,
  )
  const placement = { rows: Number(counts["rows"]), added: Number(counts["added"]), removed: Number(counts["removed"]) }
  if (table.hasChildren === true) yield* connection.run(identifyParents(timeline, extracted.parts), purpose)
  const changes: Array<string> = []
  if (placement.added + placement.removed > 0 && after !== undefined)
    changes.push(...correctNext(timeline, before, after))
  if (placement.removed > 0) {
    changes.push(
      `insert into ${removedTable(table.name)} select h, copy, ${timeline.id}, ${instant(at)} from history_drops`,
    )
  }
  if (placement.added > 0)
    changes.push(...extracted.parts.map((part, index) => insertPart(timeline, table, extracted, part, index)))
  const values = [
    literal(table.name),
    String(timeline.id),
    instant(at),
    extracted.published === undefined ? "null" : instant(extracted.published),
    literal(extracted.load),
    String(placement.rows),
    literal(JSON.stringify(extracted.header)),
  ]
  changes.push(
    `insert into odh.history values (${values.join(", ")})`,
    "drop table history_rows; drop table if exists temp.history_delta; drop table history_adds; drop table history_drops; drop table if exists temp.history_earlier",
  )
  for (const statement of changes) yield* connection.run(statement, `write the changes of ${table.name}`)
  return placement
})
