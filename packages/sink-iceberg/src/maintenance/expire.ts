/** Forgets old snapshots, then removes the files that only they needed. The ledger stays: it is in the table's properties. */
import type { SinkError } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type CatalogTable, type CommitConflict, nameOf } from "../catalog/catalog.ts"
import { failure } from "../failure.ts"
import type { Lakehouse } from "../lakehouse.ts"
import {
  ancestorsOf,
  currentSnapshot,
  snapshotOf,
  type Snapshot,
  type TableMetadata,
} from "../table/metadata/metadata.ts"
import { unchanged } from "../table/snapshot/plan.ts"
import { isOurs, propertiesOf, stateOf } from "../sink/table-state.ts"
import { everyFile, reachableFrom } from "./reachable.ts"

/** `keep`: so many of the newest snapshots stay. `olderThan`: those younger than so many ms stay: readers may be at work on them. */
export interface ExpireOptions {
  readonly keep: number
  readonly olderThan: number
  readonly apply: boolean
}

/** What was expired, or would be. */
export interface Expired {
  readonly table: string
  readonly snapshots: ReadonlyArray<string>
  readonly files: ReadonlyArray<string>
}

/** Snapshots that go: old ones, except the newest `keep` and all that a branch or tag names. */
export const expiredSnapshots = (
  metadata: TableMetadata,
  now: number,
  { keep, olderThan }: Pick<ExpireOptions, "keep" | "olderThan">,
): ReadonlyArray<Snapshot> => {
  const kept = new Set(
    ancestorsOf(metadata, currentSnapshot(metadata))
      .slice(0, Math.max(1, keep))
      .map((snapshot) => String(snapshot["snapshot-id"])),
  )
  for (const [name, reference] of Object.entries(metadata.refs ?? {})) {
    if (name === "main") continue
    const named = snapshotOf(metadata, reference["snapshot-id"])
    for (const snapshot of reference.type === "tag" && named !== undefined ? [named] : ancestorsOf(metadata, named))
      kept.add(String(snapshot["snapshot-id"]))
  }
  return (metadata.snapshots ?? []).filter(
    (snapshot) => !kept.has(String(snapshot["snapshot-id"])) && snapshot["timestamp-ms"] <= now - olderThan,
  )
}

/** Expires snapshots of one table. */
export const expireSnapshots = Effect.fn("Iceberg.expire")(function* (
  { catalog }: Lakehouse,
  table: CatalogTable,
  options: ExpireOptions,
): Effect.fn.Return<Expired, SinkError> {
  const { metadata, identifier } = table
  const gone = expiredSnapshots(metadata, yield* Clock.currentTimeMillis, options)
  const ids = new Set(gone.map((snapshot) => snapshot["snapshot-id"]))
  const stays = (metadata.snapshots ?? []).filter((snapshot) => !ids.has(snapshot["snapshot-id"]))
  const needed = everyFile(yield* reachableFrom(catalog.files, stays))
  const files = [...everyFile(yield* reachableFrom(catalog.files, gone))].filter((location) => !needed.has(location))
  if (options.apply && gone.length > 0) {
    yield* catalog
      .commit([
        {
          table,
          change: {
            requirements: unchanged(metadata),
            updates: [
              { action: "remove-snapshots", "snapshot-ids": gone.map((snapshot) => snapshot["snapshot-id"]) },
              // Which loads were rolled back is known by their snapshots, so it is settled before these go.
              ...(isOurs(metadata)
                ? [{ action: "set-properties" as const, updates: propertiesOf(stateOf(metadata)) }]
                : []),
            ],
          },
        },
      ])
      .pipe(Effect.catchTag("CommitConflict", (error: CommitConflict) => Effect.fail(busy(nameOf(identifier), error))))
    // Only now: a table that still names a file that is gone cannot be read.
    yield* catalog.files.remove(files)
  }
  return { table: identifier.name, snapshots: gone.map((snapshot) => String(snapshot["snapshot-id"])), files }
})

const busy = (name: string, { message }: CommitConflict): SinkError =>
  failure("maintain", `${name} was written to meanwhile (${message}): nothing was changed, run it again`)
