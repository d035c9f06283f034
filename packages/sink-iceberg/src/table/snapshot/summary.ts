/** The summary of a snapshot: what changed and what there is now (specification, "Snapshot summary"). */
import type { Snapshot } from "../metadata/metadata.ts"
import type { DataFile } from "./manifest.ts"

/** What a snapshot did to the table. `replace`: other files, the same rows. */
export type Operation = "append" | "overwrite" | "delete" | "replace"

const sum = (files: ReadonlyArray<DataFile>, of: "record_count" | "file_size_in_bytes"): bigint =>
  files.reduce((total, file) => total + BigInt(file[of]), 0n)

/** Totals go on only where the parent has them: after a writer that leaves them out they would be wrong. */
const totals = (
  parent: Snapshot | undefined,
  changes: Readonly<Record<string, bigint>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(changes).flatMap(([name, change]) => {
      const before = parent === undefined ? "0" : parent.summary[name]
      return before === undefined ? [] : [[name, String(BigInt(before) + change)]]
    }),
  )

/** The summary after `parent`; `properties` are the writer's own. */
export const summarise = (
  parent: Snapshot | undefined,
  operation: Operation,
  added: ReadonlyArray<DataFile>,
  removed: ReadonlyArray<DataFile>,
  properties: Readonly<Record<string, string>>,
): Snapshot["summary"] => {
  const partitions = new Set([...added, ...removed].map((file) => JSON.stringify(file.partition)))
  const [records, size] = [sum(added, "record_count"), sum(added, "file_size_in_bytes")]
  const [lostRecords, lostSize] = [sum(removed, "record_count"), sum(removed, "file_size_in_bytes")]
  return {
    operation,
    ...(added.length === 0
      ? {}
      : {
          "added-data-files": String(added.length),
          "added-records": String(records),
          "added-files-size": String(size),
        }),
    ...(removed.length === 0
      ? {}
      : {
          "deleted-data-files": String(removed.length),
          "deleted-records": String(lostRecords),
          "removed-files-size": String(lostSize),
        }),
    "changed-partition-count": String(partitions.size),
    ...totals(parent, {
      "total-records": records - lostRecords,
      "total-files-size": size - lostSize,
      "total-data-files": BigInt(added.length - removed.length),
      "total-delete-files": 0n,
      "total-position-deletes": 0n,
      "total-equality-deletes": 0n,
    }),
    ...properties,
  }
}
