/** The views and macros of a table, and the two macros that find them by the table's name. */
import { identifier, qualified } from "@opendatahub-sql/engine-duckdb"
import { asOf, asPublished, changesBetween, currentState, type DatedTable, rowVersions } from "./as-of.ts"

/** A macro of a table: names of tables hold no space, so these never meet another. */
const macroOf = (what: string, table: string): string => `odh.${identifier(`${what} ${table}`)}`

/** The macros of one table, whatever its mode. Run again when its columns or mode change. */
export const tableMacros = (table: DatedTable): ReadonlyArray<string> => [
  `create or replace macro ${macroOf("as of", table.name)}(at_) as table ${asOf(table, "at_")}`,
  `create or replace macro ${macroOf("as published", table.name)}(at_) as table ${asPublished(table, "at_")}`,
  `create or replace macro ${macroOf("changes", table.name)}(from_, to_) as table ${changesBetween(table, "from_", "to_")}`,
]

/** The views of a table with a history: `bronze.<table>`, the same under the name that snapshots use, and `history.<table>`. */
export const historyViews = (table: DatedTable): ReadonlyArray<string> => [
  `create or replace view ${qualified("bronze", table.name)} as ${currentState(table)}`,
  `create or replace view ${qualified("bronze", `${table.name}_latest`)} as from ${qualified("bronze", table.name)}`,
  `create or replace view ${qualified("history", table.name)} as ${rowVersions(table)}`,
]

const quotedName = `'"' || replace(`
const asInstant = (parameter: string): string => `'''' || ${parameter}::timestamptz::varchar || '''::timestamptz'`

/**
 * `as_of('t', at)`, `as_of('t', at, clock := 'published')` and `changes('t', from, to)`. Dates without a time are midnight, UTC. In `bronze` too, for
 * those who `use` it.
 */
export const warehouseMacros: ReadonlyArray<string> = ["main", "bronze"].flatMap((schema) => [
  `create or replace macro ${schema}.as_of(table_, at_, clock := 'extracted') as table from query(
     'from odh.' || ${quotedName}(case clock when 'extracted' then 'as of ' when 'published' then 'as published ' else error('clock is ''extracted'' or ''published''') end) || table_, '"', '""') || '"(' || ${asInstant("at_")} || ')')`,
  `create or replace macro ${schema}.changes(table_, from_, to_) as table from query(
     'from odh.' || ${quotedName}'changes ' || table_, '"', '""') || '"(' || ${asInstant("from_")} || ', ' || ${asInstant("to_")} || ')')`,
])
