/** Whether metadata, lists and manifests agree with each other: decided from what was read, without touching data. */
import {
  currentSnapshot,
  schemaOf,
  specOf,
  snapshotOf,
  type Snapshot,
  type TableMetadata,
} from "../table/metadata/metadata.ts"
import { highestFieldId } from "../table/metadata/schema.ts"
import type { LiveFile } from "../table/snapshot/live-files.ts"
import { ADDED, DELETED, EXISTING } from "../table/snapshot/manifest.ts"
import type { OpenManifest } from "../table/snapshot/stage.ts"
import type { Problem } from "./problem.ts"

const attempt = (location: string, run: () => unknown): ReadonlyArray<Problem> => {
  try {
    run()
    return []
  } catch (cause) {
    return [{ kind: "wrong-reference", location, message: cause instanceof Error ? cause.message : String(cause) }]
  }
}

/** The metadata file in itself. */
export const metadataProblems = (metadata: TableMetadata, location: string): ReadonlyArray<Problem> => {
  const problem = (kind: Problem["kind"], message: string): Problem => ({ kind, location, message })
  const snapshots = metadata.snapshots ?? []
  const current = metadata["current-snapshot-id"] ?? -1
  const newest = snapshots.reduce(
    (most, one) => (BigInt(one["sequence-number"]) > most ? BigInt(one["sequence-number"]) : most),
    0n,
  )
  return [
    ...attempt(location, () => schemaOf(metadata)),
    ...attempt(location, () => specOf(metadata)),
    ...(BigInt(current) !== -1n && snapshotOf(metadata, current) === undefined
      ? [problem("wrong-reference", `the current snapshot ${current} is not among the snapshots`)]
      : []),
    ...Object.entries(metadata.refs ?? {}).flatMap(([name, reference]) =>
      snapshotOf(metadata, reference["snapshot-id"]) === undefined
        ? [problem("wrong-reference", `"${name}" names the snapshot ${reference["snapshot-id"]}, which is not there`)]
        : [],
    ),
    ...(newest > BigInt(metadata["last-sequence-number"])
      ? [
          problem(
            "wrong-order",
            `a snapshot has the sequence number ${newest}, the table says ${metadata["last-sequence-number"]}`,
          ),
        ]
      : []),
    ...metadata.schemas.flatMap((schema) =>
      highestFieldId(schema) > metadata["last-column-id"]
        ? [
            problem(
              "wrong-order",
              `schema ${schema["schema-id"]} has the field id ${highestFieldId(schema)}, above the last one given`,
            ),
          ]
        : [],
    ),
  ]
}

/** A manifest against what its list says of it. `bytes`: its size. */
export const manifestProblems = ({ listed, manifest }: OpenManifest, bytes: number): ReadonlyArray<Problem> => {
  const location = listed.manifest_path
  const count = (status: number): readonly [number, number] => {
    const entries = manifest.records.filter((entry) => entry.status === status)
    return [entries.length, entries.reduce((sum, entry) => sum + Number(entry.data_file.record_count), 0)]
  }
  const expected = [
    ["added", count(ADDED), listed.added_files_count, listed.added_rows_count],
    ["existing", count(EXISTING), listed.existing_files_count, listed.existing_rows_count],
    ["deleted", count(DELETED), listed.deleted_files_count, listed.deleted_rows_count],
  ] as const
  return [
    ...(Number(listed.manifest_length) === bytes
      ? []
      : [
          {
            kind: "wrong-size" as const,
            location,
            message: `the list says ${listed.manifest_length} bytes, it has ${bytes}`,
          },
        ]),
    ...expected.flatMap(([what, [files, rows], saidFiles, saidRows]): ReadonlyArray<Problem> =>
      files === saidFiles && rows === Number(saidRows)
        ? []
        : [
            {
              kind: "wrong-count",
              location,
              message: `the list says ${saidFiles} ${what} file(s) with ${saidRows} rows, it has ${files} with ${rows}`,
            },
          ],
    ),
    ...manifest.records.flatMap((entry): ReadonlyArray<Problem> =>
      entry.sequence_number !== null && BigInt(entry.sequence_number) > BigInt(listed.sequence_number)
        ? [{ kind: "wrong-order", location, message: `${entry.data_file.file_path} is newer than its manifest` }]
        : [],
    ),
  ]
}

/** Files that are there twice, and totals of the snapshot that are not the sum of its files. */
export const snapshotProblems = (snapshot: Snapshot, live: ReadonlyArray<LiveFile>): ReadonlyArray<Problem> => {
  const seen = new Set<string>()
  const location = snapshot["manifest-list"]
  const data = live.filter(({ file }) => file.content === 0)
  const totals = {
    "total-records": data.reduce((sum, { file }) => sum + BigInt(file.record_count), 0n),
    "total-data-files": BigInt(data.length),
    "total-files-size": live.reduce((sum, { file }) => sum + BigInt(file.file_size_in_bytes), 0n),
  }
  return [
    ...data.flatMap(({ file: { file_path: path }, manifest }): ReadonlyArray<Problem> => {
      if (!seen.has(path)) {
        seen.add(path)
        return []
      }
      return [
        { kind: "named-twice", location: path, message: `it is named again in ${manifest}: its rows count twice` },
      ]
    }),
    ...Object.entries(totals).flatMap(([name, sum]): ReadonlyArray<Problem> => {
      const said = snapshot.summary[name]
      return said === undefined || BigInt(said) === sum
        ? []
        : [{ kind: "wrong-count", location, message: `${name} is said to be ${said}, the files make ${sum}` }]
    }),
  ]
}

/** The snapshot to check first: the one that readers see. */
export const checkedSnapshots = (metadata: TableMetadata): ReadonlyArray<Snapshot> => {
  const current = currentSnapshot(metadata)
  return [...(current === undefined ? [] : [current]), ...(metadata.snapshots ?? []).filter((one) => one !== current)]
}
