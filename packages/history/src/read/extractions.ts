/** The extractions of a table: what each brought, took away and changed in its columns. */
import type { EngineError } from "@opendatahub-sql/core"
import { type Connection, identifier, literal, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { type HeaderColumn, type SchemaEvent, schemaEvents } from "../schema/schema-events.ts"
import { addedTable, removedTable } from "../store/layout.ts"
import type { DatedTable } from "./as-of.ts"

/**
 * One extraction of one resource in a table. Instants are ISO text in UTC; counts are copies of rows against the extraction before.
 * `changed`: of the added and removed rows, pairs of one key. Without a history the differences are not known.
 */
export interface TableExtraction {
  readonly dataset: string
  readonly resource: string
  readonly extractedAt: string
  readonly publishedAt?: string
  readonly rows: number
  readonly added?: number
  readonly removed?: number
  readonly changed?: number
  readonly events: ReadonlyArray<SchemaEvent>
}

const iso = (column: string): string => `strftime(${column}::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ')`

const changedRows = (table: string, key: ReadonlyArray<string>): string =>
  key.length === 0
    ? "select null::bigint as _timeline, null::timestamptz as at, 0 as n where false"
    : `select a._timeline, a._valid_from as at, count(distinct (a._hash, a._copy)) as n from ${addedTable(table)} a
       join ${removedTable(table)} r on r._timeline = a._timeline and r._valid_to = a._valid_from
       join ${addedTable(table)} b on b._timeline = r._timeline and b._hash = r._hash and b._copy = r._copy and b._valid_from < r._valid_to
       where ${key.map((column) => `a.${identifier(column)} is not distinct from b.${identifier(column)}`).join(" and ")} group by all`

const ofHistory = (table: string, key: ReadonlyArray<string>): string =>
  `select t.dataset_id, t.resource_id, h.timeline, ${iso("h.extracted_at")} as extracted, ${iso("h.published_at")} as published, h.rows, h.columns::varchar as columns,
     coalesce(a.n, 0) as added, coalesce(r.n, 0) as removed, coalesce(c.n, 0) as changed
   from odh.history h join odh.timelines t using (timeline)
   left join (select _timeline, _valid_from as at, count(*) as n from ${addedTable(table)} group by all) a on a._timeline = h.timeline and a.at = h.extracted_at
   left join (select _timeline, _valid_to as at, count(*) as n from ${removedTable(table)} group by all) r on r._timeline = h.timeline and r.at = h.extracted_at
   left join (${changedRows(table, key)}) c on c._timeline = h.timeline and c.at = h.extracted_at
   where h.table_name = ${literal(table)} order by h.extracted_at, t.resource_id`

const ofLedger = (table: string): string =>
  `select l.dataset_id, l.resource_id, 0 as timeline, ${iso("l.extracted_at")} as extracted, null as published, t.rows, '[]' as columns, null as added, null as removed, null as changed
   from odh.loads l join odh.load_tables t using (load_key) where t.table_name = ${literal(table)} order by l.extracted_at, l.resource_id`

const count = (row: QueryRow, name: string): number => Number(row[name])

/** The extractions of a table, oldest first, those of all its resources. `key`: columns that name a row, to count changed ones. */
export const tableExtractions = Effect.fn("history.extractions")(function* (
  connection: Connection,
  table: DatedTable,
  key: ReadonlyArray<string> = [],
): Effect.fn.Return<ReadonlyArray<TableExtraction>, EngineError> {
  const isHistory = table.mode === "history"
  const rows = yield* connection.all(
    isHistory ? ofHistory(table.name, key) : ofLedger(table.name),
    `read the extractions of ${table.name}`,
  )
  const headers = new Map<number, ReadonlyArray<HeaderColumn>>()
  return rows.map((row): TableExtraction => {
    const timeline = count(row, "timeline")
    const header = JSON.parse(String(row["columns"])) as ReadonlyArray<HeaderColumn>
    const before = headers.get(timeline)
    headers.set(timeline, header)
    const changed = count(row, "changed")
    return {
      dataset: String(row["dataset_id"]),
      resource: String(row["resource_id"]),
      extractedAt: String(row["extracted"]),
      ...(typeof row["published"] === "string" ? { publishedAt: row["published"] } : {}),
      rows: count(row, "rows"),
      ...(isHistory
        ? {
            added: count(row, "added") - changed,
            removed: count(row, "removed") - changed,
            ...(key.length === 0 ? {} : { changed }),
          }
        : {}),
      events: before === undefined ? [] : schemaEvents(before, header),
    }
  })
})
