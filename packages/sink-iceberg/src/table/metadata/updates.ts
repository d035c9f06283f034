/** Commits in the shape of the REST catalog: what must still be true, and what changes. A local catalog applies them itself. */
import { type Long, sameLong } from "../values/json.ts"
import { currentSnapshot, type Snapshot, type SnapshotReference, type TableMetadata } from "./metadata.ts"
import { highestFieldId, type Schema } from "./schema.ts"

export type Requirement =
  | { readonly type: "assert-table-uuid"; readonly uuid: string }
  | { readonly type: "assert-ref-snapshot-id"; readonly ref: string; readonly "snapshot-id": Long | null }
  | { readonly type: "assert-current-schema-id"; readonly "current-schema-id": number }
  | { readonly type: "assert-last-assigned-field-id"; readonly "last-assigned-field-id": number }
  | { readonly type: "assert-default-spec-id"; readonly "default-spec-id": number }

export type Update =
  | { readonly action: "add-schema"; readonly schema: Schema; readonly "last-column-id": number }
  /** `-1`: the schema that was just added. */
  | { readonly action: "set-current-schema"; readonly "schema-id": number }
  | { readonly action: "add-snapshot"; readonly snapshot: Snapshot }
  | ({
      readonly action: "set-snapshot-ref"
      readonly "ref-name": string
    } & SnapshotReference)
  | { readonly action: "remove-snapshots"; readonly "snapshot-ids": ReadonlyArray<Long> }
  | { readonly action: "set-properties"; readonly updates: Readonly<Record<string, string>> }
  | { readonly action: "remove-properties"; readonly removals: ReadonlyArray<string> }

/** What one table is to become. */
export interface TableChange {
  readonly requirements: ReadonlyArray<Requirement>
  readonly updates: ReadonlyArray<Update>
}

/** How many older metadata files the log names. */
const LONGEST_METADATA_LOG = 100

const isMet = (metadata: TableMetadata, requirement: Requirement): boolean => {
  switch (requirement.type) {
    case "assert-table-uuid":
      return metadata["table-uuid"] === requirement.uuid
    case "assert-ref-snapshot-id": {
      const known =
        metadata.refs?.[requirement.ref]?.["snapshot-id"] ??
        (requirement.ref === "main" ? currentSnapshot(metadata)?.["snapshot-id"] : undefined)
      return known === undefined || requirement["snapshot-id"] === null
        ? known === undefined && requirement["snapshot-id"] === null
        : sameLong(known, requirement["snapshot-id"])
    }
    case "assert-current-schema-id":
      return metadata["current-schema-id"] === requirement["current-schema-id"]
    case "assert-last-assigned-field-id":
      return metadata["last-column-id"] === requirement["last-assigned-field-id"]
    case "assert-default-spec-id":
      return metadata["default-spec-id"] === requirement["default-spec-id"]
  }
}

/** The first requirement that the table does not meet. */
export const unmet = (metadata: TableMetadata, requirements: ReadonlyArray<Requirement>): Requirement | undefined =>
  requirements.find((requirement) => !isMet(metadata, requirement))

const addSchema = (metadata: TableMetadata, schema: Schema, lastColumnId: number): TableMetadata => ({
  ...metadata,
  schemas: [...metadata.schemas, schema],
  "last-column-id": Math.max(metadata["last-column-id"], lastColumnId, highestFieldId(schema)),
})

const setReference = (metadata: TableMetadata, name: string, reference: SnapshotReference): TableMetadata => {
  const id = reference["snapshot-id"]
  const refs = { ...metadata.refs, [name]: reference }
  if (name !== "main") return { ...metadata, refs }
  const snapshot = metadata.snapshots?.find((one) => sameLong(one["snapshot-id"], id))
  if (snapshot === undefined) throw new RangeError(`the table has no snapshot ${id}`)
  return {
    ...metadata,
    refs,
    "current-snapshot-id": id,
    "snapshot-log": [
      ...(metadata["snapshot-log"] ?? []),
      // Each entry is the time the branch moved; a snapshot that becomes current again did so later than it was made.
      { "timestamp-ms": Math.max(snapshot["timestamp-ms"], metadata["last-updated-ms"]), "snapshot-id": id },
    ],
  }
}

const removeSnapshots = (metadata: TableMetadata, ids: ReadonlyArray<Long>): TableMetadata => {
  const removed = new Set(ids.map(String))
  const isKept = (entry: { readonly "snapshot-id": Long }): boolean => !removed.has(String(entry["snapshot-id"]))
  const log = metadata["snapshot-log"] ?? []
  return {
    ...metadata,
    snapshots: (metadata.snapshots ?? []).filter(isKept),
    // Time travel to before a removed entry would find the wrong state, so nothing before it stays.
    "snapshot-log": log.slice(log.findLastIndex((entry) => !isKept(entry)) + 1),
    refs: Object.fromEntries(Object.entries(metadata.refs ?? {}).filter(([, reference]) => isKept(reference))),
  }
}

const apply = (metadata: TableMetadata, update: Update): TableMetadata => {
  switch (update.action) {
    case "add-schema":
      return addSchema(metadata, update.schema, update["last-column-id"])
    case "set-current-schema":
      return {
        ...metadata,
        "current-schema-id":
          update["schema-id"] === -1 ? (metadata.schemas.at(-1)?.["schema-id"] ?? 0) : update["schema-id"],
      }
    case "add-snapshot":
      return {
        ...metadata,
        snapshots: [...(metadata.snapshots ?? []), update.snapshot],
        "last-sequence-number": update.snapshot["sequence-number"],
        "last-updated-ms": Math.max(metadata["last-updated-ms"], update.snapshot["timestamp-ms"]),
      }
    case "set-snapshot-ref": {
      const { action: _, "ref-name": name, ...reference } = update
      return setReference(metadata, name, reference)
    }
    case "remove-snapshots":
      return removeSnapshots(metadata, update["snapshot-ids"])
    case "set-properties":
      return { ...metadata, properties: { ...metadata.properties, ...update.updates } }
    case "remove-properties": {
      const removed = new Set(update.removals)
      return {
        ...metadata,
        properties: Object.fromEntries(
          Object.entries(metadata.properties ?? {}).filter(([name]) => !removed.has(name)),
        ),
      }
    }
  }
}

/**
 * The next version of the metadata. `previous` is where this one is stored, `now` in milliseconds since 1970; time never goes backwards.
 * Throws a RangeError when an update names what is not there.
 */
export const applyUpdates = (
  metadata: TableMetadata,
  updates: ReadonlyArray<Update>,
  { previous, now }: { readonly previous: string; readonly now: number },
): TableMetadata => {
  const next = updates.reduce(apply, metadata)
  return {
    ...next,
    "last-updated-ms": Math.max(next["last-updated-ms"], now),
    "metadata-log": [
      ...(metadata["metadata-log"] ?? []),
      { "timestamp-ms": metadata["last-updated-ms"], "metadata-file": previous },
    ].slice(-LONGEST_METADATA_LOG),
  }
}
