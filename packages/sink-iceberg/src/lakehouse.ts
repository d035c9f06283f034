/** Tables of one namespace of a catalog, and an engine to read and write their files: what the sink and the maintenance work on. */
import { type SinkError, WorkFolder } from "@opendatahub-sql/core"
import { type Connection, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Catalog } from "./catalog/catalog.ts"
import { fromEngine } from "./failure.ts"

/** Goes into the snapshots that are written. */
const VERSION = "0.1.0"

/** An open lakehouse. `version`: that of this writer. */
export interface Lakehouse {
  readonly catalog: Catalog
  readonly namespace: string
  readonly connection: Connection
  readonly version: string
}

/** How a lakehouse is opened. `memoryLimit` in bytes (256 MB). */
export interface LakehouseOptions {
  readonly catalog: Effect.Effect<Catalog, SinkError, Scope.Scope>
  readonly namespace: string
  readonly memoryLimit?: number
}

/** Opens a lakehouse for the scope. */
export const openLakehouse = Effect.fn("Iceberg.open")(function* (
  options: LakehouseOptions,
): Effect.fn.Return<Lakehouse, SinkError, Scope.Scope> {
  const catalog = yield* options.catalog
  const database = yield* openDatabase({
    workFolder: yield* WorkFolder,
    allowedFolders: catalog.files.folders,
    memoryLimit: options.memoryLimit ?? 256_000_000,
    frugal: true,
  }).pipe(Effect.mapError(fromEngine("open")))
  const connection = yield* database.connect.pipe(Effect.mapError(fromEngine("open")))
  return { catalog, namespace: options.namespace, connection, version: VERSION }
})
