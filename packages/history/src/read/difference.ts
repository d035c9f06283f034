/** The difference of a table between two instants: rows added and removed; with a key, rows changed, column by column. */
import { EngineError, misconfigured } from "@opendatahub-sql/core"
import { type Connection, identifier, literal, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { type HeaderColumn, type SchemaEvent, schemaEvents } from "../schema/schema-events.ts"
import { instant } from "../store/timeline.ts"
import { asOf, changesBetween, type DatedTable } from "./as-of.ts"
import { findKey } from "./find-key.ts"

/**
 * What is different. Counts are copies of rows. `key`: the columns that name a row, declared or found; without one, a changed row is one
 * removed and one added. `lines` is how many rows {@link differenceRows} gives.
 */
export interface Difference {
  readonly table: string
  readonly from: string
  readonly to: string
  readonly key: ReadonlyArray<string> | undefined
  readonly rowsBefore: number
  readonly rowsAfter: number
  readonly added: number
  readonly removed: number
  readonly changed: number
  /** The columns that were compared. */
  readonly compared: ReadonlyArray<string>
  /** Columns in which changed rows differ, most often first. */
  readonly columns: ReadonlyArray<{ readonly name: string; readonly changes: number }>
  readonly events: ReadonlyArray<SchemaEvent>
  readonly lines: number
}

const changed = "history_difference"

/**
 * Columns to compare: those that both states have, or neither. A column that was added or dropped is told as such; it is not a change of
 * every row.
 */
const comparedColumns = (
  table: DatedTable,
  before: ReadonlyArray<HeaderColumn> | undefined,
  after: ReadonlyArray<HeaderColumn> | undefined,
): DatedTable["columns"] => {
  if (before === undefined || after === undefined) return table.columns
  const has = (header: ReadonlyArray<HeaderColumn>, id: number): boolean => header.some((column) => column.id === id)
  return table.columns.filter(({ id }) => has(before, id) === has(after, id))
}

/** Added and removed rows. Those of a child are told by their own cells: a change of their parent is told there. */
const changesOf = (table: DatedTable, columns: DatedTable["columns"], from: string, to: string): string => {
  if (columns.length === table.columns.length && table.parent === undefined) return changesBetween(table, from, to)
  const state = (at: string): string =>
    `select ${["_resource_id", ...columns.map((column) => identifier(column.name))].join(", ")} from (${asOf(table, at)})`
  return `select 'removed' as _change, * from (${state(from)} except all ${state(to)}) union all select 'added', * from (${state(to)} except all ${state(from)})`
}

/** Added and removed rows with, where one of each has the same key, what they are to each other. */
const pairs = (columns: DatedTable["columns"], changes: string, key: ReadonlyArray<string>): string => {
  const names = columns.map((column) => identifier(column.name))
  if (key.length === 0) return `select _change, ${[...names, "_resource_id"].join(", ")} from (${changes})`
  const ofKey = (change: string): string =>
    `count(*) filter (_change = '${change}') over (partition by ${["_resource_id", ...key.map(identifier)].join(", ")}) = 1`
  return `select case when not (${ofKey("removed")} and ${ofKey("added")}) then _change when _change = 'removed' then 'before' else 'after' end as _change,
   ${[...names, "_resource_id"].join(", ")} from (${changes})`
}

const headerAt = (table: string, at: string): string =>
  `select columns::varchar as columns from odh.history where table_name = ${literal(table)} and extracted_at <= ${at} order by extracted_at desc limit 1`

/**
 * Rows of the difference that the connection computed last, `count` of them from line `from`: `_change` (`added`, `removed`, `before`,
 * `after`; a `before` is followed by its `after`), then the columns.
 */
export const differenceRows = (
  connection: Connection,
  from: number,
  count: number,
): Effect.Effect<ReadonlyArray<QueryRow>, EngineError> =>
  connection.all(
    `select * exclude (_line, _resource_id) from ${changed} where _line > ${from} and _line <= ${from + count} order by _line`,
    "read a difference",
  )

/** Computes a difference on a connection, which then holds its rows. Instants are ISO text; a day is its midnight, UTC. */
export const difference = Effect.fn("history.difference")(function* (
  connection: Connection,
  table: DatedTable,
  from: string,
  to: string,
  declared?: ReadonlyArray<string>,
): Effect.fn.Return<Difference, EngineError> {
  const unknown = declared?.find((name) => table.columns.every((column) => column.name !== name))
  if (unknown !== undefined) {
    return yield* new EngineError({
      plugin: "history",
      operation: "diff",
      reason: misconfigured,
      message: `"${unknown}" is not a column of ${table.name}: the key may be made of ${table.columns.map((column) => column.name).join(", ")}`,
    })
  }
  const purpose = `compare ${table.name} on ${from} and ${to}`
  const [start, end] = [instant(from), instant(to)] as const
  const states = [asOf(table, start), asOf(table, end)] as const
  const rowsOf = (state: string) =>
    Effect.map(connection.one(`select count(*) as n from (${state})`, purpose), (row) => Number(row["n"]))
  const [rowsBefore, rowsAfter] = [yield* rowsOf(states[0]), yield* rowsOf(states[1])]
  const headers =
    table.mode !== "history"
      ? []
      : yield* Effect.forEach([start, end], (at) => connection.all(headerAt(table.name, at), purpose))
  const [before, after] = headers.map(([row]) =>
    row === undefined ? undefined : (JSON.parse(String(row["columns"])) as ReadonlyArray<HeaderColumn>),
  )
  const columns = comparedColumns(table, before, after)
  const isCompared = (name: string): boolean => columns.some((column) => column.name === name)
  const key =
    declared?.every(isCompared) === true ? declared : yield* findKey(connection, { ...table, columns }, states)
  const order = [
    ...(key ?? []).map(identifier),
    "case _change when 'removed' then 0 when 'before' then 1 when 'after' then 2 else 3 end",
    ...columns.map((column) => identifier(column.name)),
  ]
  yield* connection.run(
    `create or replace temp table ${changed} as select row_number() over (order by ${order.join(", ")}) as _line, * from (${pairs(columns, changesOf(table, columns, start, end), key ?? [])})`,
    purpose,
  )
  const counts = yield* connection.one(
    `select ${["added", "removed", "after"].map((change) => `count(*) filter (_change = '${change}') as "${change}"`).join(", ")} from ${changed}`,
    purpose,
  )
  const others = columns.filter((column) => key?.includes(column.name) !== true)
  const same = ["_resource_id", ...(key ?? []).map(identifier)]
    .map((name) => `b.${name} is not distinct from a.${name}`)
    .join(" and ")
  const perColumn =
    key === undefined || others.length === 0 || Number(counts["after"]) === 0
      ? {}
      : yield* connection.one(
          `select ${others.map((column, i) => `count(*) filter (a.${identifier(column.name)} is distinct from b.${identifier(column.name)}) as c${i}`).join(", ")}
       from (from ${changed} where _change = 'before') b join (from ${changed} where _change = 'after') a on ${same}`,
          purpose,
        )
  return {
    table: table.name,
    from,
    to,
    key,
    rowsBefore,
    rowsAfter,
    added: Number(counts["added"]),
    removed: Number(counts["removed"]),
    changed: Number(counts["after"]),
    compared: columns.map((column) => column.name),
    columns: others
      .map((column, i) => ({ name: column.name, changes: Number(perColumn[`c${i}`] ?? 0) }))
      .filter((one) => one.changes > 0)
      .toSorted((a, b) => b.changes - a.changes),
    events: before === undefined || after === undefined ? [] : schemaEvents(before, after),
    lines: Number(counts["added"]) + Number(counts["removed"]) + 2 * Number(counts["after"]),
  }
})
