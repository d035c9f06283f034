/** Timelines: one per resource, the same in every table. Their extractions are the points at which a table can change. */
import type { Slice } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"

/** A resource's timeline within one table. */
export interface Timeline {
  readonly table: string
  readonly id: number
}

/** SQL of an instant. */
export const instant = (iso: string): string => `${literal(iso)}::timestamptz`

/** 52 bits of a hash: the same in every destination, in whatever order resources are loaded, and exact as a number. */
const numberOf = ({ source, dataset, resource }: Slice): number =>
  Number.parseInt(
    createHash("md5")
      .update(JSON.stringify([source, dataset, resource]))
      .digest("hex")
      .slice(0, 13),
    16,
  )

/** The number of a resource's timeline; `undefined` when it has none. */
export const findTimeline = (connection: Connection, slice: Slice) =>
  Effect.map(
    connection.all(`select timeline from odh.timelines where timeline = ${numberOf(slice)}`, "look up a timeline"),
    ([row]) => (row === undefined ? undefined : Number(row["timeline"])),
  )

/** The number of a resource's timeline, which begins now if it has none. */
export const timelineOf = Effect.fnUntraced(function* (connection: Connection, slice: Slice) {
  const known = yield* findTimeline(connection, slice)
  if (known !== undefined) return known
  const id = numberOf(slice)
  yield* connection.run(
    `insert into odh.timelines values (${[id, slice.source, slice.dataset, slice.resource].map(literal).join(", ")})`,
    "begin a timeline",
  )
  return id
})

/** Names of the tables in which an extraction of a timeline is a point. */
export const tablesAt = (connection: Connection, timeline: number, at: string) =>
  Effect.map(
    connection.all(
      `select table_name from odh.history where timeline = ${timeline} and extracted_at = ${instant(at)} order by table_name`,
      "look up an extraction",
    ),
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
