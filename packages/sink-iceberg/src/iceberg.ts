/** Iceberg tables as a destination: bronze tables in a folder that every engine opens, each load one commit. */
import {
  defineSink,
  joinTypes,
  type LedgerEntry,
  type Mode,
  type PhysicalSchema,
  type SinkError,
  type SinkSession,
  type Slice,
  type ArrivingTable,
  widensInPlace,
  WorkFolder,
} from "@opendatahub-sql/core"
import { openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { mkdir, realpath } from "node:fs/promises"
import { resolve } from "node:path"
import type { CatalogTable } from "./catalog/catalog.ts"
import { openLocalCatalog } from "./catalog/local-catalog.ts"
import { fromEngine, onDisk } from "./failure.ts"
import { fileColumns, logicalType } from "./sink/columns.ts"
import { commitChanges } from "./sink/commit-load.ts"
import { completeLoads } from "./sink/ledger.ts"
import { beginLoad, type Destination } from "./sink/load.ts"
import { tableChange } from "./sink/table-change.ts"
import { REJECTS_TABLE } from "./sink/table-load.ts"
import { isOurs, knownColumns, stateOf } from "./sink/table-state.ts"

const VERSION = "0.1.0"

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

const columnsOf = (table: CatalogTable) => {
  const { schema, logical } = knownColumns(table.metadata)
  return fileColumns(schema).map((field) => ({
    name: field.name,
    original: field.doc ?? field.name,
    type: logicalType(field, logical),
  }))
}

const planSchema = (known: CatalogTable | undefined, table: ArrivingTable, mode: Mode): PhysicalSchema => {
  const before = known === undefined ? [] : columnsOf(known)
  const arriving = new Map(table.columns.map((column) => [column.name, column]))
  const kept = before.map((column) => ({
    ...column,
    before: column.type,
    type: joinTypes(column.type, arriving.get(column.name)?.type ?? column.type),
  }))
  const names = new Set(before.map((column) => column.name))
  const added = table.columns.filter((column) => !names.has(column.name))
  const changed = kept.filter((column) => column.type !== column.before)
  return {
    table: table.name,
    ...(table.parent === undefined ? {} : { parent: table.parent }),
    mode,
    columns: [...kept, ...added].map(({ name, original, type }) => ({ name, physicalName: name, original, type })),
    change:
      known === undefined
        ? "create"
        : changed.some((column) => !widensInPlace(column.before, column.type))
          ? "rewrite"
          : changed.length + added.length > 0
            ? "evolve"
            : "none",
  }
}

const makeSession = (destination: Destination): SinkSession => {
  const { catalog, namespace, connection } = destination
  const load = (name: string) => catalog.load({ namespace, name })
  const everyTable = Effect.fnUntraced(function* () {
    const tables = yield* Effect.forEach(yield* catalog.list(namespace), load, { concurrency: 8 })
    // Others may keep tables beside ours.
    return tables.flatMap((table) => (table !== undefined && isOurs(table.metadata) ? [table] : []))
  })
  return {
    describe: (table) =>
      Effect.map(load(table), (known) =>
        known === undefined
          ? undefined
          : { table, columns: columnsOf(known).map(({ name, type }) => ({ name, type })) },
      ),
    loads: (filter) =>
      Effect.map(everyTable(), (tables): ReadonlyArray<LedgerEntry> =>
        completeLoads(
          tables
            .filter((table) => table.identifier.name !== REJECTS_TABLE)
            .map((table) => ({ table: table.identifier.name, state: stateOf(table.metadata) })),
        ).filter(
          (entry) =>
            (filter.keys?.includes(entry.key) ?? true) &&
            (filter.resource === undefined || entry.slice.resource === filter.resource),
        ),
      ),
    prepare: (table, mode) => Effect.map(load(table.name), (known) => planSchema(known, table, mode)),
    begin: (asked) => beginLoad(destination, asked),
    remove: (slices: ReadonlyArray<Slice>) =>
      Effect.scoped(
        Effect.gen(function* () {
          const scope = yield* Effect.scope
          const tables = yield* everyTable()
          for (const slice of slices) {
            const changes = tables.map(({ identifier }) =>
              tableChange(
                catalog,
                connection,
                identifier,
                {
                  schema: undefined,
                  slice,
                  entry: () => undefined,
                  rows: () => [],
                  label: "removed",
                  summary: () => ({
                    "odh.source": slice.source,
                    "odh.dataset-id": slice.dataset,
                    "odh.resource-id": slice.resource,
                    "odh.extracted-at": slice.extractedAt,
                    "odh.writer-version": destination.version,
                  }),
                },
                scope,
              ),
            )
            yield* commitChanges(catalog, changes)
          }
        }),
      ),
  }
}

/** A folder of Iceberg tables, with a catalog that pyiceberg, Spark and DuckDB open. */
export const iceberg = defineSink({
  id: "iceberg",
  apiVersion: 1,
  config: Schema.toStandardSchemaV1(Options, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  make: (options: IcebergOptions) => {
    const path = resolve(options.path ?? "./data/iceberg")
    const namespace = options.namespace ?? "bronze"
    const open = Effect.gen(function* (): Effect.fn.Return<SinkSession, SinkError, Scope.Scope> {
      const workFolder = yield* WorkFolder
      const folder = yield* onDisk("open", `use the folder ${path}: correct \`path\``, async () => {
        await mkdir(path, { recursive: true })
        return realpath(path)
      })
      const catalog = yield* openLocalCatalog({ folder, name: options.catalogName ?? "odh" })
      const database = yield* openDatabase({
        workFolder,
        allowedFolders: catalog.files.folders,
        memoryLimit: options.memoryLimit ?? 256_000_000,
        frugal: true,
      }).pipe(Effect.mapError(fromEngine("open")))
      const connection = yield* database.connect.pipe(Effect.mapError(fromEngine("open")))
      return makeSession({ catalog, namespace, connection, version: VERSION })
    })
    return {
      target: `iceberg:${path}#${namespace}`,
      capabilities: { modes: ["snapshots", "latest"], atomicTables: true, parallelLoads: 1, maxIdentifierLength: 63 },
      open,
    }
  },
})
