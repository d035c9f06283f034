/** Which extractions stay points of a timeline, and how the others are taken out. Every state that remains stays exact. */
import type { EngineError } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { dropExtraction } from "./drop.ts"
import type { Timeline } from "./timeline.ts"

/** `all`, or one extraction a day for a month (31 days before the newest) and one a month before that. */
export type Retention = "all" | "daily-then-monthly"

const DAYS = 31
const DAY_MS = 86_400_000

/** Of instants (ISO, UTC), those that go: each day or month keeps its last. The newest decides what "a month ago" is, not the clock. */
export const thinned = (instants: ReadonlyArray<string>, retention: Retention): ReadonlyArray<string> => {
  if (retention === "all") return []
  const inOrder = instants.toSorted()
  const newest = inOrder.at(-1)
  if (newest === undefined) return []
  const recent = new Date(Date.parse(newest) - DAYS * DAY_MS).toISOString()
  const period = (at: string): string => (at >= recent ? at.slice(0, 10) : at.slice(0, 7))
  return inOrder.filter((at, index) => {
    const next = inOrder[index + 1]
    return next !== undefined && period(next) === period(at)
  })
}

/** Applies the retention to one timeline, in the caller's transaction; gives the instants taken out. */
export const thinTimeline = Effect.fn("history.thin")(function* (
  connection: Connection,
  timeline: Timeline,
  retention: Retention,
): Effect.fn.Return<ReadonlyArray<string>, EngineError> {
  if (retention === "all") return []
  const rows = yield* connection.all(
    `select strftime(extracted_at::timestamp, '%Y-%m-%dT%H:%M:%S.%fZ') as at from odh.history where table_name = ${literal(timeline.table)} and timeline = ${timeline.id}`,
    `list the extractions of ${timeline.table}`,
  )
  const gone = thinned(
    rows.map((row) => String(row["at"])),
    retention,
  )
  for (const at of gone) yield* dropExtraction(connection, timeline, at)
  return gone
})
