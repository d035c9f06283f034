/**
 * The manifests of a change: one for the files that come, and those that named the files that go, written again. They do not depend on the
 * table's newest snapshot, so a writer that lost a race keeps them and writes the list alone again.
 */
import { writeAvro } from "../avro/container.ts"
import { schemaOf, specOf, type TableMetadata } from "../metadata/metadata.ts"
import type { Schema } from "../metadata/schema.ts"
import { encodeBound } from "../values/bounds.ts"
import { dateOf } from "../values/instants.ts"
import type { Long } from "../values/json.ts"
import { ADDED, type DataFile, DELETED, EXISTING, type Manifest, partitionColumns, writeManifest } from "./manifest.ts"
import type { ManifestEntry } from "./manifest.ts"
import type { ManifestFile, PartitionSummary } from "./manifest-list.ts"

/** A file of the table to write: bytes at a location. */
export interface StagedFile {
  readonly location: string
  readonly bytes: Uint8Array
}

/** A manifest without what only the snapshot knows. */
export type StagedManifest = Omit<ManifestFile, "sequence_number" | "min_sequence_number"> & {
  /** Of the files that were there before; `undefined` when all are new. */
  readonly oldest: Long | undefined
}

/** A change whose manifests are written: what a snapshot is made of, whatever it comes after. */
export interface StagedChange {
  readonly snapshotId: Long
  readonly added: StagedManifest | undefined
  /** By the location of the manifest that it replaces. */
  readonly rewritten: ReadonlyMap<string, StagedManifest>
  readonly addedFiles: ReadonlyArray<DataFile>
  readonly removedFiles: ReadonlyArray<DataFile>
}

const count = (entries: ReadonlyArray<ManifestEntry>, status: number): { files: number; rows: Long } => {
  const files = entries.filter((entry) => entry.status === status)
  return { files: files.length, rows: files.reduce((sum, entry) => sum + Number(entry.data_file.record_count), 0) }
}

const describe = (
  location: string,
  bytes: Uint8Array,
  snapshotId: Long,
  specId: number,
  entries: ReadonlyArray<ManifestEntry>,
  partitions: ManifestFile["partitions"],
): StagedManifest => {
  const [existing, added, deleted] = [EXISTING, ADDED, DELETED].map((status) => count(entries, status))
  const known = entries.flatMap(({ status, sequence_number }) =>
    status === EXISTING && sequence_number !== null ? [BigInt(sequence_number)] : [],
  )
  const oldest = known.length === 0 ? undefined : known.reduce((least, one) => (one < least ? one : least))
  return {
    manifest_path: location,
    manifest_length: bytes.length,
    partition_spec_id: specId,
    content: 0,
    added_snapshot_id: snapshotId,
    added_files_count: added?.files ?? 0,
    existing_files_count: existing?.files ?? 0,
    deleted_files_count: deleted?.files ?? 0,
    added_rows_count: added?.rows ?? 0,
    existing_rows_count: existing?.rows ?? 0,
    deleted_rows_count: deleted?.rows ?? 0,
    partitions,
    key_metadata: null,
    oldest,
  }
}

const partitionText = (type: unknown, value: unknown): string =>
  type === "date" ? dateOf(Number(value)) : String(value)

const summarise = (
  columns: ReturnType<typeof partitionColumns>,
  files: ReadonlyArray<DataFile>,
): ReadonlyArray<PartitionSummary> =>
  columns.map(({ name, type }) => {
    const values = files.map((file) => file.partition[name] ?? null)
    const encoded = (side: "lower" | "upper"): Uint8Array | null => {
      const present = values.filter((value): value is string | number => value !== null)
      const [first, ...others] = present
      if (first === undefined) return null
      const end = others.reduce((best, one) => ((side === "lower" ? one < best : one > best) ? one : best), first)
      return encodeBound(type, partitionText(type, end), side) ?? null
    }
    return {
      contains_null: values.includes(null),
      contains_nan: false,
      lower_bound: encoded("lower"),
      upper_bound: encoded("upper"),
    }
  })

/** The entries of a manifest without the files that go, with all that they inherited spelled out. */
const entriesAfter = (
  { listed, manifest }: OpenManifest,
  removed: ReadonlySet<string>,
  snapshotId: Long,
): ReadonlyArray<ManifestEntry> =>
  manifest.records
    .filter((entry) => entry.status !== DELETED)
    .map((entry) => {
      const goes = removed.has(entry.data_file.file_path)
      return {
        ...entry,
        status: goes ? DELETED : EXISTING,
        snapshot_id: goes ? snapshotId : (entry.snapshot_id ?? listed.added_snapshot_id),
        sequence_number: entry.sequence_number ?? listed.sequence_number,
        file_sequence_number: entry.file_sequence_number ?? listed.sequence_number,
      }
    })

/** Manifests that can become one: of one partition spec, and with one schema of their writers. */
const mergeable = (touched: ReadonlyArray<OpenManifest>): ReadonlyArray<ReadonlyArray<OpenManifest>> => {
  const groups = new Map<string, Array<OpenManifest>>()
  for (const one of touched) {
    const key = JSON.stringify([one.listed.content, one.listed.partition_spec_id, one.manifest.schema])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
}

/** A manifest that a change touches. */
export interface OpenManifest {
  readonly listed: ManifestFile
  readonly manifest: Manifest
}

/** What a change does to the files of a table. `schema`: that of the added files; `unique`: goes into the names of what is written. */
export interface FileChange {
  readonly snapshotId: Long
  readonly unique: string
  readonly schema?: Schema
  readonly added: ReadonlyArray<DataFile>
  /** Locations, all of them in `touched`. */
  readonly removed: ReadonlySet<string>
  readonly touched: ReadonlyArray<OpenManifest>
  /** Makes one manifest of all that are touched; else each that loses a file is written again. */
  readonly merge?: boolean
}

/** The manifests to write. Throws a RangeError when the table is partitioned in a way that is not written. */
export const stageChange = (
  metadata: TableMetadata,
  change: FileChange,
): { readonly staged: StagedChange; readonly files: ReadonlyArray<StagedFile> } => {
  const { snapshotId } = change
  const schema = change.schema ?? schemaOf(metadata)
  const files: Array<StagedFile> = []
  const put = (bytes: Uint8Array): string => {
    const location = `${metadata.location}/metadata/${change.unique}-m${files.length}.avro`
    files.push({ location, bytes })
    return location
  }
  const rewritten = new Map<string, StagedManifest>()
  const removedFiles: Array<DataFile> = []
  const groups = change.merge === true ? mergeable(change.touched) : change.touched.map((one) => [one])
  for (const group of groups) {
    const [first] = group
    const entries = group.flatMap((one) => entriesAfter(one, change.removed, snapshotId))
    const gone = entries.filter((entry) => entry.status === DELETED)
    if (first === undefined || (gone.length === 0 && group.length < 2)) continue
    removedFiles.push(...gone.map((entry) => entry.data_file))
    const bytes = writeAvro({ ...first.manifest, records: entries })
    const specId = first.listed.partition_spec_id
    const partitions =
      group.length === 1
        ? first.listed.partitions
        : summarise(
            partitionColumns(specOf(metadata, specId), schema),
            entries.map((entry) => entry.data_file),
          )
    const staged = describe(put(bytes), bytes, snapshotId, specId, entries, partitions)
    for (const { listed } of group) rewritten.set(listed.manifest_path, staged)
  }
  let added: StagedManifest | undefined
  if (change.added.length > 0) {
    const spec = specOf(metadata)
    const entries = change.added.map((file): ManifestEntry => ({
      status: ADDED,
      snapshot_id: snapshotId,
      sequence_number: null,
      file_sequence_number: null,
      data_file: file,
    }))
    const bytes = writeManifest(spec, schema, entries)
    const partitions = summarise(partitionColumns(spec, schema), change.added)
    added = describe(put(bytes), bytes, snapshotId, spec["spec-id"], entries, partitions)
  }
  return { staged: { snapshotId, added, rewritten, addedFiles: change.added, removedFiles }, files }
}
