/** Table metadata, format version 2, with the names of the specification ("Table Metadata Fields"). Fields we do not know are kept. */
import { type Long, sameLong } from "../values/json.ts"
import { NAME_MAPPING, nameMapping } from "./name-mapping.ts"
import { highestFieldId, type Schema, type StructType } from "./schema.ts"

export interface PartitionField {
  readonly name: string
  readonly transform: string
  readonly "source-id": number
  readonly "field-id": number
}
export interface PartitionSpec {
  readonly "spec-id": number
  readonly fields: ReadonlyArray<PartitionField>
}
export interface Snapshot {
  readonly "snapshot-id": Long
  readonly "parent-snapshot-id"?: Long
  readonly "sequence-number": Long
  readonly "timestamp-ms": number
  readonly "manifest-list": string
  readonly "schema-id"?: number
  readonly summary: Readonly<Record<string, string>>
}
export interface SnapshotReference {
  readonly type: "branch" | "tag"
  readonly "snapshot-id": Long
  readonly "max-ref-age-ms"?: number
  readonly "max-snapshot-age-ms"?: number
  readonly "min-snapshots-to-keep"?: number
}

export interface TableMetadata {
  readonly "format-version": number
  readonly "table-uuid": string
  readonly location: string
  readonly "last-sequence-number": Long
  readonly "last-updated-ms": number
  readonly "last-column-id": number
  readonly "current-schema-id": number
  readonly schemas: ReadonlyArray<Schema>
  readonly "default-spec-id": number
  readonly "partition-specs": ReadonlyArray<PartitionSpec>
  readonly "last-partition-id": number
  readonly "default-sort-order-id": number
  readonly "sort-orders": ReadonlyArray<unknown>
  readonly properties?: Readonly<Record<string, string>>
  readonly "current-snapshot-id"?: Long | null
  readonly refs?: Readonly<Record<string, SnapshotReference>>
  readonly snapshots?: ReadonlyArray<Snapshot>
  readonly "snapshot-log"?: ReadonlyArray<{ readonly "timestamp-ms": number; readonly "snapshot-id": Long }>
  readonly "metadata-log"?: ReadonlyArray<{ readonly "timestamp-ms": number; readonly "metadata-file": string }>
}

/** A table that is to be made: `partitionBy` names columns whose values partition it as they are. */
export interface NewTable {
  readonly uuid: string
  readonly location: string
  readonly schema: StructType
  readonly partitionBy: ReadonlyArray<string>
  readonly properties: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly now: number
}

/** An identity partition on columns, with the ids that a new table gives. */
export const identityPartition = (schema: StructType, names: ReadonlyArray<string>): PartitionSpec => ({
  "spec-id": 0,
  fields: names.map((name, index) => {
    const source = schema.fields.find((field) => field.name === name)
    if (source === undefined) throw new RangeError(`there is no column "${name}" to partition by`)
    return { name, transform: "identity", "source-id": source.id, "field-id": 1000 + index }
  }),
})

/** The metadata of a new, empty table. */
export const newMetadata = (table: NewTable): TableMetadata => {
  const spec = identityPartition(table.schema, table.partitionBy)
  return {
    "format-version": 2,
    "table-uuid": table.uuid,
    location: table.location,
    "last-sequence-number": 0,
    "last-updated-ms": table.now,
    "last-column-id": highestFieldId(table.schema),
    "current-schema-id": 0,
    schemas: [{ ...table.schema, "schema-id": 0 }],
    "default-spec-id": 0,
    "partition-specs": [spec],
    "last-partition-id": 999 + spec.fields.length,
    "default-sort-order-id": 0,
    "sort-orders": [{ "order-id": 0, fields: [] }],
    properties: { [NAME_MAPPING]: nameMapping(table.schema), ...table.properties },
    "current-snapshot-id": -1,
    refs: {},
    snapshots: [],
    "snapshot-log": [],
    "metadata-log": [],
  }
}

/** The schema that the table has now, or that a snapshot had. */
export const schemaOf = (metadata: TableMetadata, snapshot?: Snapshot): Schema => {
  const id = snapshot?.["schema-id"] ?? metadata["current-schema-id"]
  const schema = metadata.schemas.find((one) => one["schema-id"] === id)
  if (schema === undefined) throw new RangeError(`the metadata of ${metadata.location} has no schema ${id}`)
  return schema
}

/** The partition spec of an id; the current one without. */
export const specOf = (metadata: TableMetadata, id = metadata["default-spec-id"]): PartitionSpec => {
  const spec = metadata["partition-specs"].find((one) => one["spec-id"] === id)
  if (spec === undefined) throw new RangeError(`the metadata of ${metadata.location} has no partition spec ${id}`)
  return spec
}

/** The snapshot of an id. */
export const snapshotOf = (metadata: TableMetadata, id: Long | null | undefined): Snapshot | undefined =>
  metadata.snapshots?.find((snapshot) => sameLong(snapshot["snapshot-id"], id))

/** What the branch `main` shows; `undefined` for a table that never had a row. */
export const currentSnapshot = (metadata: TableMetadata): Snapshot | undefined =>
  snapshotOf(metadata, metadata.refs?.["main"]?.["snapshot-id"] ?? metadata["current-snapshot-id"])

/** What `main` showed at an instant (milliseconds since 1970); `undefined` when it was empty then, or its snapshot is expired. */
export const snapshotAt = (metadata: TableMetadata, instant: number): Snapshot | undefined =>
  snapshotOf(metadata, metadata["snapshot-log"]?.findLast((entry) => entry["timestamp-ms"] <= instant)?.["snapshot-id"])

/** A snapshot and those before it, newest first, as far as they are known. */
export const ancestorsOf = (metadata: TableMetadata, snapshot: Snapshot | undefined): ReadonlyArray<Snapshot> => {
  const byId = new Map((metadata.snapshots ?? []).map((one) => [String(one["snapshot-id"]), one]))
  const found: Array<Snapshot> = []
  for (let one = snapshot; one !== undefined; one = byId.get(String(one["parent-snapshot-id"]))) found.push(one)
  return found
}
