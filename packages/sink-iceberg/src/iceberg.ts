/** Iceberg tables as a destination: bronze tables in a folder that every engine opens, each load one commit. */
import { defineSink, type Sink, type SinkError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { mkdir, realpath } from "node:fs/promises"
import { resolve } from "node:path"
import { openLocalCatalog } from "./catalog/local-catalog.ts"
import { onDisk } from "./failure.ts"
import { type Lakehouse, openLakehouse } from "./lakehouse.ts"
import { makeSession } from "./sink/session.ts"

const Options = Schema.Struct({
  path: Schema.optionalKey(Schema.String.check(Schema.isNonEmpty())),
  namespace: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^\w+$/))),
  catalogName: Schema.optionalKey(Schema.String.check(Schema.isNonEmpty())),
  memoryLimit: Schema.optionalKey(Schema.Number.check(Schema.isGreaterThan(0))),
})

/**
 * `path`: the folder of the tables and of their catalog (`./data/iceberg`). `namespace`: where the tables are (`bronze`). `catalogName`: the
 * name under which other engines open the catalog (`odh`). `memoryLimit`: bytes (256 MB: a load only copies what the engine has typed).
 */
export type IcebergOptions = typeof Options.Type

const localCatalog = Effect.fnUntraced(function* (path: string, name: string) {
  const folder = yield* onDisk("open", `use the folder ${path}: correct \`path\``, async () => {
    await mkdir(path, { recursive: true })
    return realpath(path)
  })
  return yield* openLocalCatalog({ folder, name })
})

/** A folder of Iceberg tables, with a catalog that pyiceberg, Spark and DuckDB open. */
export const iceberg = defineSink({
  id: "iceberg",
  apiVersion: 1,
  config: Schema.toStandardSchemaV1(Options, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  make: (options: IcebergOptions) => {
    const path = resolve(options.path ?? "./data/iceberg")
    const namespace = options.namespace ?? "bronze"
    const lakehouse = openLakehouse({
      catalog: localCatalog(path, options.catalogName ?? "odh"),
      namespace,
      ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
    })
    const sink = {
      target: `iceberg:${path}#${namespace}`,
      capabilities: {
        modes: ["snapshots", "latest"] as const,
        atomicTables: true,
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
