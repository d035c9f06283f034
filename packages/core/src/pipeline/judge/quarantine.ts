/** Extractions that are held back until a person looked at them. */
import * as Effect from "effect/Effect"
import { FormatError } from "../../contracts/errors.ts"
import type { TableName } from "../../contracts/event.ts"
import { dataQuality } from "../../contracts/reason.ts"
import type { LedgerEntry, Slice } from "../../contracts/sink.ts"
import { sliceOf } from "../load/address.ts"
import type { OpenSink, Shipment } from "../load/deliver.ts"
import type { TableSettings } from "../settings.ts"
import { suspicions } from "./suspicion.ts"
import { isAccepted } from "./verdict.ts"
import { isHtml } from "../read/what-the-bytes-are.ts"

/** The operation of failures that hold an extraction back until a person looked at it. */
export const QUARANTINE = "quarantine"

/** The load of the newest extraction before this one, in any of the destinations; nothing when one of them has this one already. */
const loadBefore = Effect.fnUntraced(function* (slice: Slice, sinks: ReadonlyArray<OpenSink>) {
  let newest: LedgerEntry | undefined
  for (const { session } of sinks) {
    for (const entry of yield* session.loads({ resource: slice.resource })) {
      if (entry.slice.source !== slice.source || entry.slice.dataset !== slice.dataset) continue
      if (entry.slice.extractedAt === slice.extractedAt) return undefined
      if (entry.slice.extractedAt < slice.extractedAt && entry.slice.extractedAt > (newest?.slice.extractedAt ?? ""))
        newest = entry
    }
  }
  return newest
})

/** What an extraction is compared with. */
interface Before {
  /** The first bytes of the file. */
  readonly head: Uint8Array
  /** Names that the tables of the resource received, with the columns of its files so far. */
  readonly pinned: ReadonlyArray<TableName>
  readonly sinks: ReadonlyArray<OpenSink>
  readonly rules: TableSettings["quarantine"]
}

/** Holds back what reads well and yet is hardly what was there before, unless a person said that it is good. */
export const checkSuspicion = Effect.fnUntraced(function* (
  { extraction, tables, parts }: Shipment,
  { head, pinned, sinks, rules }: Before,
) {
  if (rules === false || (yield* isAccepted(extraction))) return
  const shapes = new Map<string, Array<ReadonlyArray<string>>>()
  for (const { table, columns } of pinned) shapes.set(table, [...(shapes.get(table) ?? []), columns])
  const found = isHtml(head)
    ? ["the bytes are an HTML page"]
    : suspicions(
        yield* loadBefore(sliceOf(extraction), sinks),
        shapes,
        tables
          .filter(({ parent }) => parent === undefined)
          .map(({ name, columns }) => ({
            table: name,
            rows: parts.reduce((sum, part) => sum + (part.name === name ? part.rows : 0), 0),
            columns: columns.map((column) => column.name),
          })),
        rules,
      )
  if (found.length === 0) return
  return yield* new FormatError({
    plugin: "core",
    operation: QUARANTINE,
    reason: dataQuality,
    message: `held back: ${found.join("; ")}. \`odh quarantine\` tells how to release or reject it`,
  })
})
