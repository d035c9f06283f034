import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathOf } from "../src/files/local-files.ts"
import { compactTable } from "../src/maintenance/compact.ts"
import { expireSnapshots } from "../src/maintenance/expire.ts"
import { removeOrphans } from "../src/maintenance/orphans.ts"
import type { Problem } from "../src/maintenance/problem.ts"
import { verifyTable } from "../src/maintenance/verify.ts"
import { manifestsOf } from "../src/read/scan.ts"
import { readAvro, writeAvro } from "../src/table/avro/container.ts"
import { currentSnapshot, type TableMetadata } from "../src/table/metadata/metadata.ts"
import type { ManifestEntry } from "../src/table/snapshot/manifest.ts"
import type { ManifestFile } from "../src/table/snapshot/manifest-list.ts"
import { formatJson, parseJson } from "../src/table/values/json.ts"
import { inScene, openScene, type Scene } from "./scene.ts"
import { loadQuery, sliceOf } from "./loading.ts"
import { run, temporaryFolder } from "./tables.ts"

const rowsOf = (from: number, to: number): string =>
  `select range as id, 'v' || range as v, (range / 3)::decimal(9,2) as d from range(${from}, ${to})`

/** Three resources a day, for two days. */
const sixLoads = Effect.fnUntraced(function* ({ session, lakehouse }: Scene) {
  for (const [day, resource, from] of [
    ["2026-01-01", "r1", 0],
    ["2026-01-01", "r2", 10],
    ["2026-01-01", "r3", 20],
    ["2026-01-02", "r1", 30],
    ["2026-01-02", "r2", 40],
    ["2026-01-02", "r3", 50],
  ] as const)
    yield* loadQuery(session, lakehouse.connection, {
      key: `${day} ${resource}`,
      slice: sliceOf(day, resource),
      table: "t",
      sql: rowsOf(from, from + 10),
    })
})

describe("maintenance", () => {
  it("compacts the small files of each day, says so first, and leaves rows, ledger and older snapshots as they are", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const { lakehouse } = scene
        yield* sixLoads(scene)
        const before = yield* scene.table
        const plan = yield* compactTable(lakehouse, before, { apply: false })
        assert.deepInclude(plan, { files: 6, into: 2, manifests: 6 })
        assert.strictEqual((yield* scene.table).metadataLocation, before.metadataLocation)
        yield* compactTable(lakehouse, before, { apply: true })
        const after = yield* scene.table
        const snapshot = currentSnapshot(after.metadata)
        assert.strictEqual(snapshot?.summary["operation"], "replace")
        assert.strictEqual(snapshot?.summary["total-data-files"], "2")
        assert.lengthOf(yield* manifestsOf(lakehouse.catalog.files, snapshot), 2)
        assert.strictEqual(yield* scene.differences(yield* scene.rows(), rowsOf(0, 60)), 0)
        assert.strictEqual(
          yield* scene.differences(yield* scene.rows(currentSnapshot(before.metadata)), rowsOf(0, 60)),
          0,
        )
        assert.lengthOf(yield* scene.session.loads({}), 6)
        assert.deepStrictEqual((yield* verifyTable(lakehouse, after)).problems, [])
        // A slice inside a compacted file is still replaced alone.
        yield* loadQuery(scene.session, lakehouse.connection, {
          key: "again",
          slice: sliceOf("2026-01-01", "r2"),
          table: "t",
          sql: rowsOf(100, 101),
        })
        const expected = `${rowsOf(0, 10)} union all ${rowsOf(20, 60)} union all ${rowsOf(100, 101)}`
        assert.strictEqual(yield* scene.differences(yield* scene.rows(), expected), 0)
        assert.deepStrictEqual((yield* verifyTable(lakehouse, yield* scene.table)).problems, [])
      }),
    ))

  it("does not lose a load that comes while it compacts", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* sixLoads(scene)
        const before = yield* scene.table
        yield* scene.load("2026-01-03", rowsOf(60, 70))
        yield* compactTable(scene.lakehouse, before, { apply: true })
        assert.strictEqual(yield* scene.differences(yield* scene.rows(), rowsOf(0, 70)), 0)
      }),
    ))

  it("refuses to compact what was replaced meanwhile", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* sixLoads(scene)
        const before = yield* scene.table
        yield* scene.load("2026-01-01", rowsOf(900, 901), { key: "again" })
        const error = yield* Effect.flip(compactTable(scene.lakehouse, before, { apply: true }))
        assert.include(error.message, "nothing was changed")
        assert.strictEqual(
          yield* scene.differences(yield* scene.rows(), `${rowsOf(10, 60)} union all ${rowsOf(900, 901)}`),
          0,
        )
      }),
    ))

  it("expires old snapshots with the files that only they need, and still knows which loads it holds", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const { lakehouse } = scene
        yield* sixLoads(scene)
        yield* scene.load("2026-01-01", rowsOf(900, 901), { key: "again" })
        const before = scene.files()
        const plan = yield* expireSnapshots(lakehouse, yield* scene.table, { keep: 1, olderThan: 0, apply: false })
        assert.lengthOf(plan.snapshots, 6)
        assert.deepStrictEqual(scene.files(), before)
        const done = yield* expireSnapshots(lakehouse, yield* scene.table, { keep: 1, olderThan: 0, apply: true })
        assert.sameMembers([...done.files], [...plan.files])
        assert.lengthOf((yield* scene.table).metadata.snapshots ?? [], 1)
        const expected = `${rowsOf(10, 60)} union all ${rowsOf(900, 901)}`
        assert.strictEqual(yield* scene.differences(yield* scene.rows(), expected), 0)
        assert.deepStrictEqual((yield* verifyTable(lakehouse, yield* scene.table)).problems, [])
        const receipt = yield* scene.load("2026-01-01", rowsOf(900, 901), { key: "again" })
        assert.strictEqual(receipt.outcome, "already-loaded")
      }),
    ))

  it("keeps what is young, what a tag names, and the newest", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* sixLoads(scene)
        const table = yield* scene.table
        const [first] = table.metadata.snapshots ?? []
        yield* scene.lakehouse.catalog.commit([
          {
            table,
            change: {
              requirements: [],
              updates: [
                {
                  action: "set-snapshot-ref",
                  "ref-name": "audit",
                  type: "tag",
                  "snapshot-id": first?.["snapshot-id"] ?? 0,
                },
              ],
            },
          },
        ])
        const young = yield* expireSnapshots(scene.lakehouse, yield* scene.table, {
          keep: 1,
          olderThan: 60_000,
          apply: true,
        })
        assert.deepStrictEqual(young.snapshots, [])
        yield* expireSnapshots(scene.lakehouse, yield* scene.table, { keep: 2, olderThan: 0, apply: true })
        assert.lengthOf((yield* scene.table).metadata.snapshots ?? [], 3)
        assert.strictEqual(yield* scene.differences(yield* scene.rows(first), rowsOf(0, 10)), 0)
      }),
    ))

  it("removes the files that nothing names, but not young ones", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* sixLoads(scene)
        const kept = scene.files()
        const data = join(scene.folder, "bronze", "t", "data", "lost.parquet")
        const manifest = join(scene.folder, "bronze", "t", "metadata", "lost-m0.avro")
        for (const path of [data, manifest]) writeFileSync(path, "left by a killed writer")
        utimesSync(data, 0, 0)
        const table = yield* scene.table
        const plan = yield* removeOrphans(scene.lakehouse, table, { olderThan: 3_600_000, apply: false })
        assert.deepStrictEqual(
          plan.files.map((file) => pathOf(file.location)),
          [data],
        )
        yield* removeOrphans(scene.lakehouse, table, { olderThan: 3_600_000, apply: true })
        assert.deepStrictEqual(scene.files(), [...kept, manifest].toSorted())
        yield* removeOrphans(scene.lakehouse, table, { olderThan: -1000, apply: true })
        assert.deepStrictEqual(scene.files(), kept)
      }),
    ))
})

/** What is damaged: each gets the table, and tells the kind of problem that has to be found. */
const corruptions: Readonly<Record<string, readonly [expected: Problem["kind"], plant: (planted: Planted) => void]>> = {
  "a data file that is gone": ["missing-file", ({ data }) => rmSync(data)],
  "a data file that was cut": ["damaged-file", ({ data }) => truncateSync(data, 100)],
  "a data file with other rows": ["wrong-count", ({ data, other }) => writeFileSync(data, readFileSync(other))],
  "bytes after a data file": [
    "wrong-size",
    ({ entry }) => entry((one) => ({ ...one, data_file: { ...one.data_file, file_size_in_bytes: 1 } })),
  ],
  "a manifest that is gone": ["missing-file", ({ manifest }) => rmSync(manifest)],
  "a manifest that was cut": ["damaged-file", ({ manifest }) => truncateSync(manifest, 300)],
  "a manifest of another size": ["wrong-size", ({ listed }) => listed((one) => ({ ...one, manifest_length: 12 }))],
  "a manifest list that is gone": ["missing-file", ({ list }) => rmSync(list)],
  "a manifest list that is no Avro": ["damaged-file", ({ list }) => writeFileSync(list, "<html>")],
  "a wrong number of rows in a manifest": [
    "wrong-count",
    ({ entry }) => entry((one) => ({ ...one, data_file: { ...one.data_file, record_count: 11 } })),
  ],
  "a wrong number of files in the list": [
    "wrong-count",
    ({ listed }) => listed((one) => ({ ...one, added_files_count: 2 })),
  ],
  "an upper bound below the values": [
    "wrong-bound",
    ({ entry }) =>
      entry((one) => ({
        ...one,
        data_file: {
          ...one.data_file,
          upper_bounds: (one.data_file.upper_bounds ?? []).map((bound) => ({
            ...bound,
            value: Buffer.alloc(bound.value.length),
          })),
        },
      })),
  ],
  "a file in the wrong partition": [
    "wrong-partition",
    ({ entry }) => entry((one) => ({ ...one, data_file: { ...one.data_file, partition: { _extraction_date: 3 } } })),
  ],
  "a file that is named twice": ["named-twice", ({ entries }) => entries((all) => [...all, ...all])],
  "a file from after its manifest": ["wrong-order", ({ entry }) => entry((one) => ({ ...one, sequence_number: 99 }))],
  "totals that are not the sum": [
    "wrong-count",
    ({ metadata }) =>
      metadata((one) => ({
        ...one,
        snapshots: (one.snapshots ?? []).map((snapshot) => ({
          ...snapshot,
          summary: { ...snapshot.summary, "total-records": "12345" },
        })),
      })),
  ],
  "a current snapshot that is not there": [
    "wrong-reference",
    ({ metadata }) => metadata((one) => ({ ...one, "current-snapshot-id": 4711 })),
  ],
  "a sequence number from the future": [
    "wrong-order",
    ({ metadata }) => metadata((one) => ({ ...one, "last-sequence-number": 0 })),
  ],
  "a partition spec that is not there": [
    "wrong-reference",
    ({ metadata }) => metadata((one) => ({ ...one, "default-spec-id": 7 })),
  ],
  "a load that the ledger invents": [
    "wrong-ledger",
    ({ metadata }) =>
      metadata((one) => ({
        ...one,
        properties: {
          ...one.properties,
          "odh.loads": (one.properties?.["odh.loads"] ?? "").replace('"rows":10', '"rows":12'),
        },
      })),
  ],
}

interface Planted {
  readonly data: string
  readonly other: string
  readonly manifest: string
  readonly list: string
  readonly entry: (change: (entry: ManifestEntry) => ManifestEntry) => void
  readonly entries: (change: (entries: ReadonlyArray<ManifestEntry>) => ReadonlyArray<ManifestEntry>) => void
  readonly listed: (change: (manifest: ManifestFile) => ManifestFile) => void
  readonly metadata: (change: (metadata: TableMetadata) => TableMetadata) => void
}

const rewriteAvro = <Record>(path: string, change: (records: ReadonlyArray<Record>) => ReadonlyArray<Record>): void => {
  const file = readAvro<Record>(readFileSync(path))
  writeFileSync(path, writeAvro({ ...file, records: change(file.records) }))
}

describe("verify", () => {
  for (const [name, [expected, plant]] of Object.entries(corruptions)) {
    it(`finds ${name}`, async () => {
      const folder = temporaryFolder()
      await run(
        Effect.gen(function* () {
          const scene = yield* openScene(folder)
          yield* scene.load("2026-01-01", rowsOf(0, 10))
          yield* scene.load("2026-01-02", rowsOf(10, 30))
          const table = yield* scene.table
          assert.deepStrictEqual((yield* verifyTable(scene.lakehouse, table)).problems, [])
          const [first, second] = table.metadata.snapshots ?? []
          const list = pathOf(second?.["manifest-list"] ?? "")
          const manifests = yield* manifestsOf(scene.lakehouse.catalog.files, first)
          const manifest = pathOf(manifests[0]?.manifest_path ?? "")
          const inManifest = readAvro<ManifestEntry>(readFileSync(manifest)).records
          const data = pathOf(inManifest[0]?.data_file.file_path ?? "")
          const other = scene.files().find((path) => path.endsWith(".parquet") && path !== data) ?? ""
          plant({
            data,
            other,
            manifest,
            list,
            entry: (change) => rewriteAvro<ManifestEntry>(manifest, (entries) => entries.map(change)),
            entries: (change) => rewriteAvro<ManifestEntry>(manifest, change),
            listed: (change) =>
              rewriteAvro<ManifestFile>(list, (all) => all.map((one, index) => (index === 0 ? change(one) : one))),
            metadata: (change) => {
              const path = pathOf(table.metadataLocation)
              writeFileSync(path, formatJson(change(parseJson(readFileSync(path, "utf8")) as TableMetadata)))
            },
          })
        }),
      )
      const { problems } = await run(
        Effect.gen(function* () {
          const scene = yield* openScene(folder)
          return yield* verifyTable(scene.lakehouse, yield* scene.table)
        }),
      )
      assert.include(
        problems.map((problem) => problem.kind),
        expected,
        JSON.stringify(problems, undefined, 1),
      )
    })
  }
})
