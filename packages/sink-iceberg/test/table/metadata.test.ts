import { assert, describe, it } from "@effect/vitest"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { currentSnapshot, newMetadata, snapshotAt, type TableMetadata } from "../../src/table/metadata/metadata.ts"
import { evolveSchema, type StructType } from "../../src/table/metadata/schema.ts"
import { applyUpdates, unmet } from "../../src/table/metadata/updates.ts"
import type { DataFile } from "../../src/table/snapshot/manifest.ts"
import { readManifest } from "../../src/table/snapshot/manifest.ts"
import { type ManifestFile, readManifestList } from "../../src/table/snapshot/manifest-list.ts"
import { planSnapshot, unchanged } from "../../src/table/snapshot/plan.ts"
import { stageChange } from "../../src/table/snapshot/stage.ts"
import { dataFileOf } from "../../src/table/values/column-statistics.ts"
import { formatJson, parseJson } from "../../src/table/values/json.ts"

const schema: StructType = {
  type: "struct",
  fields: [
    { id: 1, name: "_extraction_date", required: false, type: "date" },
    { id: 2, name: "code", required: false, type: "string", doc: "Code" },
  ],
}
const empty = newMetadata({
  uuid: "6f1c1f5e-0000-4000-8000-000000000000",
  location: "file:///lake/bronze/t",
  schema,
  partitionBy: ["_extraction_date"],
  properties: { "odh.mode": "snapshots" },
  now: 1_000,
})

const file = (name: string, day: number): DataFile =>
  dataFileOf(
    schema,
    {
      rows: 2,
      bytes: 500,
      columns: { '"code"': { min: "01001", max: "2A004", null_count: "0", num_values: "2", column_size_bytes: "60" } },
    },
    `${empty.location}/data/${name}.parquet`,
    { _extraction_date: day },
  )

/** A commit of files on a table whose lists are kept in memory. */
const commit = (
  metadata: TableMetadata,
  manifests: ReadonlyArray<ManifestFile>,
  snapshotId: number,
  change: Omit<Parameters<typeof stageChange>[1], "snapshotId" | "unique">,
  evolved?: Parameters<typeof planSnapshot>[3]["evolved"],
) => {
  const { staged, files } = stageChange(metadata, { ...change, snapshotId, unique: `u${snapshotId}` })
  const planned = planSnapshot(metadata, manifests, staged, {
    operation: change.removed.size === 0 ? "append" : "overwrite",
    properties: { "odh.load-key": `k${snapshotId}` },
    now: 1_000 + snapshotId,
    unique: `u${snapshotId}`,
    ...(evolved === undefined ? {} : { evolved }),
  })
  if (planned === undefined) throw new Error("the change does not fit")
  return {
    files,
    metadata: applyUpdates(metadata, planned.change.updates, {
      previous: `file:///lake/v${snapshotId}`,
      now: 2_000 + snapshotId,
    }),
    manifests: readManifestList(planned.list.bytes),
  }
}

const firstOf = <A>(list: ReadonlyArray<A>): A => {
  const [first] = list
  if (first === undefined) throw new Error("the list is empty")
  return first
}

const golden = (name: string, value: unknown): void => {
  const path = join(import.meta.dirname, "golden", name)
  const plain: unknown = JSON.parse(formatJson(value))
  if (process.env["ODH_GOLDEN"] === "1") writeFileSync(path, `${JSON.stringify(plain, undefined, 2)}\n`)
  assert.deepStrictEqual(plain, JSON.parse(readFileSync(path, "utf8")))
}

describe("table metadata", () => {
  it("is what it was: a new table, an append, an evolution with a replaced file", () => {
    golden("new-table.json", empty)
    const first = commit(empty, [], 1, {
      added: [file("a", 20_000), file("b", 20_000)],
      removed: new Set(),
      touched: [],
    })
    golden("appended.json", first.metadata)
    const evolved = evolveSchema(firstOf(first.metadata.schemas), first.metadata["last-column-id"], [
      { change: "add", name: "n", type: "long" },
    ])
    const second = commit(
      first.metadata,
      first.manifests,
      2,
      {
        added: [file("c", 20_001)],
        removed: new Set([`${empty.location}/data/a.parquet`]),
        touched: [{ listed: firstOf(first.manifests), manifest: readManifest(firstOf(first.files).bytes) }],
      },
      evolved,
    )
    golden("replaced.json", second.metadata)
    golden(
      "manifests.json",
      second.manifests.map((manifest) => ({
        ...manifest,
        manifest_length: 0,
        partitions: manifest.partitions?.map((one) => Buffer.from(one.lower_bound ?? []).toString("hex")),
      })),
    )
    const rewritten = readManifest(firstOf(second.files).bytes).records
    assert.deepStrictEqual(
      rewritten.map((entry) => [entry.status, entry.snapshot_id, entry.sequence_number, entry.file_sequence_number]),
      [
        [2, 2, 1, 1],
        [0, 1, 1, 1],
      ],
    )
  })

  it("says which requirement is not met any more", () => {
    const { metadata } = commit(empty, [], 1, { added: [file("a", 1)], removed: new Set(), touched: [] })
    assert.isUndefined(unmet(metadata, unchanged(metadata)))
    assert.strictEqual(unmet(metadata, unchanged(empty))?.type, "assert-ref-snapshot-id")
    assert.strictEqual(unmet(empty, unchanged(metadata))?.type, "assert-ref-snapshot-id")
    assert.strictEqual(unmet(metadata, [{ type: "assert-table-uuid", uuid: "other" }])?.type, "assert-table-uuid")
    assert.strictEqual(
      unmet(metadata, [{ type: "assert-last-assigned-field-id", "last-assigned-field-id": 9 }])?.type,
      "assert-last-assigned-field-id",
    )
  })

  it("does not plan on manifests that another writer replaced", () => {
    const first = commit(empty, [], 1, { added: [file("a", 1)], removed: new Set(), touched: [] })
    const { staged } = stageChange(first.metadata, {
      snapshotId: 2,
      unique: "u2",
      added: [],
      removed: new Set([`${empty.location}/data/a.parquet`]),
      touched: [{ listed: firstOf(first.manifests), manifest: readManifest(firstOf(first.files).bytes) }],
    })
    const others = first.manifests.map((manifest) => ({ ...manifest, manifest_path: "file:///elsewhere.avro" }))
    const plan = { operation: "delete", properties: {}, now: 0, unique: "u" } as const
    assert.isDefined(planSnapshot(first.metadata, first.manifests, staged, plan))
    assert.isUndefined(planSnapshot(first.metadata, others, staged, plan))
  })

  it("never goes back in time, and finds what was there at an instant", () => {
    const first = commit(empty, [], 1, { added: [file("a", 1)], removed: new Set(), touched: [] })
    const second = commit(first.metadata, first.manifests, 2, {
      added: [file("b", 1)],
      removed: new Set(),
      touched: [],
    })
    const times = (second.metadata.snapshots ?? []).map((snapshot) => snapshot["timestamp-ms"])
    assert.deepStrictEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
    assert.isAtLeast(second.metadata["last-updated-ms"], first.metadata["last-updated-ms"])
    assert.isUndefined(snapshotAt(second.metadata, 0))
    assert.strictEqual(snapshotAt(second.metadata, Number.MAX_SAFE_INTEGER), currentSnapshot(second.metadata))
    const gone = applyUpdates(second.metadata, [{ action: "remove-snapshots", "snapshot-ids": [1] }], {
      previous: "p",
      now: 0,
    })
    assert.deepStrictEqual(
      gone["snapshot-log"]?.map((entry) => entry["snapshot-id"]),
      [2],
    )
    assert.strictEqual(gone["last-updated-ms"], second.metadata["last-updated-ms"])
  })

  it("keeps a hundred names of its older selves, and ids of 64 bits", () => {
    let metadata = parseJson(
      formatJson({ ...empty, snapshots: [], "current-snapshot-id": -1, "x-of-others": 7556600211296976069n }),
    ) as TableMetadata
    for (let version = 0; version < 130; version++)
      metadata = applyUpdates(metadata, [{ action: "set-properties", updates: { v: String(version) } }], {
        previous: `v${version}`,
        now: version,
      })
    assert.lengthOf(metadata["metadata-log"] ?? [], 100)
    assert.strictEqual(metadata["metadata-log"]?.at(-1)?.["metadata-file"], "v129")
    assert.include(formatJson(metadata), '"x-of-others":7556600211296976069')
  })
})
