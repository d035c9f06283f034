/** Columns of a file that only changed their name: found in the values, kept as names of the field, whose id stays. */
import type { ArrivingTable, SinkError } from "@opendatahub-sql/core"
import { literal } from "@opendatahub-sql/engine-duckdb"
import {
  type HistoryColumn,
  type KnownColumn,
  type RenamedColumn,
  renamesAgainst,
  unmatched,
} from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { type CatalogTable, nameOf } from "../catalog/catalog.ts"
import { fromEngine } from "../failure.ts"
import type { Lakehouse } from "../lakehouse.ts"
import { dataFilesOf, localPaths, scanSql } from "../read/scan.ts"
import { fileColumns, logicalType } from "../sink/columns.ts"
import { fileMayHold } from "../data/slice-files.ts"
import { sameResource, stateOf } from "../sink/table-state.ts"
import { currentSnapshot, schemaOf } from "../table/metadata/metadata.ts"
import { stateSql } from "./states.ts"

/** Compares a file with the extraction before it, or after, when it is the oldest. */
export const findRenames = Effect.fn("Iceberg.findRenames")(function* (
  { catalog, connection }: Lakehouse,
  { metadata, identifier }: CatalogTable,
  table: ArrivingTable,
  columns: ReadonlyArray<KnownColumn>,
): Effect.fn.Return<ReadonlyArray<RenamedColumn>, SinkError> {
  const { slice, parts = [] } = table
  const { filled, missing, arriving } = unmatched({ columns }, table.columns)
  if (slice === undefined || missing.length === 0 || arriving.length === 0 || parts.length === 0) return []
  const { loads, logical, identities } = stateOf(metadata)
  const instants = loads
    .filter((one) => sameResource(one.slice, slice))
    .map((one) => one.slice.extractedAt)
    .toSorted()
  const neighbour = instants.findLast((at) => at < slice.extractedAt) ?? instants.find((at) => at > slice.extractedAt)
  if (neighbour === undefined) return []
  const known = fileColumns(schemaOf(metadata)).map((field): HistoryColumn => ({
    id: identities[field.id] ?? field.id,
    name: field.name,
    type: logicalType(field, logical),
  }))
  const renames = yield* Effect.scoped(
    Effect.gen(function* () {
      const live = yield* dataFilesOf(catalog.files, metadata, currentSnapshot(metadata))
      const held = live.filter(({ file }) => fileMayHold(file, schemaOf(metadata), { slice, wholeResource: true }))
      const paths = yield* localPaths(
        connection,
        catalog.files,
        held.map(({ file }) => file),
      )
      const changes = `select * from (${scanSql(schemaOf(metadata), paths)}) where _dataset_id = ${literal(slice.dataset)} and _resource_id = ${literal(slice.resource)}`
      return yield* renamesAgainst(
        connection,
        {
          table: { name: nameOf(identifier), columns: known },
          slice,
          parts,
          common: known.flatMap((column) => {
            const name = filled.get(column.name)
            return name === undefined ? [] : [{ known: column, name }]
          }),
          missing: known.filter((column) => missing.some(({ name }) => name === column.name)),
          arriving,
        },
        stateSql(schemaOf(metadata), changes, { at: `${literal(neighbour)}::timestamptz` }),
      ).pipe(Effect.mapError(fromEngine("prepare")))
    }),
  )
  // The newest file says what a column is called.
  const takesName = !loads.some((one) => one.slice.extractedAt > slice.extractedAt)
  return renames.map((rename): RenamedColumn => ({ ...rename, takesName }))
})
