/**
 * Places an extraction in its timeline. What changed since the extraction before is added; what follows is corrected, so that every later
 * state stays what it was, in whatever order extractions arrive. All in the caller's transaction; the engine spills what does not fit.
 */
import type { ColumnType, EngineError, Slice } from "@opendatahub-sql/core"
import { type Connection, identifier, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import {
  cellOf,
  compareExtraction,
  type ExtractedPart,
  extractedRows,
  forgetComparison,
  identifyParents,
} from "./compare.ts"
import { addedTable, type HistoryTable, removedTable, systemColumnsOf } from "./layout.ts"
import { instant, neighbours, type Timeline } from "./timeline.ts"

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

/** The copies that came and went up to an instant. */
const marksUntil = ({ table, id }: Timeline, until: string): string =>
  `select _hash as h, (-1)::tinyint as d from ${addedTable(table)} where _timeline = ${id} and _valid_from <= ${until}
   union all select _hash, 1::tinyint from ${removedTable(table)} where _timeline = ${id} and _valid_to <= ${until}`

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
  const cells = new Map(part.columns.map((one) => [one.column.id, cellOf(one)]))
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
   from ${extractedRows(table, part)} p join history_adds x on x.part = ${index} and x._row = p._row`
}

/** What a placement changed, in copies of rows. */
export interface Placement {
  readonly rows: number
  readonly added: number
  readonly removed: number
}

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
  const state = before === undefined ? undefined : marksUntil(timeline, before)
  yield* compareExtraction(connection, table, extracted.parts, state)
  const counts = yield* connection.one(
    "select (select count(*) from history_rows) as rows, (select count(*) from history_adds) as added, (select count(*) from history_drops) as removed",
    purpose,
  )
  const placement = { rows: Number(counts["rows"]), added: Number(counts["added"]), removed: Number(counts["removed"]) }
  if (table.hasChildren === true) yield* identifyParents(connection, table, extracted.parts, String(timeline.id))
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
  changes.push(`insert into odh.history values (${values.join(", ")})`, "drop table if exists temp.history_earlier")
  for (const statement of changes) yield* connection.run(statement, `write the changes of ${table.name}`)
  yield* forgetComparison(connection)
  return placement
})
