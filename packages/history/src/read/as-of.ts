/** States and changes as SQL: what the views and macros of a warehouse are made of. */
import type { Mode } from "@opendatahub-sql/core"
import { identifier, literal } from "@opendatahub-sql/engine-duckdb"
import { type HistoryTable, rowId, systemColumnsOf } from "../store/layout.ts"

/** A table that can be asked AS OF a date. `snapshots`: every extraction in full, one slice each, told apart by `_extracted_at`. */
export interface DatedTable extends HistoryTable {
  readonly mode: Mode
}

/** Where an attached warehouse is, when it is not the default one: a catalog name. */
const within = (catalog: string | undefined, schema: string, table: string): string =>
  [...(catalog === undefined ? [] : [catalog]), schema, table].map(identifier).join(".")

const cells = ({ columns }: HistoryTable): ReadonlyArray<string> => columns.map((column) => identifier(column.name))

/** The columns of a table as SQL gives them; `a` is its line of `history_added`. */
const shown = (table: HistoryTable): string =>
  [
    ...(table.hasChildren === true ? [`${rowId("a._timeline", "a._hash", "a._copy")} as _id`] : []),
    ...[...systemColumnsOf(table).map(([name]) => name), ...cells(table)].map((name) => `a.${name}`),
  ].join(", ")

/** Rows of `history_added` that no removal up to `until` ended. Anti join, never a correlated `not exists`: the engine would sort all rows first. */
const alive = (catalog: string | undefined, table: string, until: string | undefined): string =>
  `${within(catalog, "history_added", table)} a anti join ${
    until === undefined
      ? within(catalog, "history_removed", table)
      : `(from ${within(catalog, "history_removed", table)} where _valid_to <= ${until})`
  } r on a._hash = r._hash and a._copy = r._copy and a._timeline = r._timeline and r._valid_to > a._valid_from`

/** The current state. */
export const currentState = (table: HistoryTable): string =>
  `select ${shown(table)} from ${alive(undefined, table.name, undefined)}`

/** Every copy of every row with the time it was there: `_valid_to` is NULL while it is. */
export const rowVersions = (table: HistoryTable): string =>
  `select a._valid_from, r._valid_to, ${shown(table)}, a._hash as _row_hash, a._copy, a._timeline
   from ${within(undefined, "history_added", table.name)} a asof left join ${within(undefined, "history_removed", table.name)} r
   on a._hash = r._hash and a._copy = r._copy and a._timeline = r._timeline and r._valid_to > a._valid_from`

/**
 * When each extraction was published: the source's date if it can be true, after the look before and not after this one; else when it was
 * extracted.
 */
const publishedInstants = (catalog: string | undefined, table: string): string =>
  `select timeline, extracted_at, case when published_at <= extracted_at
     and (published_at > lag(extracted_at) over (partition by timeline order by extracted_at) or lag(extracted_at) over (partition by timeline order by extracted_at) is null)
   then published_at else extracted_at end as published_at
   from ${within(catalog, "odh", "history")} where table_name = ${literal(table)}`

const snapshotAsOf = (table: DatedTable, at: string, catalog: string | undefined): string =>
  `from ${within(catalog, "bronze", table.name)} where (_dataset_id, _resource_id, _extracted_at) in (
     select (l.dataset_id, l.resource_id, max(l.extracted_at)) from ${within(catalog, "odh", "loads")} l join ${within(catalog, "odh", "load_tables")} t using (load_key)
     where t.table_name = ${literal(table.name)} and l.extracted_at <= ${at} group by l.dataset_id, l.resource_id)`

const noPast = (table: HistoryTable): string =>
  `from (select error(${literal(`the table ${table.name} keeps only its newest state: set its mode to "history" and run \`odh replay\``)}) as "error")`

/** The state at `at` (SQL of an instant) as the destination's tables show it: of each resource, the newest extraction by then. */
export const asOf = (table: DatedTable, at: string, catalog?: string): string => {
  if (table.mode === "snapshots") return snapshotAsOf(table, at, catalog)
  if (table.mode === "latest") return noPast(table)
  return `select ${shown(table)} from ${alive(catalog, table.name, at)} where a._valid_from <= ${at}`
}

/** The state that was published by `at`. */
export const asPublished = (table: DatedTable, at: string, catalog?: string): string => {
  if (table.mode !== "history") return asOf(table, at, catalog)
  return `with cut as (select timeline, max(extracted_at) as "until" from (${publishedInstants(catalog, table.name)}) where published_at <= ${at} group by timeline)
   select ${shown(table)} from (select v.*, cut."until" from ${within(catalog, "history_added", table.name)} v join cut on v._timeline = cut.timeline where v._valid_from <= cut."until") a
   anti join (select v.* from ${within(catalog, "history_removed", table.name)} v join cut on v._timeline = cut.timeline where v._valid_to <= cut."until") r
   on a._hash = r._hash and a._copy = r._copy and a._timeline = r._timeline and r._valid_to > a._valid_from`
}

const copiesAt = (table: string, at: string, came: string): string =>
  `select a.* from ${alive(undefined, table, at)} where a._valid_from <= ${at}${came}`

/** What is different between two instants, row by row: `_change` is `removed` or `added`; a row that repeats is there as often as copies changed. */
export const changesBetween = (table: DatedTable, from: string, to: string): string => {
  const names = cells(table)
  if (table.mode === "latest") return noPast(table)
  if (table.mode === "snapshots") {
    const state = (at: string): string => `select ${["_resource_id", ...names].join(", ")} from (${asOf(table, at)})`
    return `select 'removed' as _change, * from (${state(from)} except all ${state(to)}) union all select 'added', * from (${state(to)} except all ${state(from)})`
  }
  const removed = within(undefined, "history_removed", table.name)
  const both = "on x._hash = y._hash and x._copy = y._copy and x._timeline = y._timeline"
  // Whatever differs came or went in between, so only those rows are looked at.
  const before = `select b.* from (${copiesAt(table.name, from, "")}) b semi join (from ${removed} where _valid_to > ${from} and _valid_to <= ${to}) g
    on b._hash = g._hash and b._copy = g._copy and b._timeline = g._timeline`
  const after = copiesAt(table.name, to, ` and a._valid_from > ${from}`)
  const system = ["_row", ...(table.parent === undefined ? [] : ["_parent_id"]), "_extracted_at", "_resource_id"]
  const columns = [...system, ...names].map((name) => `x.${name}`).join(", ")
  return `with before as materialized (${before}), after as materialized (${after})
   select 'removed' as _change, ${columns} from before x anti join after y ${both} union all select 'added', ${columns} from after x anti join before y ${both}`
}
