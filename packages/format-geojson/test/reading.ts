/** What the tests share: a file of the corpus, and everything that a reading gives. */
import { rows, type TableEvent } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import { geojson } from "../src/index.ts"

export const corpus = (path: string): Uint8Array =>
  readFileSync(new URL(`../../../fixtures/corpus/${path}`, import.meta.url))

type Options = NonNullable<Parameters<typeof geojson>[0]>
type Row = Readonly<Record<string, unknown>>
type Rejects = Extract<TableEvent, { readonly _tag: "Rejects" }>["rejects"]

/** The tables by name, the rejects and the facts of `main`. */
export const read = Effect.fnUntraced(function* (content: Uint8Array | string, options: Options = {}) {
  const format = yield* geojson(options).decode
  const events = yield* Stream.runCollect(format.read(memoryFile("test.geojson", content)))
  const columns = new Map<string, Array<string>>()
  const tables: Record<string, Array<Row>> = {}
  const rejects: Array<Rejects[number]> = []
  let facts: Row = {}
  for (const event of events) {
    if (event._tag === "TableStarted") {
      columns.set(
        event.table,
        event.columns.map(({ name }) => name),
      )
      tables[event.table] = []
    } else if (event._tag === "ColumnsAdded") columns.get(event.table)?.push(...event.columns.map(({ name }) => name))
    else if (event._tag === "Batch") tables[event.table]?.push(...rows(event, columns.get(event.table) ?? []))
    else if (event._tag === "Rejects") rejects.push(...event.rejects)
    else facts = event.facts
  }
  return { columns: Object.fromEntries(columns), tables, rejects, facts, main: tables["main"] ?? [] }
})

/** Well-known binary as hexadecimal, upper case. */
export const hex = (cell: unknown): string | undefined =>
  cell instanceof Uint8Array ? Buffer.from(cell).toString("hex").toUpperCase() : undefined

/** The text of a collection of these features. */
export const collection = (features: ReadonlyArray<unknown>, more: object = {}): string =>
  JSON.stringify({ type: "FeatureCollection", ...more, features })

export const feature = (geometry: unknown, properties: unknown = {}, more: object = {}): object => ({
  type: "Feature",
  ...more,
  properties,
  geometry,
})
export const point = (...coordinates: ReadonlyArray<unknown>): object => ({ type: "Point", coordinates })
