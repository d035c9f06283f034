/** Is a table what its metadata says? Every snapshot's manifests, and the data files of the current one. */
import type { SinkError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CatalogTable } from "../catalog/catalog.ts"
import { decide, fromEngine } from "../failure.ts"
import type { Files } from "../files/files.ts"
import type { Lakehouse } from "../lakehouse.ts"
import { manifestsOf, localPaths, scanSql } from "../read/scan.ts"
import { isOurs, stateOf } from "../sink/table-state.ts"
import { currentSnapshot, schemaOf, type Snapshot } from "../table/metadata/metadata.ts"
import { liveFilesOf, type LiveFile } from "../table/snapshot/live-files.ts"
import { readManifest } from "../table/snapshot/manifest.ts"
import type { ManifestFile } from "../table/snapshot/manifest-list.ts"
import type { OpenManifest } from "../table/snapshot/stage.ts"
import type { Problem } from "./problem.ts"
import { dataProblems } from "./verify-data.ts"
import { checkedSnapshots, manifestProblems, metadataProblems, snapshotProblems } from "./verify-metadata.ts"

/** What was looked at, and what is wrong. */
export interface Verified {
  readonly table: string
  readonly snapshots: number
  readonly manifests: number
  readonly files: number
  readonly problems: ReadonlyArray<Problem>
}

const unreadable = (location: string, error: SinkError): Problem => ({
  // Names of files hold any digits.
  kind: /ENOENT|NoSuchKey|404/.test(error.message.replaceAll(/\S*\/\S*/g, "")) ? "missing-file" : "damaged-file",
  location,
  message: error.message,
})

const openManifest = (files: Files, listed: ManifestFile) =>
  Effect.flatMap(files.read(listed.manifest_path), (bytes) =>
    decide("verify", `read the manifest ${listed.manifest_path}`, () => ({
      open: { listed, manifest: readManifest(bytes) } satisfies OpenManifest,
      bytes: bytes.length,
    })),
  )

/** The rows of each extraction of a history, as its changes sum up to them, by resource and instant. */
const historyCounts = (rows: string): string =>
  `select _dataset_id || ' ' || _resource_id as resource, epoch_ms(_valid_from) as instant,
     sum(sum(_change)) over (partition by _dataset_id, _resource_id order by _valid_from) as n
   from (${rows}) where _change is not null group by _dataset_id, _resource_id, _valid_from order by instant`

/** Loads of a history whose state has another number of rows than the file had. */
const historyProblems = (
  table: CatalogTable,
  counts: ReadonlyArray<Readonly<Record<string, unknown>>>,
): ReadonlyArray<Problem> =>
  stateOf(table.metadata).loads.flatMap(({ key, slice, rows }): ReadonlyArray<Problem> => {
    const resource = `${slice.dataset} ${slice.resource}`
    const until = counts.findLast(
      (one) => one["resource"] === resource && Number(one["instant"]) <= Date.parse(slice.extractedAt),
    )
    const held = Number(until?.["n"] ?? 0)
    return held === rows
      ? []
      : [
          {
            kind: "wrong-ledger",
            location: table.metadataLocation,
            message: `the load ${key} brought ${rows} rows, the changes up to it sum up to ${held}`,
          },
        ]
  })

/** Loads whose rows are not in the table, and rows without a load, by key. */
const ledgerProblems = Effect.fnUntraced(function* (
  { catalog, connection }: Lakehouse,
  table: CatalogTable,
  live: ReadonlyArray<LiveFile>,
): Effect.fn.Return<ReadonlyArray<Problem>, SinkError, Scope.Scope> {
  const { metadata } = table
  const paths = yield* localPaths(
    connection,
    catalog.files,
    live.map(({ file }) => file),
  )
  const state = stateOf(metadata)
  const scan = scanSql(schemaOf(metadata), paths)
  const rows = yield* connection
    .all(
      state.mode === "history"
        ? historyCounts(scan)
        : `select _load_id as key, count(*) as n from (${scan}) group by all`,
      "count the rows of each load",
    )
    .pipe(Effect.mapError(fromEngine("verify")))
  if (state.mode === "history") return historyProblems(table, rows)
  const held = new Map(rows.map((row) => [String(row["key"]), Number(row["n"])]))
  return state.loads.flatMap((entry): ReadonlyArray<Problem> => {
    const count = held.get(entry.key) ?? 0
    // A newer extraction took the place of the rows.
    if (count === entry.rows || (state.mode === "latest" && count === 0)) return []
    return [
      {
        kind: "wrong-ledger",
        location: table.metadataLocation,
        message: `the load ${entry.key} brought ${entry.rows} rows, the table has ${count} of them`,
      },
    ]
  })
}, Effect.scoped)

/** Checks one table. */
export const verifyTable = Effect.fn("Iceberg.verify")(function* (
  lakehouse: Lakehouse,
  table: CatalogTable,
): Effect.fn.Return<Verified, SinkError> {
  const { files } = lakehouse.catalog
  const { metadata } = table
  const problems: Array<Problem> = [...metadataProblems(metadata, table.metadataLocation)]
  const opened = new Map<string, { readonly open: OpenManifest; readonly bytes: number } | undefined>()
  const liveIn = Effect.fnUntraced(function* (snapshot: Snapshot) {
    const listed = yield* Effect.result(manifestsOf(files, snapshot))
    if (listed._tag === "Failure") {
      problems.push(unreadable(snapshot["manifest-list"], listed.failure))
      return undefined
    }
    const live: Array<LiveFile> = []
    let isWhole = true
    for (const manifest of listed.success) {
      const path = manifest.manifest_path
      if (!opened.has(path)) {
        const read = yield* Effect.result(openManifest(files, manifest))
        if (read._tag === "Failure") problems.push(unreadable(path, read.failure))
        else problems.push(...manifestProblems(read.success.open, read.success.bytes))
        opened.set(path, read._tag === "Failure" ? undefined : read.success)
      }
      const known = opened.get(path)
      if (known === undefined) isWhole = false
      else live.push(...liveFilesOf(manifest, known.open.manifest))
    }
    if (isWhole) problems.push(...snapshotProblems(snapshot, live))
    return isWhole ? live : undefined
  })
  const current = currentSnapshot(metadata)
  let checked = 0
  for (const snapshot of checkedSnapshots(metadata)) {
    const live = yield* liveIn(snapshot)
    if (snapshot !== current || live === undefined) continue
    checked = live.length
    const inData = yield* dataProblems(lakehouse.connection, files, metadata, live)
    problems.push(...inData)
    const isReadable = !inData.some(({ kind }) => ["missing-file", "damaged-file", "no-field-ids"].includes(kind))
    if (isReadable && isOurs(metadata)) problems.push(...(yield* ledgerProblems(lakehouse, table, live)))
  }
  return {
    table: table.identifier.name,
    snapshots: metadata.snapshots?.length ?? 0,
    manifests: opened.size,
    files: checked,
    problems,
  }
})
