/** The files that a snapshot shows, out of its manifests. */
import type { Long } from "../values/json.ts"
import { type DataFile, DELETED, type Manifest } from "./manifest.ts"
import type { ManifestFile } from "./manifest-list.ts"

/** A file that is there, with what it inherits from its manifest. */
export interface LiveFile {
  readonly file: DataFile
  /** Deletes count for data that came before them. */
  readonly sequenceNumber: Long
  readonly specId: number
  /** The manifest that names it. */
  readonly manifest: string
}

/** The live files of one manifest. */
export const liveFilesOf = (listed: ManifestFile, manifest: Manifest): ReadonlyArray<LiveFile> =>
  manifest.records
    .filter((entry) => entry.status !== DELETED)
    .map((entry) => ({
      file: entry.data_file,
      sequenceNumber: entry.sequence_number ?? listed.sequence_number,
      specId: listed.partition_spec_id,
      manifest: listed.manifest_path,
    }))

/** Whether a manifest may name live files. */
export const hasLiveFiles = (manifest: ManifestFile): boolean =>
  manifest.added_files_count + manifest.existing_files_count > 0

/** The bound of a column; `undefined` when the file has none. */
export const boundOf = (file: DataFile, side: "lower" | "upper", fieldId: number): Uint8Array | undefined =>
  (side === "lower" ? file.lower_bounds : file.upper_bounds)?.find((bound) => bound.key === fieldId)?.value
