/** Iceberg tables as a destination: bronze tables in a folder that every engine opens, each load one commit. */
import { defineSink, type Sink, type SinkError, WorkFolder } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { mkdir, realpath } from "node:fs/promises"
import { resolve } from "node:path"
import { openLocalCatalog } from "./catalog/local-catalog.ts"
import { openRestCatalog } from "./catalog/rest-catalog.ts"
import { onDisk } from "./failure.ts"
import { openS3Files } from "./files/s3-files.ts"
import { type Lakehouse, openLakehouse } from "./lakehouse.ts"
import { authenticationOf, type IcebergOptions, Options, storeOf } from "./options.ts"
import { makeSession } from "./sink/session.ts"

const localCatalog = Effect.fnUntraced(function* (path: string, name: string) {
  const folder = yield* onDisk("open", `use the folder ${path}: correct \`path\``, async () => {
    await mkdir(path, { recursive: true })
    return realpath(path)
  })
  return yield* openLocalCatalog({ folder, name })
})

const restCatalog = Effect.fnUntraced(function* (
  catalog: NonNullable<IcebergOptions["catalog"]>,
  storage: IcebergOptions["storage"],
) {
  const workFolder = yield* WorkFolder
  const { uri, warehouse } = catalog
  return yield* openRestCatalog(
    {
      uri,
      ...(warehouse === undefined ? {} : { warehouse }),
      authentication: yield* authenticationOf(catalog),
    },
    (settings) => openS3Files(storeOf(storage, settings), workFolder),
  )
})

/** Iceberg tables: a folder with a catalog that pyiceberg, Spark and DuckDB open, or a REST catalog and its object store. */
export const iceberg = defineSink({
  id: "iceberg",
  apiVersion: 1,
  config: Schema.toStandardSchemaV1(Options, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  make: (options: IcebergOptions) => {
    const { catalog } = options
    const path = resolve(options.path ?? "./data/iceberg")
    const namespace = options.namespace ?? "bronze"
    const lakehouse = openLakehouse({
      catalog:
        catalog === undefined
          ? localCatalog(path, options.catalogName ?? "odh")
          : restCatalog(catalog, options.storage),
      namespace,
      ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
    })
    const where = catalog === undefined ? path : [catalog.uri, catalog.warehouse].filter(Boolean).join(" ")
    const sink = {
      target: `iceberg:${where}#${namespace}`,
      capabilities: {
        modes: ["history", "snapshots", "latest"] as const,
        // What a REST catalog can is only known once it is open.
        atomicTables: catalog === undefined,
        parallelLoads: 1,
        maxIdentifierLength: 63,
      },
      open: Effect.map(lakehouse, makeSession),
      lakehouse,
    }
    return sink
  },
})

/** The tables behind a configured sink, for maintenance and reading; `undefined` when it is another kind of destination. */
export const lakehouseOf = (sink: Sink): Effect.Effect<Lakehouse, SinkError, Scope.Scope> | undefined =>
  "lakehouse" in sink ? (sink.lakehouse as Effect.Effect<Lakehouse, SinkError, Scope.Scope>) : undefined
