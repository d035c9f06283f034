/**
 * The changes that an extraction makes to a history, as rows to append: what is different from the state that the table has at that instant, and at
 * the next instant the opposite, so that every later state stays what it was. The same whether the extraction is new, arrives late, is read again or
 * is taken out: nothing that was written is touched.
 */
import type { EngineError, Slice } from "@opendatahub-sql/core"
import { type Connection, identifier, literal } from "@opendatahub-sql/engine-duckdb"
import {
  compareExtraction,
  type ExtractedPart,
  extractedRows,
  type HistoryTable,
  identifyParents,
} from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { engineType } from "../read/scan.ts"
import type { RowQuery } from "../data/table-load.ts"
import type { StructType } from "../table/metadata/schema.ts"

/** A table with an extraction that is to be placed. */
export interface Placing {
  readonly table: HistoryTable
  /** The columns that the table has from now on. */
  readonly schema: StructType
  /** SQL of the resource's rows in the table, in those columns; `undefined` when there are none. */
  readonly changes: string | undefined
  readonly slice: Slice
  /** The extraction after it (ISO instant), if there is one. */
  readonly next: string | undefined
  readonly load: { readonly key: string; readonly sha256: string } | undefined
  /** What the extraction holds; `undefined` takes it out. */
  readonly parts: ReadonlyArray<ExtractedPart> | undefined
}

/** Rows to append to the partition of a day (ISO). */
export interface ChangeRows {
  readonly day: string
  readonly query: RowQuery
}

const instant = (iso: string): string => `${literal(iso)}::timestamptz`
const dayOf = (iso: string): string => iso.slice(0, 10)

/** The rows that an extraction brought and took, the other way round: without it they are not there, or still are. */
const takeOut = (changes: string, at: string): ReadonlyArray<string> => [
  `create or replace temp table history_delta as select _hash::uuid as h, _copy as copy, sum(_change) as n from (${changes}) where _valid_from = ${at} group by all having sum(_change) <> 0`,
  "create or replace temp table history_adds as select h, copy, null::integer as part, null::bigint as _row from history_delta where n < 0",
  "create or replace temp table history_drops as select h, copy from history_delta where n > 0",
]

/** Rows with the cells that a change of them had before, those of `of` (h, copy). */
const knownRows = ({ schema, changes, slice }: Placing, of: string, at: string): ReadonlyArray<RowQuery> => {
  if (changes === undefined) return []
  const changed: Readonly<Record<string, string>> = {
    _change: "1",
    _valid_from: instant(at),
    _extraction_date: `${literal(dayOf(at))}::date`,
  }
  const columns = schema.fields.map(({ name }) => name)
  return [
    {
      columns,
      sql: `select ${columns.map((name) => (changed[name] === undefined ? identifier(name) : `${changed[name]} as ${identifier(name)}`)).join(", ")} from (
        select distinct on (_hash, _copy) m.* from (${changes}) m semi join temp.${of} x on m._hash::uuid = x.h and m._copy = x.copy
        where m._change > 0 and m._valid_from <= ${instant(slice.extractedAt)} order by m._hash, m._copy, m._valid_from desc)`,
    },
  ]
}

/** Rows that went. */
const goneRows = ({ slice, load }: Placing, of: string, at: string): RowQuery => {
  const values: Readonly<Record<string, string>> = {
    _extracted_at: instant(slice.extractedAt),
    _extraction_date: `${literal(dayOf(at))}::date`,
    _dataset_id: literal(slice.dataset),
    _resource_id: literal(slice.resource),
    _file_sha256: `${literal(load?.sha256 ?? null)}::varchar`,
    _load_id: `${literal(load?.key ?? null)}::varchar`,
    _change: "-1",
    _hash: "h::varchar",
    _copy: "copy",
    _valid_from: instant(at),
  }
  return {
    columns: Object.keys(values),
    sql: `select ${Object.entries(values)
      .map(([name, value]) => `${value} as ${identifier(name)}`)
      .join(", ")} from temp.${of}`,
  }
}

/** Rows that came, with the cells of the extraction. */
const newRows = ({ table, schema, slice, load, parts = [] }: Placing): ReadonlyArray<RowQuery> =>
  parts.map((part, index) => {
    const types = new Map(schema.fields.map((field) => [field.name, engineType(field.type)]))
    const values: Readonly<Record<string, string>> = {
      _row: "x._row",
      ...(table.parent === undefined ? {} : { _parent_row: "p._parent_row", _parent_id: "p._parent_id::varchar" }),
      _member: `${literal(part.member ?? null)}::varchar`,
      _extracted_at: instant(slice.extractedAt),
      _extraction_date: `${literal(dayOf(slice.extractedAt))}::date`,
      _dataset_id: literal(slice.dataset),
      _resource_id: literal(slice.resource),
      _file_sha256: `${literal(load?.sha256 ?? null)}::varchar`,
      _load_id: `${literal(load?.key ?? null)}::varchar`,
      _change: "1",
      _hash: "x.h::varchar",
      _copy: "x.copy",
      _valid_from: instant(slice.extractedAt),
      ...Object.fromEntries(
        part.columns.map(({ name, column }) => [
          column.name,
          `p.${identifier(name)}::${types.get(column.name) ?? "VARCHAR"}`,
        ]),
      ),
    }
    return {
      columns: Object.keys(values),
      sql: `select ${Object.entries(values)
        .map(([name, value]) => `${value} as ${identifier(name)}`)
        .join(
          ", ",
        )} from ${extractedRows(table, part)} p join temp.history_adds x on x.part = ${index} and x._row = p._row`,
    }
  })

/** One query of several: each row has the columns of all. */
const together = (queries: ReadonlyArray<RowQuery>): RowQuery => ({
  columns: [...new Set(queries.flatMap(({ columns }) => columns))],
  sql: queries.map(({ sql }) => `(${sql})`).join(" union all by name "),
})

/** SQL of the timeline's part of an id: the resource. */
export const timelineOf = ({ dataset, resource }: Slice): string => `${literal(dataset)}, ${literal(resource)}`

/**
 * Compares, and gives the rows to append. They are read from temporary tables of the connection, so they are to be written before the next comparison.
 * A table that has children leaves the ids of its rows for them.
 */
export const changeSet = Effect.fn("Iceberg.changeSet")(function* (
  connection: Connection,
  placing: Placing,
): Effect.fn.Return<ReadonlyArray<ChangeRows>, EngineError> {
  const { table, changes, slice, next, parts } = placing
  const at = instant(slice.extractedAt)
  if (parts === undefined) {
    if (changes === undefined) return []
    for (const statement of takeOut(changes, at))
      yield* connection.run(statement, `take an extraction out of ${table.name}`)
  } else {
    const state =
      changes === undefined
        ? undefined
        : `select _hash::uuid as h, (-_change)::tinyint as d from (${changes}) where _valid_from <= ${at}`
    yield* compareExtraction(connection, table, parts, state)
    if (table.hasChildren === true) yield* identifyParents(connection, table, parts, timelineOf(slice))
  }
  const counts = yield* connection.one(
    "select (select count(*) from temp.history_adds) as added, (select count(*) from temp.history_drops) as removed",
    `count the changes of ${table.name}`,
  )
  const [added, removed] = [Number(counts["added"]) > 0, Number(counts["removed"]) > 0]
  if (!added && !removed) return []
  const now = [
    ...(!added ? [] : parts === undefined ? knownRows(placing, "history_adds", slice.extractedAt) : newRows(placing)),
    ...(removed ? [goneRows(placing, "history_drops", slice.extractedAt)] : []),
  ]
  const later =
    next === undefined
      ? []
      : [
          ...(added ? [goneRows(placing, "history_adds", next)] : []),
          ...(removed ? knownRows(placing, "history_drops", next) : []),
        ]
  return [
    { day: dayOf(slice.extractedAt), query: together(now) },
    ...(next === undefined || later.length === 0 ? [] : [{ day: dayOf(next), query: together(later) }]),
  ]
})
