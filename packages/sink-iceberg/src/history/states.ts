/**
 * States of a table with a history, out of its changes: each row of the table says that a copy of a row came (`_change` 1, with its cells) or went (-1,
 * without), as of `_valid_from`. Nothing is ever taken back but by a change of the opposite sign at the same instant, so a copy is there at T when
 * its changes up to T sum up to 1.
 */
import { identifier } from "@opendatahub-sql/engine-duckdb"
import { rowId } from "@opendatahub-sql/history"
import type { StructType } from "../table/metadata/schema.ts"

/** What tells copies of rows apart; a resource's extractions are a timeline of their own. */
const COPY = "_dataset_id, _resource_id, _hash, _copy"

/** What a state has not: they say how it came to be. */
const ofChanges: ReadonlyArray<string> = ["_change", "_hash", "_copy", "_valid_from"]

/** Columns that a state shows. */
const shownColumns = (schema: StructType): ReadonlyArray<string> =>
  schema.fields.map((field) => field.name).filter((name) => !ofChanges.includes(name))

/**
 * The state at an instant (SQL), or the newest. `changes`: SQL of the table's rows. Most rows came once and never went: only those of which anything
 * went are summed up. A row has the origin of the change that brought it last. `hasChildren`: with `_id`, that rows of other tables name as `_parent_id`.
 */
export const stateSql = (
  schema: StructType,
  changes: string,
  options: { readonly at?: string; readonly hasChildren?: boolean } = {},
): string => {
  const until = options.at === undefined ? "" : ` where _valid_from <= ${options.at}`
  const shown = [
    ...(options.hasChildren === true
      ? [`${rowId("_dataset_id, _resource_id", "_hash", "_copy")}::varchar as _id`]
      : []),
    ...shownColumns(schema).map(identifier),
  ].join(", ")
  return `with changes as (select * from (${changes})${until}),
    went as (select ${COPY} from changes where _change < 0 group by all),
    at_instants as (select ${COPY}, _valid_from, sum(_change) as net from changes semi join went using (${COPY}) group by all),
    returned as (select ${COPY}, max(_valid_from) filter (where net > 0) as _valid_from from at_instants group by ${COPY} having sum(net) > 0)
    select ${shown} from (
      select * from changes anti join went using (${COPY}) where _change > 0
      union all by name select distinct on (${COPY}) changes.* from changes semi join returned using (${COPY}, _valid_from) where _change > 0
    )`
}
