/**
 * The tables of a lakehouse as views of the engine: what they hold, the newest rows of each resource, or how they were at a date. A history is shown as the
 * newest state, and its changes beside it.
 */
import type { SinkError } from "@opendatahub-sql/core"
import { literal, qualified } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CatalogTable } from "../catalog/catalog.ts"
import { fromEngine } from "../failure.ts"
import { stateSql } from "../history/states.ts"
import type { Lakehouse } from "../lakehouse.ts"
import { isOurs, type LoadEntry, sameResource, stateOf } from "../sink/table-state.ts"
import { currentSnapshot, schemaOf, snapshotAt } from "../table/metadata/metadata.ts"
import { dataFilesOf, localPaths, scanSql } from "./scan.ts"

/** `at`: an ISO instant, UTC. `wanted`: which tables; their files are brought here when they are not. */
export interface ViewOptions {
  readonly at?: string
  readonly wanted?: (table: string) => boolean
}

/** Of each resource, the newest extraction, up to an instant. */
export const newestLoads = (loads: ReadonlyArray<LoadEntry>, at?: string): ReadonlyArray<LoadEntry> => {
  const known = at === undefined ? loads : loads.filter(({ slice }) => slice.extractedAt <= at)
  return known.filter(
    ({ slice }) =>
      !known.some((other) => sameResource(other.slice, slice) && other.slice.extractedAt > slice.extractedAt),
  )
}

const ofLoads = (loads: ReadonlyArray<LoadEntry>): string =>
  loads.length === 0
    ? "false"
    : loads
        .map(
          ({ slice }) =>
            `(_dataset_id = ${literal(slice.dataset)} and _resource_id = ${literal(slice.resource)} and _extracted_at = ${literal(slice.extractedAt)}::timestamptz)`,
        )
        .join(" or ")

const viewsOf = Effect.fnUntraced(function* (
  { catalog, connection }: Lakehouse,
  { identifier, metadata }: CatalogTable,
  at: string | undefined,
): Effect.fn.Return<Readonly<Record<string, string>>, SinkError, Scope.Scope> {
  const state = stateOf(metadata)
  const travels = at !== undefined && (state.mode === "latest" || !isOurs(metadata))
  const snapshot = travels ? snapshotAt(metadata, Date.parse(at)) : currentSnapshot(metadata)
  const live = yield* dataFilesOf(catalog.files, metadata, snapshot)
  const paths = yield* localPaths(
    connection,
    catalog.files,
    live.map(({ file }) => file),
  )
  const schema = schemaOf(metadata, travels ? snapshot : undefined)
  const rows = scanSql(schema, paths)
  if (state.mode === "history") {
    const hasChildren = state.children.length > 0
    const instant = at === undefined ? undefined : `${literal(at)}::timestamptz`
    const then = stateSql(schema, rows, { hasChildren, ...(instant === undefined ? {} : { at: instant }) })
    return at === undefined
      ? { [identifier.name]: then, [`${identifier.name}_latest`]: then, [`${identifier.name}_changes`]: rows }
      : { [identifier.name]: then }
  }
  const newest = `select * from (${rows}) where ${ofLoads(newestLoads(state.loads, at))}`
  if (state.mode === "latest" || !isOurs(metadata)) return { [identifier.name]: rows }
  return at === undefined
    ? { [identifier.name]: rows, [`${identifier.name}_latest`]: newest }
    : { [identifier.name]: newest }
})

/** Makes the views in the schema named as the namespace, on the lakehouse's own engine, for the scope. */
export const createViews = Effect.fn("Iceberg.createViews")(function* (
  lakehouse: Lakehouse,
  options: ViewOptions = {},
): Effect.fn.Return<void, SinkError, Scope.Scope> {
  const { catalog, connection, namespace } = lakehouse
  const run = (sql: string, purpose: string) => connection.run(sql, purpose).pipe(Effect.mapError(fromEngine("query")))
  yield* run(`create schema if not exists ${qualified(namespace)}`, "make the schema of the tables")
  for (const name of yield* catalog.list(namespace)) {
    if (options.wanted?.(name) === false) continue
    const table = yield* catalog.load({ namespace, name })
    if (table === undefined) continue
    for (const [view, sql] of Object.entries(yield* viewsOf(lakehouse, table, options.at)))
      yield* run(`create or replace view ${qualified(namespace, view)} as ${sql}`, `look at ${view}`)
  }
})
