/** How every view looks at the state: opened without creating a lake, brought up to date, closed again. */
import type { Json, LakeError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { DatabaseSync, SQLInputValue } from "node:sqlite"
import { type LakePlace, openLake, type OpenLake } from "../open-lake.ts"
import { read } from "../state/sqlite.ts"

/** A row of a query, read column by column. */
export interface Row {
  readonly text: (column: string) => string
  readonly maybe: (column: string) => string | undefined
  readonly number: (column: string) => number
  /** A column that the projection wrote as JSON. */
  readonly json: (column: string) => Json
}

/** Runs a query of the view. */
export type Query = (sql: string, ...values: ReadonlyArray<SQLInputValue>) => ReadonlyArray<Row>

const rowOf = (cells: Readonly<Record<string, unknown>>): Row => {
  const maybe = (column: string): string | undefined => (typeof cells[column] === "string" ? cells[column] : undefined)
  return {
    maybe,
    text: (column) => maybe(column) ?? "",
    number: (column) => Number(cells[column] ?? 0),
    json: (column) => JSON.parse(maybe(column) ?? "null") as Json,
  }
}

/** Queries of a state. */
export const queryOf =
  (database: DatabaseSync): Query =>
  (sql, ...values) =>
    database
      .prepare(sql)
      .all(...values)
      .map(rowOf)

/** Rows with the same text, in the order of the first of each. */
export const grouped = (
  rows: ReadonlyArray<Row>,
  textOf: (row: Row) => string,
): ReadonlyMap<string, ReadonlyArray<Row>> => {
  const groups = new Map<string, Array<Row>>()
  for (const row of rows) {
    const group = groups.get(textOf(row))
    if (group === undefined) groups.set(textOf(row), [row])
    else group.push(row)
  }
  return groups
}

/** What `view` says of the lake in a place now. Fails with a `LakeError`, `Config` when there is no lake. */
export const look = <A>(place: LakePlace, view: (query: Query) => A): Effect.Effect<A, LakeError> =>
  lookInside(place, ({ database }) => read(database, "view", () => view(queryOf(database))))

/** The same for a view that looks at files too. */
export const lookInside = <A>(
  place: LakePlace,
  view: (lake: OpenLake) => Effect.Effect<A, LakeError>,
): Effect.Effect<A, LakeError> => Effect.scoped(Effect.flatMap(openLake(place, { create: false }), view))
