/** Files that no snapshot needs: what killed writers and lost races left behind. */
import type { SinkError } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { CatalogTable } from "../catalog/catalog.ts"
import type { StoredFile } from "../files/files.ts"
import type { Lakehouse } from "../lakehouse.ts"
import type { TableMetadata } from "../table/metadata/metadata.ts"
import { everyFile, reachableFrom, sameLocation } from "./reachable.ts"

/** `olderThan`: files younger than so many ms stay: a writer that has not committed yet may need them. */
export interface OrphanOptions {
  readonly olderThan: number
  readonly apply: boolean
}

/** What was removed, or would be. */
export interface Orphans {
  readonly table: string
  readonly files: ReadonlyArray<StoredFile>
}

/** Files that the metadata itself names, statistics of other engines included. */
const namedByMetadata = (metadata: TableMetadata, location: string): ReadonlyArray<string> => {
  const { statistics, "partition-statistics": partitions } = metadata as {
    readonly statistics?: ReadonlyArray<{ readonly "statistics-path": string }>
    readonly "partition-statistics"?: ReadonlyArray<{ readonly "statistics-path": string }>
  }
  return [
    location,
    `${metadata.location}/metadata/version-hint.text`,
    ...(metadata["metadata-log"] ?? []).map((entry) => entry["metadata-file"]),
    ...[...(statistics ?? []), ...(partitions ?? [])].map((entry) => entry["statistics-path"]),
  ]
}

/** Finds, and with `apply` removes, the orphans of one table. */
export const removeOrphans = Effect.fn("Iceberg.orphans")(function* (
  { catalog }: Lakehouse,
  table: CatalogTable,
  options: OrphanOptions,
): Effect.fn.Return<Orphans, SinkError> {
  const before = (yield* Clock.currentTimeMillis) - options.olderThan
  // Listed before the table is read again, so that what is committed in between is known as needed.
  const stored = yield* catalog.files.list(table.metadata.location)
  const newest = (yield* catalog.load(table.identifier)) ?? table
  const needed = new Set([
    ...everyFile(yield* reachableFrom(catalog.files, newest.metadata.snapshots ?? [])),
    ...namedByMetadata(newest.metadata, newest.metadataLocation).map(sameLocation),
  ])
  const files = stored.filter((file) => file.modifiedAt <= before && !needed.has(sameLocation(file.location)))
  if (options.apply) yield* catalog.files.remove(files.map((file) => file.location))
  return { table: table.identifier.name, files }
})
