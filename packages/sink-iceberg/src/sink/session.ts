/** An open destination: what core asks, in terms of tables and their ledgers. */
import type { LedgerEntry, SinkSession, Slice } from "@opendatahub-sql/core"
import { type KnownColumn, planColumns } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import type { CatalogTable } from "../catalog/catalog.ts"
import { findRenames } from "../history/renames.ts"
import type { Lakehouse } from "../lakehouse.ts"
import { NAME_MAPPING, namesOf } from "../table/metadata/name-mapping.ts"
import { fileColumns, logicalType } from "./columns.ts"
import { commitChanges } from "./commit-load.ts"
import { completeLoads } from "./ledger.ts"
import { beginLoad } from "./load.ts"
import { tableChange } from "./table-change.ts"
import { REJECTS_TABLE } from "../data/table-load.ts"
import { isOurs, knownColumns, stateOf } from "./table-state.ts"

/** The columns of a table for planning, with the names that files gave them. */
const columnsOf = ({ metadata }: CatalogTable): ReadonlyArray<KnownColumn> => {
  const { schema, logical } = knownColumns(metadata)
  return fileColumns(schema).map((field) => ({
    name: field.name,
    original: field.doc ?? field.name,
    type: logicalType(field, logical),
    aliases: namesOf(metadata.properties?.[NAME_MAPPING], field.id).filter((name) => name !== field.name),
  }))
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
    prepare: Effect.fnUntraced(function* (table, mode) {
      const known = yield* load(table.name)
      if (known === undefined) return planColumns(table, mode, undefined)
      const columns = columnsOf(known)
      const renames =
        mode === "history" && stateOf(known.metadata).mode === "history"
          ? yield* findRenames(lakehouse, known, table, columns)
          : []
      return { ...planColumns(table, mode, { columns }, renames), token: renames }
    }),
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
                  children: [],
                  restarts: false,
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
