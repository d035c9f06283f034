/** Every file that snapshots of a table need. */
import type { SinkError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { Files } from "../files/files.ts"
import { manifestsOf, openManifests } from "../read/scan.ts"
import type { Snapshot } from "../table/metadata/metadata.ts"
import { DELETED } from "../table/snapshot/manifest.ts"
import type { ManifestFile } from "../table/snapshot/manifest-list.ts"

/** One spelling of a location: Java writes `file:/a`, some writers `s3a://`. */
export const sameLocation = (location: string): string =>
  location
    .replace(/^file:\/*/, "file:///")
    .replace(/^s3[an]:/, "s3:")
    .replace(/^\//, "file:///")

/** Files that snapshots need, by kind. */
export interface Reachable {
  readonly lists: ReadonlySet<string>
  readonly manifests: ReadonlySet<string>
  readonly data: ReadonlySet<string>
}

/** Follows lists and manifests; a manifest that several snapshots share is read once. */
export const reachableFrom = Effect.fn("Iceberg.reachable")(function* (
  files: Files,
  snapshots: ReadonlyArray<Snapshot>,
): Effect.fn.Return<Reachable, SinkError> {
  const manifests = new Map<string, ManifestFile>()
  for (const snapshot of snapshots)
    for (const manifest of yield* manifestsOf(files, snapshot)) manifests.set(manifest.manifest_path, manifest)
  const open = yield* openManifests(files, [...manifests.values()])
  return {
    lists: new Set(snapshots.map((snapshot) => sameLocation(snapshot["manifest-list"]))),
    manifests: new Set([...manifests.keys()].map(sameLocation)),
    data: new Set(
      open.flatMap(({ manifest }) =>
        manifest.records
          .filter((entry) => entry.status !== DELETED)
          .map((entry) => sameLocation(entry.data_file.file_path)),
      ),
    ),
  }
})

/** All of them. */
export const everyFile = ({ lists, manifests, data }: Reachable): ReadonlySet<string> =>
  new Set([...lists, ...manifests, ...data])
