/**
 * The change that a load makes to one table, tried against the table's newest state: its columns, the rows that come, those that they replace,
 * the ledger. What was written in an earlier try is used again while it fits: after a lost race, that is all but the manifest list.
 */
import { misconfigured, type PhysicalSchema, type SinkError, type Slice } from "@opendatahub-sql/core"
import type { Connection } from "@opendatahub-sql/engine-duckdb"
import type { RenamedColumn } from "@opendatahub-sql/history"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { randomInt, randomUUID } from "node:crypto"
import { type Catalog, type CatalogTable, nameOf, type TableCommit } from "../catalog/catalog.ts"
import { decide, failure } from "../failure.ts"
import { manifestsOf, openManifests } from "../read/scan.ts"
import { currentSnapshot, snapshotOf, specOf, type TableMetadata } from "../table/metadata/metadata.ts"
import { NAME_MAPPING, nameMapping, namesOf } from "../table/metadata/name-mapping.ts"
import type { StructType } from "../table/metadata/schema.ts"
import { hasLiveFiles, liveFilesOf } from "../table/snapshot/live-files.ts"
import type { DataFile } from "../table/snapshot/manifest.ts"
import type { ManifestFile } from "../table/snapshot/manifest-list.ts"
import { planSnapshot, schemaUpdates, unchanged } from "../table/snapshot/plan.ts"
import { type OpenManifest, stageChange, type StagedChange } from "../table/snapshot/stage.ts"
import type { Operation } from "../table/snapshot/summary.ts"
import { daysOf } from "../table/values/instants.ts"
import { historyRows } from "../history/arriving.ts"
import type { HistoryFamily } from "../history/family.ts"
import { type ColumnPlan, PARTITION_COLUMN, planColumns } from "./columns.ts"
import { filesOfRemoval, mayHold, type Removal, type TouchedFiles } from "./slice-files.ts"
import type { RowQuery } from "./table-load.ts"
import { checkFlat, checkWritable } from "./writable.ts"
import {
  knownColumns,
  type LoadEntry,
  propertiesOf,
  sameResource,
  sameSlice,
  stateOf,
  type TableState,
} from "./table-state.ts"
import { dataWriter } from "./data-writer.ts"

/** What is done to a table, whatever its state. `rows`: what comes, for the columns that the table will have. */
export interface Intent {
  readonly schema: PhysicalSchema | undefined
  readonly slice: Slice
  /** Of a load into a table with a history: its family. */
  readonly history?: {
    readonly family: HistoryFamily
    readonly load: { readonly key: string; readonly sha256: string }
  }
  /** Undefined: the slice is taken out. */
  readonly entry: () => Omit<LoadEntry, "snapshot"> | undefined
  readonly rows: (target: StructType) => ReadonlyArray<RowQuery>
  /** Goes into the names of data files. */
  readonly label: string
  readonly summary: () => Readonly<Record<string, string>>
  /** Tables whose rows hang on the rows of this one. */
  readonly children: ReadonlyArray<string>
  /** Another table of the family starts anew, so this one does. */
  readonly restarts: boolean
}

/** What a table becomes by a load: its mode, its columns, and whether it starts anew: a history is another representation of the same rows. */
export const planTable = (metadata: TableMetadata, schema: PhysicalSchema | undefined, withFamily = false) => {
  const state = stateOf(metadata)
  const mode = schema?.mode ?? state.mode
  const becomes = (mode === "history") !== (state.mode === "history")
  const kind = { mode, hasParent: (schema?.parent ?? state.parent) !== undefined }
  const plan = planColumns(knownColumns(metadata), schema?.columns ?? [], {
    kind: becomes ? kind : undefined,
    renames: schema?.token as ReadonlyArray<RenamedColumn> | undefined,
  })
  return { mode, plan, restarts: becomes || (mode === "history" && (plan.losesText || withFamily)) }
}

/** A try: what to commit, and what must be read again once it is. `undefined`: the table is as it should be. */
export interface Attempt {
  readonly commit: TableCommit
  readonly stale: ReadonlyArray<Slice>
}

const partitionOf = (metadata: TableMetadata, day: string): DataFile["partition"] => ({
  [specOf(metadata).fields[0]?.name ?? PARTITION_COLUMN]: daysOf(day) ?? null,
})

/** What a try is made of. `restarts`: the table becomes another kind of table, or its rows are not what they were: it starts empty. */
interface Staging {
  readonly metadata: TableMetadata
  readonly plan: ColumnPlan
  readonly removal: Removal
  readonly comes: boolean
  readonly isHistory: boolean
  readonly restarts: boolean
}

const nextLedger = (
  state: TableState,
  slice: Slice,
  entry: Omit<LoadEntry, "snapshot"> | undefined,
  isStale: boolean,
  snapshotId: string | null,
) => {
  const others = state.loads.filter((one) => !sameSlice(one.slice, slice))
  const stale = isStale ? others : []
  const kept = isStale ? [] : others
  return {
    loads: entry === undefined ? kept : [...kept, { ...entry, snapshot: snapshotId }],
    stale: stale.map((one) => one.slice),
  }
}

/** A table that is changed once, in as many tries as it takes. Files that it wrote and that no commit uses are removed by `clean`. */
export const tableChange = (
  catalog: Catalog,
  connection: Connection,
  name: { readonly namespace: string; readonly name: string },
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
  let attempts = 0
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
        staging.isHistory ? hasLiveFiles(one) : rewritesAll ? one.content === 0 : mayHold(metadata, one, removal),
      ),
    )
    const touched: TouchedFiles = staging.isHistory
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
        unique: `${unique}-${attempts}`,
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

  const operationOf = (staged: StagedChange): Operation =>
    staged.removedFiles.length === 0 ? "append" : staged.addedFiles.length === 0 ? "delete" : "overwrite"

  const planOf = (metadata: TableMetadata) =>
    decide("commit", `plan the columns of ${nameOf(name)}`, () => planTable(metadata, intent.schema, intent.restarts))

  /** Writes what comes now, so that the reader of the load is held back by it. What a history lacks is only known when all is there. */
  const write = (table: CatalogTable): Effect.Effect<void, SinkError> =>
    Effect.gen(function* () {
      const { mode, plan } = yield* planOf(table.metadata)
      if (mode !== "history") yield* writer.write(table.metadata, plan.schema, intent.rows(plan.schema))
    })

  const attempt = Effect.fn("IcebergSink.attempt")(function* (): Effect.fn.Return<Attempt | undefined, SinkError> {
    const table = yield* catalog.load(name)
    if (table === undefined)
      return yield* failure("commit", `the table ${nameOf(name)} is gone from the catalog: run the load again`)
    yield* checkWritable(table)
    const { metadata } = table
    attempts++
    const entry = intent.entry()
    const state = yield* decide("commit", `read the state of ${nameOf(name)}`, () => stateOf(metadata))
    const { mode, plan, restarts } = yield* planOf(metadata)
    intent.history?.family.plan(name.name, plan)
    if (entry !== undefined && state.loads.some((one) => one.key === entry.key)) return undefined
    const isHistory = mode === "history"
    const outdated =
      mode === "latest" &&
      state.loads.some(
        (one) => sameResource(one.slice, intent.slice) && one.slice.extractedAt > intent.slice.extractedAt,
      )
    const removal = {
      slice: intent.slice,
      wholeResource: mode === "latest" && !outdated && entry !== undefined,
    }
    const listed = yield* manifestsOf(files, currentSnapshot(metadata))
    const comes = entry !== undefined && !outdated
    const staged = yield* stage({ metadata, plan, removal, comes, isHistory, restarts }, listed)
    const isEmpty = staged.added === undefined && staged.rewritten.size === 0
    const ledger = nextLedger(
      state,
      intent.slice,
      outdated && entry !== undefined ? { ...entry, rows: 0, rejects: 0 } : entry,
      restarts || plan.losesText,
      isEmpty ? null : String(snapshotId),
    )
    if (isEmpty && entry === undefined && ledger.loads.length === state.loads.length) return undefined
    const { [NAME_MAPPING]: names } = metadata.properties ?? {}
    const otherNames = [
      ...plan.otherNames,
      ...plan.conversions.flatMap(({ from, to }) => namesOf(names, from.id).map((one) => [to.id, one] as const)),
    ]
    const set = {
      ...propertiesOf({
        mode,
        parent: intent.schema?.parent ?? state.parent,
        logical: plan.logical,
        identities: plan.identities,
        children: [...new Set([...state.children, ...intent.children])],
        loads: ledger.loads,
      }),
      ...(plan.changed ? { [NAME_MAPPING]: nameMapping(plan.schema, names, otherNames) } : {}),
    }
    const evolved =
      plan.schema === knownColumns(metadata).schema
        ? undefined
        : { schema: plan.schema, lastColumnId: plan.lastColumnId }
    if (isEmpty) {
      const { requirements, updates } = schemaUpdates(metadata, { ...(evolved === undefined ? {} : { evolved }), set })
      return {
        commit: { table, change: { requirements: [...unchanged(metadata), ...requirements], updates } },
        stale: ledger.stale,
      }
    }
    const now = yield* Clock.currentTimeMillis
    const planned = yield* decide("commit", `plan the snapshot of ${nameOf(name)}`, () =>
      planSnapshot(metadata, listed, staged, {
        operation: operationOf(staged),
        properties: intent.summary(),
        ...(evolved === undefined ? {} : { evolved }),
        set,
        now,
        unique: `${attempts}-${unique}`,
      }),
    )
    if (planned === undefined) {
      lastStaged = undefined
      return yield* attempt()
    }
    yield* writer.store([planned.list])
    return { commit: { table, change: planned.change }, stale: ledger.stale }
  })

  /** Whether the snapshot of this change is in the table: the answer to a commit may have been lost. */
  const isIn = (metadata: TableMetadata): boolean => snapshotOf(metadata, snapshotId) !== undefined

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

  return { name, write, attempt, isIn, clean }
}

/** A table that is being changed. */
export type TableChanging = ReturnType<typeof tableChange>
