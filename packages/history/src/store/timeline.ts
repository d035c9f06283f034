/** Timelines: one per resource, the same in every table. Their extractions are the points at which a table can change. */
import type { Slice } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"

/** A resource's timeline within one table. */
export interface Timeline {
  readonly table: string
  readonly id: number
}

/** SQL of an instant. */
export const instant = (iso: string): string => `${literal(iso)}::timestamptz`

const ofResource = ({ source, dataset, resource }: Slice): string =>
  `source = ${literal(source)} and dataset_id = ${literal(dataset)} and resource_id = ${literal(resource)}`

/** The number of a resource's timeline; `undefined` when it has none. */
export const findTimeline = (connection: Connection, slice: Slice) =>
  Effect.map(connection.all(`select timeline from odh.timelines where ${ofResource(slice)}`, "look up a timeline"), ([row]) =>
    row === undefined ? undefined : Number(row["timeline"]))

/** The number of a resource's timeline, given now if it has none. */
export const timelineOf = Effect.fnUntraced(function* (connection: Connection, slice: Slice) {
  const known = yield* findTimeline(connection, slice)
  if (known !== undefined) return known
  const values = [slice.source, slice.dataset, slice.resource].map(literal).join(", ")
  yield* connection.run(`insert into odh.timelines select coalesce(max(timeline), 0) + 1, ${values} from odh.timelines`, "begin a timeline")
  return Number((yield* connection.one(`select max(timeline) as timeline from odh.timelines`, "begin a timeline"))["timeline"])
})

/** Names of the tables in which an extraction of a timeline is a point. */
export const tablesAt = (connection: Connection, timeline: number, at: string) =>
  Effect.map(
    connection.all(`select table_name from odh.history where timeline = ${timeline} and extracted_at = ${instant(at)} order by table_name`, "look up an extraction"),
    (rows) => rows.map((row) => String(row["table_name"])),
  )

/** The extractions just before and just after an instant, as SQL of instants. */
export const neighbours = Effect.fnUntraced(function* (connection: Connection, { table, id }: Timeline, at: string) {
  const row = yield* connection.one(
    `select (max(extracted_at) filter (where extracted_at < ${instant(at)}))::varchar as before, (min(extracted_at) filter (where extracted_at > ${instant(at)}))::varchar as after
     from odh.history where table_name = ${literal(table)} and timeline = ${id}`,
    `look up the extractions of ${table}`,
  )
  const asInstant = (value: unknown): string | undefined => (typeof value === "string" ? instant(value) : undefined)
  return { before: asInstant(row["before"]), after: asInstant(row["after"]) }
})
