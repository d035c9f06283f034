/** A staged change as the next snapshot of a table: the list to write, and the commit. */
import type { Requirement, TableChange, Update } from "../metadata/updates.ts"
import { currentSnapshot, type Snapshot, type TableMetadata } from "../metadata/metadata.ts"
import type { Schema } from "../metadata/schema.ts"
import type { Long } from "../values/json.ts"
import { hasLiveFiles } from "./live-files.ts"
import { type ManifestFile, writeManifestList } from "./manifest-list.ts"
import type { StagedChange, StagedFile, StagedManifest } from "./stage.ts"
import { type Operation, summarise } from "./summary.ts"

/** What goes with the files. `evolved`: the schema from this snapshot on, and the highest field id. */
export interface SnapshotPlan {
  readonly operation: Operation
  /** The writer's own summary. */
  readonly properties: Readonly<Record<string, string>>
  readonly evolved?: { readonly schema: Schema; readonly lastColumnId: number }
  /** Table properties to set with it. */
  readonly set?: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly now: number
  /** Goes into the name of the list: one for each attempt. */
  readonly unique: string
}

const numbered = ({ oldest, ...manifest }: StagedManifest, sequenceNumber: Long): ManifestFile => ({
  ...manifest,
  sequence_number: sequenceNumber,
  min_sequence_number: manifest.added_files_count > 0 || oldest === undefined ? (oldest ?? sequenceNumber) : oldest,
})

/** What must still be true of the table: nobody else wrote to it meanwhile. */
export const unchanged = (metadata: TableMetadata): ReadonlyArray<Requirement> => [
  { type: "assert-table-uuid", uuid: metadata["table-uuid"] },
  { type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": currentSnapshot(metadata)?.["snapshot-id"] ?? null },
  { type: "assert-current-schema-id", "current-schema-id": metadata["current-schema-id"] },
]

/** The changes of schema and properties that go with a commit, or are one. */
export const schemaUpdates = (
  metadata: TableMetadata,
  { evolved, set }: Pick<SnapshotPlan, "evolved" | "set">,
): TableChange => {
  // Some catalogs refuse a schema id that is taken, others one that is missing.
  const id = Math.max(...metadata.schemas.map((schema) => schema["schema-id"])) + 1
  return {
    requirements:
      evolved === undefined
        ? []
        : [{ type: "assert-last-assigned-field-id", "last-assigned-field-id": metadata["last-column-id"] }],
    updates: [
      ...(evolved === undefined
        ? []
        : ([
            {
              action: "add-schema",
              schema: { ...evolved.schema, "schema-id": id },
              "last-column-id": evolved.lastColumnId,
            },
            { action: "set-current-schema", "schema-id": -1 },
          ] satisfies ReadonlyArray<Update>)),
      ...(set === undefined || Object.keys(set).length === 0
        ? []
        : ([{ action: "set-properties", updates: set }] satisfies ReadonlyArray<Update>)),
    ],
  }
}

/**
 * The commit, and the manifest list that has to be there before it. `manifests`: those of the current snapshot. `undefined` when a manifest that
 * the change rewrote is no longer one of the table: another writer rewrote it too, and the change must be staged again.
 */
export const planSnapshot = (
  metadata: TableMetadata,
  manifests: ReadonlyArray<ManifestFile>,
  staged: StagedChange,
  plan: SnapshotPlan,
): { readonly list: StagedFile; readonly snapshot: Snapshot; readonly change: TableChange } | undefined => {
  const known = new Set(manifests.map((manifest) => manifest.manifest_path))
  if ([...staged.rewritten.keys()].some((path) => !known.has(path))) return undefined
  const parent = currentSnapshot(metadata)
  const sequenceNumber = Number(metadata["last-sequence-number"]) + 1
  const written = [...(staged.added === undefined ? [] : [staged.added]), ...new Set(staged.rewritten.values())]
  const all = [
    ...written.map((manifest) => numbered(manifest, sequenceNumber)),
    ...manifests.filter((manifest) => !staged.rewritten.has(manifest.manifest_path) && hasLiveFiles(manifest)),
  ]
  const schemas = schemaUpdates(metadata, plan)
  const added = schemas.updates.find((update) => update.action === "add-schema")
  const id = staged.snapshotId
  const location = `${metadata.location}/metadata/snap-${id}-${plan.unique}.avro`
  const snapshot: Snapshot = {
    "snapshot-id": id,
    ...(parent === undefined ? {} : { "parent-snapshot-id": parent["snapshot-id"] }),
    "sequence-number": sequenceNumber,
    "timestamp-ms": Math.max(plan.now, metadata["last-updated-ms"]),
    "manifest-list": location,
    "schema-id": added?.schema["schema-id"] ?? metadata["current-schema-id"],
    summary: summarise(parent, plan.operation, staged.addedFiles, staged.removedFiles, plan.properties),
  }
  return {
    list: { location, bytes: writeManifestList(snapshot, all) },
    snapshot,
    change: {
      requirements: [...unchanged(metadata), ...schemas.requirements],
      updates: [
        ...schemas.updates,
        { action: "add-snapshot", snapshot },
        { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": id },
      ],
    },
  }
}
