/** Loads of tables with a history: what an extraction changes, placed in its timeline when the load commits. */
import type { ArrivingTable, EngineError, Load, Mode, PhysicalSchema, Slice, TypedTable } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import {
  type ExtractedTable,
  findRenames,
  forgetParents,
  placeExtraction,
  planColumns,
  readTable,
  type RenamedColumn,
  type Retention,
  thinTimeline,
  timelineOf,
  unmatched,
} from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { describeTable, historyColumns, type KnownTable } from "./catalog.ts"
import { compactType, storedTypes, wideColumns } from "./compact-decimals.ts"
import type { HistoryPlan } from "./evolve-history.ts"

/** How many tables a table of a load hangs below. */
const depthIn = (load: Load, table: PhysicalSchema): number => {
  const parent = load.tables.find((one) => one.table === table.parent)
  return parent === undefined ? 0 : 1 + depthIn(load, parent)
}

/** Parents and children join on every date, so a family is kept in one mode: that of its root. */
export const withFamilyModes = (load: Load): Load => {
  const modeOf = (table: PhysicalSchema): Mode => {
    const parent = load.tables.find((one) => one.table === table.parent)
    return parent === undefined ? table.mode : modeOf(parent)
  }
  return { ...load, tables: load.tables.map((table) => ({ ...table, mode: modeOf(table) })) }
}

/** The columns of a file that only changed their name. */
const renamesOf = Effect.fnUntraced(function* (connection: Connection, table: ArrivingTable, known: KnownTable) {
  if (table.slice === undefined) return []
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
  if (renames.length === 0) return []
  // The newest file says what a column is called.
  const [later] = yield* connection.all(
    `select 1 from odh.history where table_name = ${literal(table.name)} and extracted_at > ${literal(table.slice.extractedAt)}::timestamptz limit 1`,
    `look up the extractions of ${table.name}`,
  )
  return renames.map((rename): RenamedColumn => ({ ...rename, takesName: later === undefined }))
})

/** Plans the columns of a table; in a history, those that only changed their name are found, and how decimals are stored. */
export const prepareTable = Effect.fnUntraced(function* (connection: Connection, table: ArrivingTable, mode: Mode) {
  const known = yield* describeTable(connection, table.name)
  if (mode !== "history") return planColumns(table, mode, known)
  const before = known?.mode === "history" ? known : undefined
  const renames = before === undefined ? [] : yield* renamesOf(connection, table, before)
  const schema = planColumns(table, mode, known, renames)
  const storedName = (name: string): string | undefined => {
    const was = renames.find((one) => one.takesName && one.to === name)?.from ?? name
    return before?.columns.some((column) => column.name === was) === true ? was : undefined
  }
  const wide = yield* wideColumns(connection, schema, table.parts, storedName)
  const stored = wide.length === 0 ? new Map<string, string>() : yield* storedTypes(connection, table.name)
  const isCompact = (name: string): boolean => {
    const column = schema.columns.find((one) => one.physicalName === name)
    return column !== undefined && stored.get(storedName(name) ?? "") === compactType(column.type)
  }
  return {
    ...schema,
    change: schema.change === "none" && wide.some(isCompact) ? ("evolve" as const) : schema.change,
    token: { renames, wide } satisfies HistoryPlan,
  }
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

/**
 * A file without children has no table for them, yet says that there are none: extractions of the parent that a child lacks are placed there,
 * empty. Below the first extraction with children there is nothing to say.
 */
const placeChildless = Effect.fnUntraced(function* (
  connection: Connection,
  slice: Slice,
  timeline: number,
  parent: string,
): Effect.fn.Return<ReadonlyArray<string>, EngineError> {
  const children = yield* connection.all(
    `select table_name from odh.tables where parent = ${literal(parent)} and mode = 'history'`,
    `look up the children of ${parent}`,
  )
  const placed: Array<string> = []
  for (const { table_name: name } of children) {
    const table = yield* readTable(connection, String(name))
    const point = (of: string): string => `table_name = ${literal(of)} and timeline = ${timeline}`
    const missing = yield* connection.all(
      `select strftime(extracted_at::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') as at, strftime(published_at::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') as published, load_key
       from odh.history where ${point(parent)} and extracted_at > (select min(extracted_at) from odh.history where ${point(table.name)})
       and extracted_at not in (select extracted_at from odh.history where ${point(table.name)}) order by extracted_at`,
      `look for extractions without ${table.name}`,
    )
    for (const { at, published, load_key: load } of missing) {
      yield* placeExtraction(
        connection,
        table,
        { table: table.name, id: timeline },
        {
          slice: { ...slice, extractedAt: String(at) },
          ...(typeof published === "string" ? { published } : {}),
          load: String(load),
          sha256: "",
          header: table.columns.map(({ id, name: column, type }) => ({ id, name: column, original: column, type })),
          parts: [],
        },
      )
    }
    placed.push(table.name, ...(yield* placeChildless(connection, slice, timeline, table.name)))
  }
  return placed
})

/** Places the tables of a load in their timelines, parents first, and applies the retention, in the load's transaction. */
export const placeTables = Effect.fnUntraced(function* (
  connection: Connection,
  load: Load,
  parts: ReadonlyArray<TypedTable>,
  retention: Retention,
) {
  const schemas = load.tables
    .filter((schema) => schema.mode === "history")
    .toSorted((a, b) => depthIn(load, a) - depthIn(load, b))
  if (schemas.length === 0) return
  const id = yield* timelineOf(connection, load.slice)
  const placed = new Set<string>()
  for (const schema of schemas) {
    placed.add(schema.table)
    const table = {
      name: schema.table,
      columns: historyColumns(schema),
      parent: schema.parent,
      hasChildren: schemas.some((one) => one.parent === schema.table),
    }
    yield* placeExtraction(
      connection,
      table,
      { table: schema.table, id },
      extractedTable(
        schema,
        load,
        parts.filter((part) => part.name === schema.table),
      ),
    )
  }
  yield* forgetParents(connection, [...placed])
  for (const schema of schemas) {
    if (schema.parent === undefined)
      for (const table of yield* placeChildless(connection, load.slice, id, schema.table)) placed.add(table)
  }
  for (const table of placed) yield* thinTimeline(connection, { table, id }, retention)
})
