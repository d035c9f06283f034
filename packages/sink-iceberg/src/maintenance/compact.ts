/** Makes few large files of many small ones, partition by partition, and one manifest of many. The rows stay the same, and so does every older snapshot. */
import type { SinkError } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { randomInt, randomUUID } from "node:crypto"
import { type CatalogTable, type CommitConflict, nameOf } from "../catalog/catalog.ts"
import { decide, failure } from "../failure.ts"
import type { Lakehouse } from "../lakehouse.ts"
import { manifestsOf, openManifests, refuseDeletes, localPaths, scanSql } from "../read/scan.ts"
import { checkFlat, checkWritable } from "../sink/writable.ts"
import { dataLocation, FILE_BYTES, writeFiles } from "../data/write-files.ts"
import { currentSnapshot, schemaOf, type TableMetadata } from "../table/metadata/metadata.ts"
import { hasLiveFiles, type LiveFile, liveFilesOf } from "../table/snapshot/live-files.ts"
import type { DataFile } from "../table/snapshot/manifest.ts"
import { planSnapshot } from "../table/snapshot/plan.ts"
import { stageChange, type StagedChange } from "../table/snapshot/stage.ts"
import { dataFileOf } from "../table/values/column-statistics.ts"

/** Files below this share of the size at which files are cut are small. */
const SMALL = 0.75
/** Manifests that are worth one. */
const MANY_MANIFESTS = 10

/** What was compacted, or would be. Bytes of the files that are replaced. */
export interface Compacted {
  readonly table: string
  readonly files: number
  readonly into: number
  readonly bytes: number
  readonly manifests: number
}

/** Small files of partitions that have several. */
export const smallFiles = (
  live: ReadonlyArray<LiveFile>,
  fileBytes = FILE_BYTES,
): ReadonlyArray<ReadonlyArray<DataFile>> => {
  const groups = new Map<string, Array<DataFile>>()
  for (const { file } of live) {
    if (Number(file.file_size_in_bytes) >= fileBytes * SMALL) continue
    const partition = JSON.stringify(file.partition)
    groups.set(partition, [...(groups.get(partition) ?? []), file])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

const rewriteGroup = Effect.fnUntraced(function* (
  { catalog, connection }: Lakehouse,
  metadata: TableMetadata,
  group: ReadonlyArray<DataFile>,
) {
  const schema = schemaOf(metadata)
  const { files } = catalog
  const paths = yield* localPaths(connection, files, group)
  const folder = yield* files.staging(metadata.location)
  const names = schema.fields.map((field) => field.name)
  const written = yield* writeFiles(connection, folder, scanSql(schema, paths), schema, names)
  const partition = group[0]?.partition ?? {}
  return yield* Effect.forEach(written, (file) => {
    const location = dataLocation(metadata, partition, "compacted")
    return Effect.as(files.put(file.path, location), dataFileOf(schema, file, location, partition))
  })
}, Effect.scoped)

/** Compacts one table; without `apply`, says what there is to do. */
export const compactTable = Effect.fn("Iceberg.compact")(function* (
  lakehouse: Lakehouse,
  table: CatalogTable,
  options: { readonly apply: boolean; readonly fileBytes?: number },
): Effect.fn.Return<Compacted, SinkError> {
  const { catalog } = lakehouse
  const { files } = catalog
  const { metadata, identifier } = table
  const listed = (yield* manifestsOf(files, currentSnapshot(metadata))).filter(hasLiveFiles)
  const open = yield* openManifests(files, listed)
  const live = open.flatMap((one) => liveFilesOf(one.listed, one.manifest))
  const groups = smallFiles(live, options.fileBytes)
  const small = groups.flat()
  const found = {
    table: identifier.name,
    files: small.length,
    into: groups.length,
    bytes: small.reduce((sum, file) => sum + Number(file.file_size_in_bytes), 0),
    manifests: listed.length,
  }
  if (!options.apply || (small.length === 0 && listed.length < MANY_MANIFESTS)) return found
  yield* checkWritable(table)
  yield* refuseDeletes(metadata, live)
  yield* checkFlat(table)
  const added = (yield* Effect.forEach(groups, (group) => rewriteGroup(lakehouse, metadata, group))).flat()
  const { staged, files: manifests } = yield* decide("maintain", `write the manifests of ${nameOf(identifier)}`, () =>
    stageChange(metadata, {
      snapshotId: randomInt(2 ** 47),
      unique: randomUUID(),
      added,
      removed: new Set(small.map((file) => file.file_path)),
      touched: open,
      merge: true,
    }),
  )
  for (const { location, bytes } of manifests) yield* files.write(location, bytes)
  yield* commitReplacement(lakehouse, table, staged).pipe(
    Effect.retry({
      while: (error) => error._tag === "CommitConflict",
      schedule: Schedule.upTo(Schedule.jittered(Schedule.spaced(60)), { duration: 60_000 }),
    }),
    Effect.catchTag("CommitConflict", (error: CommitConflict) =>
      Effect.fail(
        failure(
          "maintain",
          `${nameOf(identifier)} was written to meanwhile (${error.message}): nothing was changed, run it again`,
        ),
      ),
    ),
  )
  return { ...found, into: added.length }
})

/** Commits on top of what the table is by now, as long as nothing that is replaced was changed. */
const commitReplacement = Effect.fnUntraced(function* (
  { catalog, version }: Lakehouse,
  { identifier }: CatalogTable,
  staged: StagedChange,
): Effect.fn.Return<void, SinkError | CommitConflict> {
  const table = yield* catalog.load(identifier)
  if (table === undefined) return yield* failure("maintain", `the table ${nameOf(identifier)} is gone`)
  const { metadata } = table
  if (metadata.snapshots?.some((snapshot) => snapshot["snapshot-id"] === staged.snapshotId) === true) return
  const listed = yield* manifestsOf(catalog.files, currentSnapshot(metadata))
  const now = yield* Clock.currentTimeMillis
  const planned = planSnapshot(metadata, listed, staged, {
    operation: "replace",
    properties: { "odh.maintenance": "compact", "odh.writer-version": version },
    now,
    unique: randomUUID(),
  })
  if (planned === undefined)
    return yield* failure(
      "maintain",
      `files of ${nameOf(identifier)} were replaced meanwhile: nothing was changed, run it again`,
    )
  yield* catalog.files.write(planned.list.location, planned.list.bytes)
  yield* catalog.commit([{ table, change: planned.change }])
})
