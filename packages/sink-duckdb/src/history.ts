/** Loads of tables with a history: what an extraction changes, placed in its timeline when the load commits. */
import type { ArrivingTable, Load, Mode, PhysicalSchema, TypedTable } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import {
  type ExtractedTable,
  findRenames,
  placeExtraction,
  type Retention,
  thinTimeline,
  timelineOf,
} from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { describeTable, historyColumns } from "./catalog.ts"
import { planTable, type RenamedColumn, unmatched } from "./plan.ts"

/**
 * Parents and children are told apart by record numbers (`_parent_row`), which differ from file to file: their extractions are kept in full,
 * as snapshots, so that they join.
 */
export const withoutFamilies = (load: Load): Load => {
  const parents = new Set(load.tables.map((table) => table.parent))
  return {
    ...load,
    tables: load.tables.map((table) =>
      table.mode === "history" && (table.parent !== undefined || parents.has(table.table))
        ? { ...table, mode: "snapshots" as const }
        : table,
    ),
  }
}

/** Plans the columns of a table; in a history, those that only changed their name are found. */
export const prepareTable = Effect.fnUntraced(function* (connection: Connection, table: ArrivingTable, mode: Mode) {
  const known = yield* describeTable(connection, table.name)
  if (known?.mode !== "history" || mode !== "history" || table.slice === undefined) return planTable(table, mode, known)
  const { filled, missing, arriving } = unmatched(known, table.columns)
  const columns = known.columns.map(({ name, type }, id) => ({ id, name, type }))
  const renames = yield* findRenames(connection, {
    table: { name: table.name, columns },
    slice: table.slice,
    parts: table.parts ?? [],
    common: columns.flatMap((column) => {
      const name = filled.get(column.name)
      return name === undefined ? [] : [{ known: column, name }]
    }),
    missing: columns.filter((column) => missing.some((one) => one.name === column.name)),
    arriving,
  })
  if (renames.length === 0) return planTable(table, mode, known)
  // The newest file says what a column is called.
  const [later] = yield* connection.all(
    `select 1 from odh.history where table_name = ${literal(table.name)} and extracted_at > ${literal(table.slice.extractedAt)}::timestamptz limit 1`,
    `look up the extractions of ${table.name}`,
  )
  return planTable(
    table,
    mode,
    known,
    renames.map((rename): RenamedColumn => ({ ...rename, takesName: later === undefined })),
  )
})

const extractedTable = (schema: PhysicalSchema, load: Load, parts: ReadonlyArray<TypedTable>): ExtractedTable => {
  const columns = historyColumns(schema)
  const matched = (part: TypedTable) =>
    part.columns.flatMap((file) => {
      const id = schema.columns.findIndex((one) => one.name === file.name)
      const column = columns[id]
      return column === undefined ? [] : [{ file, column }]
    })
  const header = new Map(
    parts
      .flatMap(matched)
      .map(({ file, column }) => [
        column.id,
        { id: column.id, name: file.name, original: file.original, type: file.type },
      ]),
  )
  return {
    slice: load.slice,
    ...(load.published === undefined ? {} : { published: load.published }),
    load: load.key,
    sha256: load.sha256,
    header: [...header.values()],
    parts: parts.map((part) => ({
      relation: part.relation,
      member: part.member,
      columns: matched(part).map(({ file, column }) => ({
        name: file.name,
        type: file.type,
        isComplete: file.nulls === 0 && part.rows > 0,
        column,
      })),
    })),
  }
}

/** Places a table of a load in its timeline and applies the retention, in the load's transaction. */
export const placeTable = Effect.fnUntraced(function* (
  connection: Connection,
  schema: PhysicalSchema,
  load: Load,
  parts: ReadonlyArray<TypedTable>,
  retention: Retention,
) {
  const timeline = { table: schema.table, id: yield* timelineOf(connection, load.slice) }
  yield* placeExtraction(
    connection,
    { name: schema.table, columns: historyColumns(schema) },
    timeline,
    extractedTable(schema, load, parts),
  )
  yield* thinTimeline(connection, timeline, retention)
})
