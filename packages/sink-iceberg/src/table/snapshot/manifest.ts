/** Manifests: which data files a table has, with their statistics (specification, "Manifests"). Names are those of the specification. */
import { type AvroFile, readAvro, writeAvro } from "../avro/container.ts"
import { field, list, optional } from "../avro/fields.ts"
import type { AvroRecord, AvroSchema } from "../avro/schema.ts"
import { fieldNamed, type IcebergType, type Schema } from "../metadata/schema.ts"
import type { PartitionSpec } from "../metadata/metadata.ts"
import { formatJson, type Long } from "../values/json.ts"

/** A number per field id. */
export type ByField<Value> = ReadonlyArray<{ readonly key: number; readonly value: Value }> | null

export interface DataFile {
  /** 0: rows, 1: deletes by position, 2: deletes by equality. */
  readonly content: number
  readonly file_path: string
  readonly file_format: string
  readonly partition: Readonly<Record<string, unknown>>
  readonly record_count: Long
  readonly file_size_in_bytes: Long
  readonly column_sizes: ByField<Long>
  readonly value_counts: ByField<Long>
  readonly null_value_counts: ByField<Long>
  readonly nan_value_counts: ByField<Long>
  readonly lower_bounds: ByField<Uint8Array>
  readonly upper_bounds: ByField<Uint8Array>
  readonly key_metadata: Uint8Array | null
  readonly split_offsets: ReadonlyArray<Long> | null
  readonly equality_ids: ReadonlyArray<number> | null
  readonly sort_order_id: number | null
}

/** What became of a file in the snapshot that wrote the manifest. */
export const EXISTING = 0
export const ADDED = 1
export const DELETED = 2

/** Ids and numbers that are null are those of the manifest itself. */
export interface ManifestEntry {
  readonly status: number
  readonly snapshot_id: Long | null
  readonly sequence_number: Long | null
  readonly file_sequence_number: Long | null
  readonly data_file: DataFile
}

/** A map from field id is an array of pairs in Avro, whose keys are text. */
const byField = (name: string, id: number, key: number, value: number, type: AvroSchema) =>
  optional(
    name,
    {
      type: "array",
      logicalType: "map",
      items: {
        type: "record",
        name: `k${key}_v${value}`,
        fields: [field("key", "int", key), field("value", type, value)],
      },
    },
    id,
  )

const partitionType = (type: IcebergType): AvroSchema => {
  switch (type) {
    case "date":
      return { type: "int", logicalType: "date" }
    case "boolean":
    case "int":
    case "long":
    case "string":
      return type
    default:
      throw new RangeError(
        `a partition on ${JSON.stringify(type)} is not written: partition by a date, a number or text`,
      )
  }
}

/** The columns of an identity partition, with their types. */
export const partitionColumns = (
  spec: PartitionSpec,
  schema: Schema,
): ReadonlyArray<{ readonly name: string; readonly id: number; readonly type: IcebergType }> =>
  spec.fields.map((part) => {
    const source = schema.fields.find((one) => one.id === part["source-id"])
    if (part.transform !== "identity" || source === undefined)
      throw new RangeError(
        `a partition by ${part.transform} of field ${part["source-id"]} is not written, only by values as they are`,
      )
    return { name: part.name, id: part["field-id"], type: fieldNamed(schema, source.name)?.type ?? source.type }
  })

const entrySchema = (spec: PartitionSpec, schema: Schema): AvroRecord => ({
  type: "record",
  name: "manifest_entry",
  fields: [
    field("status", "int", 0),
    optional("snapshot_id", "long", 1),
    optional("sequence_number", "long", 3),
    optional("file_sequence_number", "long", 4),
    field(
      "data_file",
      {
        type: "record",
        name: "r2",
        fields: [
          field("content", "int", 134),
          field("file_path", "string", 100),
          field("file_format", "string", 101),
          field(
            "partition",
            {
              type: "record",
              name: "r102",
              fields: partitionColumns(spec, schema).map(({ name, id, type }) =>
                optional(name, partitionType(type), id),
              ),
            },
            102,
          ),
          field("record_count", "long", 103),
          field("file_size_in_bytes", "long", 104),
          byField("column_sizes", 108, 117, 118, "long"),
          byField("value_counts", 109, 119, 120, "long"),
          byField("null_value_counts", 110, 121, 122, "long"),
          byField("nan_value_counts", 137, 138, 139, "long"),
          byField("lower_bounds", 125, 126, 127, "bytes"),
          byField("upper_bounds", 128, 129, 130, "bytes"),
          optional("key_metadata", "bytes", 131),
          optional("split_offsets", list("long", 133), 132),
          optional("equality_ids", list("int", 136), 135),
          optional("sort_order_id", "int", 140),
        ],
      },
      2,
    ),
  ],
})

/** A manifest of data files as bytes. */
export const writeManifest = (
  spec: PartitionSpec,
  schema: Schema,
  entries: ReadonlyArray<ManifestEntry>,
  sync?: Uint8Array,
): Buffer =>
  writeAvro(
    {
      schema: entrySchema(spec, schema),
      attributes: {
        schema: formatJson(schema),
        "schema-id": String(schema["schema-id"]),
        "partition-spec": formatJson(spec.fields),
        "partition-spec-id": String(spec["spec-id"]),
        "format-version": "2",
        content: "data",
      },
      records: entries,
    },
    sync,
  )

/** A manifest as it was read; one written again keeps the schema of its writer, so nothing that we do not know is lost. */
export type Manifest = AvroFile<ManifestEntry>

/** Reads a manifest; throws a RangeError when it is damaged. */
export const readManifest = (bytes: Uint8Array): Manifest => readAvro<ManifestEntry>(bytes)
