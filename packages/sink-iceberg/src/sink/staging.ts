/**
 * The files of a change: data files of what comes and of what stays of files that go, and their manifests. What was written in an earlier try is used again
 * while it fits: after a lost race, that is all but the manifest list.
 */
import { misconfigured } from "@opendatahub-sql/core"
import type { Connection } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { randomInt, randomUUID } from "node:crypto"
import { type Catalog, nameOf, type TableIdentifier } from "../catalog/catalog.ts"
import { dataWriter } from "../data/data-writer.ts"
import { filesOfRemoval, mayHold, type Removal, type TouchedFiles } from "../data/slice-files.ts"
import { decide, failure } from "../failure.ts"
import { historyRows } from "../history/arriving.ts"
import { openManifests } from "../read/scan.ts"
import { snapshotOf, specOf, type TableMetadata } from "../table/metadata/metadata.ts"
import { hasLiveFiles, liveFilesOf } from "../table/snapshot/live-files.ts"
import type { DataFile } from "../table/snapshot/manifest.ts"
import type { ManifestFile } from "../table/snapshot/manifest-list.ts"
import { type OpenManifest, stageChange, type StagedChange } from "../table/snapshot/stage.ts"
import { daysOf } from "../table/values/instants.ts"
import { type ColumnPlan, PARTITION_COLUMN } from "./columns.ts"
import type { Intent } from "./intent.ts"
import { knownColumns } from "./table-state.ts"
import { checkFlat } from "./writable.ts"

const partitionOf = (metadata: TableMetadata, day: string): DataFile["partition"] => ({
  [specOf(metadata).fields[0]?.name ?? PARTITION_COLUMN]: daysOf(day) ?? null,
})

/** What a try is made of. `restarts`: the table becomes another kind of table, or its rows are not what they were: it starts empty. */
export interface Staging {
  readonly metadata: TableMetadata
  readonly plan: ColumnPlan
  /** Rows that go; none when the table has none of the slice. A history has rows of the resource when it is there. */
  readonly removal: Removal | undefined
  readonly comes: boolean
  readonly isHistory: boolean
  readonly restarts: boolean
}

/** Stages one change of one table, in as many tries as it takes. */
export const tableStaging = (
  catalog: Catalog,
  connection: Connection,
  name: TableIdentifier,
  intent: Intent,
  scope: Scope.Scope,
) => {
  const { files } = catalog
  const snapshotId = randomInt(2 ** 47)
  const unique = randomUUID()
  const writer = dataWriter(files, connection, scope)
  const findHistory = historyRows(
    catalog,
    connection,
    name,
    { slice: intent.slice, parent: intent.schema?.parent, load: intent.history?.load, family: intent.history?.family },
    scope,
  )
  const opened = new Map<string, OpenManifest>()
  let tries = 0
  let lastStaged: { readonly fits: string; readonly staged: StagedChange } | undefined

  const manifests = Effect.fnUntraced(function* (listed: ReadonlyArray<ManifestFile>) {
    const missing = listed.filter((one) => !opened.has(one.manifest_path))
    for (const one of yield* openManifests(files, missing)) opened.set(one.listed.manifest_path, one)
    return listed.flatMap((one) => opened.get(one.manifest_path) ?? [])
  })

  /** The rows that come, by the day of their partition. */
  const arrive = Effect.fnUntraced(function* (
    { metadata, plan, isHistory, restarts, comes }: Staging,
    open: ReadonlyArray<OpenManifest>,
  ) {
    if (!isHistory)
      return [
        {
          day: intent.slice.extractedAt.slice(0, 10),
          written: yield* writer.write(metadata, plan.schema, comes ? intent.rows(plan.schema) : []),
        },
      ]
    const live = restarts ? [] : open.flatMap((one) => liveFilesOf(one.listed, one.manifest))
    const { rows, against } = yield* findHistory({ metadata, plan, live, restarts })
    return yield* Effect.forEach(rows, ({ day, query }) =>
      Effect.map(writer.write(metadata, plan.schema, [query], against), (written) => ({ day, written })),
    )
  })

  const stage = Effect.fnUntraced(function* (staging: Staging, listed: ReadonlyArray<ManifestFile>) {
    const { metadata, plan, removal, restarts } = staging
    const rewritesAll = plan.conversions.length > 0 || restarts
    const open = yield* manifests(
      listed.filter((one) =>
        rewritesAll
          ? staging.isHistory && !restarts
            ? hasLiveFiles(one)
            : one.content === 0
          : removal !== undefined && (staging.isHistory ? hasLiveFiles(one) : mayHold(metadata, one, removal)),
      ),
    )
    const touched: TouchedFiles =
      staging.isHistory || removal === undefined
        ? { whole: [], mixed: [] }
        : yield* filesOfRemoval(connection, files, knownColumns(metadata).schema, open, removal).pipe(
            Effect.provideService(Scope.Scope, scope),
          )
    const goes = rewritesAll
      ? open.flatMap((one) => liveFilesOf(one.listed, one.manifest))
      : [...touched.whole, ...touched.mixed]
    const removed = new Set(goes.map(({ file }) => file.file_path))
    const arriving = yield* arrive(staging, open)
    const fits = JSON.stringify([
      arriving.map(({ day, written }) => [day, written.columns]),
      [...removed],
      plan.conversions.map(({ to }) => to),
    ])
    if (lastStaged?.fits === fits) return lastStaged.staged
    const whole = new Set((restarts ? goes : touched.whole).map(({ file }) => file.file_path))
    const rest = goes.filter(({ file }) => !whole.has(file.file_path)).map(({ file }) => file)
    if (rest.length > 0 && listed.some((one) => one.content !== 0 && hasLiveFiles(one)))
      return yield* failure(
        "commit",
        `rows of ${nameOf(name)} have to be written again, and another engine left delete files beside them: compact the table with that engine first`,
        misconfigured,
      )
    if (rest.length > 0) yield* checkFlat({ identifier: name, metadata })
    const kept = yield* writer.rewrite(metadata, plan, rest, staging.isHistory ? undefined : removal)
    const come = yield* Effect.forEach(arriving, ({ day, written }) =>
      writer.place(metadata, plan.schema, partitionOf(metadata, day), intent.label, written),
    )
    const change = yield* decide("commit", "write the manifests", () =>
      stageChange(metadata, {
        snapshotId,
        unique: `${unique}-${tries++}`,
        schema: plan.schema,
        added: [...come.flat(), ...kept],
        removed,
        touched: open,
      }),
    )
    yield* writer.store(change.files)
    lastStaged = { fits, staged: change.staged }
    return change.staged
  })

  /** Removes what no commit uses. Only once it is known what became of the last one. */
  const clean = Effect.fnUntraced(function* (metadata: TableMetadata) {
    const snapshot = snapshotOf(metadata, snapshotId)
    const used = new Set<string>()
    if (snapshot !== undefined) {
      used.add(snapshot["manifest-list"])
      if (lastStaged !== undefined) {
        const { staged } = lastStaged
        for (const one of [staged.added, ...staged.rewritten.values()])
          if (one !== undefined) used.add(one.manifest_path)
        for (const file of staged.addedFiles) used.add(file.file_path)
      }
    }
    yield* writer.removeUnused(used)
  })

  return {
    snapshotId,
    /** Goes into the names of manifest lists. */
    unique,
    /** Writes what comes now. */
    write: (metadata: TableMetadata, plan: ColumnPlan) =>
      Effect.asVoid(writer.write(metadata, plan.schema, intent.rows(plan.schema))),
    stage,
    /** Nothing that was staged fits any more. */
    forget: (): void => void (lastStaged = undefined),
    store: writer.store,
    clean,
  }
}
