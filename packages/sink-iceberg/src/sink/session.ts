/** An open destination: what core asks, in terms of tables and their ledgers. */
import {
  type ArrivingTable,
  joinTypes,
  type LedgerEntry,
  type Mode,
  type PhysicalSchema,
  type SinkSession,
  type Slice,
  widensInPlace,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { CatalogTable } from "../catalog/catalog.ts"
import type { Lakehouse } from "../lakehouse.ts"
import { fileColumns, logicalType } from "./columns.ts"
import { commitChanges } from "./commit-load.ts"
import { completeLoads } from "./ledger.ts"
import { beginLoad } from "./load.ts"
import { tableChange } from "./table-change.ts"
import { REJECTS_TABLE } from "./table-load.ts"
import { isOurs, knownColumns, stateOf } from "./table-state.ts"

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

/** The session of an open lakehouse. */
export const makeSession = (lakehouse: Lakehouse): SinkSession => {
  const { catalog, namespace, connection } = lakehouse
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
    begin: (asked) => beginLoad(lakehouse, asked),
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
                    "odh.writer-version": lakehouse.version,
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
