/** What the tests share: bytes as a raw file, and the tables that come out of events. */
import { type Format, type RawFile, rows, type TableEvent } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import { json } from "../src/index.ts"

export const corpus = (path: string): Uint8Array =>
  readFileSync(new URL(`../../../fixtures/corpus/${path}`, import.meta.url))

/** A raw file of these bytes, handed out `step` bytes at a time. */
const fileOf = (content: Uint8Array | string, name = "test.json", step = 65_536): RawFile => {
  const bytes = typeof content === "string" ? Buffer.from(content) : content
  return {
    name,
    size: bytes.length,
    identity: "0",
    siblings: [],
    local: Effect.die("not on disk"),
    bytes: (range) => {
      const part = bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)
      return Stream.fromIterable({
        *[Symbol.iterator]() {
          for (let at = 0; at < part.length; at += step) yield part.slice(at, at + step)
        },
      })
    },
  }
}

type Options = NonNullable<Parameters<typeof json>[0]>
const formatOf = (options: Options = {}): Effect.Effect<Format> => Effect.orDie(json(options).decode)

/** One table as the events gave it. A child row holds the number of its parent's row under `^`. */
export interface Read {
  readonly columns: Array<string>
  readonly rows: Array<Readonly<Record<string, unknown>>>
  readonly rejects: Array<{ readonly row: number; readonly raw: string; readonly byte?: number }>
  readonly parent?: string
}

/** Gathers events, holding the stream to its contract on the way. */
const gather = (events: ReadonlyArray<TableEvent>) => {
  const tables: Record<string, Read> = {}
  let facts: Readonly<Record<string, unknown>> = {}
  for (const event of events) {
    if (event._tag === "TableStarted") {
      if (event.table in tables) throw new Error(`${event.table} starts twice`)
      if (event.parent !== undefined && !(event.parent in tables))
        throw new Error(`${event.table} starts before its parent`)
      tables[event.table] = {
        columns: event.columns.map(({ name }) => name),
        rows: [],
        rejects: [],
        ...(event.parent === undefined ? {} : { parent: event.parent }),
      }
    } else if (event._tag === "Facts") facts = event.facts
    else {
      const table = tables[event.table]
      if (table === undefined) throw new Error(`${event.table} has not started`)
      if (event._tag === "ColumnsAdded") table.columns.push(...event.columns.map(({ name }) => name))
      else if (event._tag === "Rejects")
        table.rejects.push(
          ...event.rejects.map(({ row, raw, byte }) => ({ row, raw, ...(byte === undefined ? {} : { byte }) })),
        )
      else {
        if (event.size > 8_192 || event.columns.length !== table.columns.length)
          throw new Error(`a batch of ${event.size} rows, ${event.columns.length} columns`)
        if (new Set(table.columns).size !== table.columns.length) throw new Error("two columns of one name")
        if (event.columns.some((cells) => cells.length !== event.size))
          throw new Error("a column is not as long as its batch")
        let at = 0
        for (const row of rows(event, table.columns)) {
          const parent = event.parentRows?.[at]
          table.rows.push({ "#": event.rowNumbers[at], ...(parent === undefined ? {} : { "^": parent }), ...row })
          at++
        }
      }
    }
  }
  return { tables, facts }
}

export const readAll = Effect.fnUntraced(function* (
  content: Uint8Array | string,
  options: Options = {},
  step?: number,
  name?: string,
) {
  const format = yield* formatOf(options)
  return gather(yield* Stream.runCollect(format.read(fileOf(content, name, step))))
})

/** The rows of a table without their numbers and without what is NULL. */
export const plain = (table: Read | undefined): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  (table?.rows ?? []).map((row) =>
    Object.fromEntries(Object.entries(row).filter(([key, cell]) => key !== "#" && key !== "^" && cell !== null)),
  )
