/** The engine on small tables, for tests: a work folder, tables typed from text, and what is in them. */
import { type ColumnType, Engine, type TableEvent, type TypedTable, type Typing } from "@opendatahub-sql/core"
import { layer, openDatabase, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { csvRelation, localFile } from "./csv-relation.ts"

export const workFolder = mkdtempSync(join(tmpdir(), "odh-engine-"))
const removed = Layer.effectDiscard(
  Effect.addFinalizer(() => Effect.sync(() => rmSync(workFolder, { recursive: true, force: true }))),
)
export const engineLayer = Layer.provideMerge(layer({ workFolder, threads: 2 }), removed)

export const auto: Typing = { types: "auto", tolerance: 0.999, pinned: () => undefined, atLeast: () => undefined }

let serial = 0
export const file = (text: string | Uint8Array): string => {
  const path = join(workFolder, `input-${serial++}.csv`)
  writeFileSync(path, text)
  return path
}

export const covid = new URL("../../../fixtures/corpus/history-covid-hospit/", import.meta.url).pathname

/** Runs SQL over the tables, outside the engine that made them. */
export const ask = (sql: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder })
      return yield* (yield* database.connect).all(sql)
    }),
  )

export const rowsOf = (table: TypedTable): Effect.Effect<ReadonlyArray<QueryRow>, unknown> => ask(table.relation)
export const rejectsOf = (table: TypedTable): Effect.Effect<ReadonlyArray<QueryRow>, unknown> => ask(table.rejects)
export const nowhere = { column_name: null, message: null, line: null, byte: null, byte_length: null }
export const withoutWhy = ({ name, original, type, nulls }: TypedTable["columns"][number]) => ({
  name,
  original,
  type,
  nulls,
})
export const types = (table: TypedTable): Readonly<Record<string, ColumnType>> =>
  Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))

/** Types a CSV text through a relation. */
export const typed = Effect.fnUntraced(function* (text: string, typing: Typing = auto, delimiter = ";") {
  const path = file(text)
  const [header = ""] = text.split(/\r?\n/)
  const tables = yield* (yield* Engine).typeRelations(
    [csvRelation(localFile(path), header.split(delimiter), delimiter)],
    typing,
  )
  const table = tables?.[0]
  if (table === undefined) return yield* Effect.die("the engine declined")
  return table
})

/** The same through events: records cut by hand. */
export const eventsOf = (text: string, delimiter = ";"): Stream.Stream<TableEvent> => {
  const [header = "", ...records] = text.split(/\r?\n/).filter((record) => record !== "")
  const columns = header.split(delimiter).map((name) => ({ name }))
  const cells = records.map((record) => record.split(delimiter))
  const batches: Array<TableEvent> = []
  for (let at = 0; at < cells.length; at += 1000) {
    const some = cells.slice(at, at + 1000)
    batches.push({
      _tag: "Batch",
      table: "main",
      size: some.length,
      columns: columns.map((_, c) => some.map((row) => (row[c] === "" ? null : (row[c] ?? null)))),
      rowNumbers: Float64Array.from(some, (_, i) => at + i + 1),
    })
  }
  return Stream.fromArray([{ _tag: "TableStarted", table: "main", columns }, ...batches])
}

export const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n")
