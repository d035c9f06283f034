/** Manifest lists: the manifests of a snapshot, with what is needed to skip them (specification, "Snapshots"). */
import { type AvroFile, readAvro, writeAvro } from "../avro/container.ts"
import { field, list, optional } from "../avro/fields.ts"
import type { AvroSchema } from "../avro/schema.ts"
import type { Snapshot } from "../metadata/metadata.ts"
import type { Long } from "../values/json.ts"

export interface PartitionSummary {
  readonly contains_null: boolean
  readonly contains_nan: boolean | null
  readonly lower_bound: Uint8Array | null
  readonly upper_bound: Uint8Array | null
}

export interface ManifestFile {
  readonly manifest_path: string
  readonly manifest_length: Long
  readonly partition_spec_id: number
  /** 0: data, 1: deletes. */
  readonly content: number
  readonly sequence_number: Long
  readonly min_sequence_number: Long
  readonly added_snapshot_id: Long
  readonly added_files_count: number
  readonly existing_files_count: number
  readonly deleted_files_count: number
  readonly added_rows_count: Long
  readonly existing_rows_count: Long
  readonly deleted_rows_count: Long
  readonly partitions: ReadonlyArray<PartitionSummary> | null
  readonly key_metadata: Uint8Array | null
}

const listSchema: AvroSchema = {
  type: "record",
  name: "manifest_file",
  fields: [
    field("manifest_path", "string", 500),
    field("manifest_length", "long", 501),
    field("partition_spec_id", "int", 502),
    field("content", "int", 517),
    field("sequence_number", "long", 515),
    field("min_sequence_number", "long", 516),
    field("added_snapshot_id", "long", 503),
    field("added_files_count", "int", 504),
    field("existing_files_count", "int", 505),
    field("deleted_files_count", "int", 506),
    field("added_rows_count", "long", 512),
    field("existing_rows_count", "long", 513),
    field("deleted_rows_count", "long", 514),
    optional(
      "partitions",
      list(
        {
          type: "record",
          name: "r508",
          fields: [
            field("contains_null", "boolean", 509),
            optional("contains_nan", "boolean", 518),
            optional("lower_bound", "bytes", 510),
            optional("upper_bound", "bytes", 511),
          ],
        },
        508,
      ),
      507,
    ),
    optional("key_metadata", "bytes", 519),
  ],
}

/** A manifest list as bytes. */
export const writeManifestList = (
  snapshot: Pick<Snapshot, "snapshot-id" | "parent-snapshot-id" | "sequence-number">,
  manifests: ReadonlyArray<ManifestFile>,
  sync?: Uint8Array,
): Buffer =>
  writeAvro(
    {
      schema: listSchema,
      attributes: {
        "snapshot-id": String(snapshot["snapshot-id"]),
        "parent-snapshot-id": String(snapshot["parent-snapshot-id"] ?? "null"),
        "sequence-number": String(snapshot["sequence-number"]),
        "format-version": "2",
      },
      records: manifests,
    },
    sync,
  )

/** Older writers called the counts so. */
interface OlderNames {
  readonly added_data_files_count?: number
  readonly existing_data_files_count?: number
  readonly deleted_data_files_count?: number
}

/** Reads a manifest list of any writer; throws a RangeError when it is damaged. */
export const readManifestList = (bytes: Uint8Array): ReadonlyArray<ManifestFile> => {
  const { records }: AvroFile<ManifestFile & OlderNames> = readAvro(bytes)
  return records.map((record) => ({
    ...record,
    content: record.content ?? 0,
    sequence_number: record.sequence_number ?? 0,
    min_sequence_number: record.min_sequence_number ?? 0,
    added_files_count: record.added_files_count ?? record.added_data_files_count ?? 0,
    existing_files_count: record.existing_files_count ?? record.existing_data_files_count ?? 0,
    deleted_files_count: record.deleted_files_count ?? record.deleted_data_files_count ?? 0,
    added_rows_count: record.added_rows_count ?? 0,
    existing_rows_count: record.existing_rows_count ?? 0,
    deleted_rows_count: record.deleted_rows_count ?? 0,
    partitions: record.partitions ?? null,
    key_metadata: record.key_metadata ?? null,
  }))
}
