/**
 * The change that a load makes to one table, tried against the table's newest state: its columns, the rows that come, those that they replace,
 * the ledger.
 */
import type { SinkError, Slice } from "@opendatahub-sql/core"
import type { Connection } from "@opendatahub-sql/engine-duckdb"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Catalog, type CatalogTable, nameOf, type TableCommit, type TableIdentifier } from "../catalog/catalog.ts"
import { decide, failure } from "../failure.ts"
import { manifestsOf } from "../read/scan.ts"
import { currentSnapshot, snapshotOf, type TableMetadata } from "../table/metadata/metadata.ts"
import { planSnapshot, schemaUpdates, unchanged } from "../table/snapshot/plan.ts"
import type { StagedChange } from "../table/snapshot/stage.ts"
import type { Operation } from "../table/snapshot/summary.ts"
import { evolutionOf, type Intent, nextProperties, planTable } from "./intent.ts"
import { tableStaging } from "./staging.ts"
import { mayHave, sameResource, stateOf } from "./table-state.ts"
import { checkWritable } from "./writable.ts"

/** A try: what to commit, and what must be read again once it is. `undefined`: the table is as it should be. */
export interface Attempt {
  readonly commit: TableCommit
  readonly stale: ReadonlyArray<Slice>
}

/** A table that is changed once, in as many tries as it takes. Files that it wrote and that no commit uses are removed by `clean`. */
export const tableChange = (
  catalog: Catalog,
  connection: Connection,
  name: TableIdentifier,
  intent: Intent,
  scope: Scope.Scope,
) => {
  const staging = tableStaging(catalog, connection, name, intent, scope)
  const { snapshotId } = staging
  let attempts = 0

  const operationOf = (staged: StagedChange): Operation =>
    staged.removedFiles.length === 0 ? "append" : staged.addedFiles.length === 0 ? "delete" : "overwrite"

  const planOf = (metadata: TableMetadata) =>
    decide("commit", `plan the columns of ${nameOf(name)}`, () => planTable(metadata, intent.schema, intent.restarts))

  /** Writes what comes now, so that the reader of the load is held back by it. What a history lacks is only known when all is there. */
  const write = (table: CatalogTable): Effect.Effect<void, SinkError> =>
    Effect.gen(function* () {
      const { mode, plan } = yield* planOf(table.metadata)
      if (mode !== "history") yield* staging.write(table.metadata, plan)
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
    const becomes = yield* planOf(metadata)
    const { mode, plan, restarts } = becomes
    intent.history?.family.plan(name.name, plan)
    if (entry !== undefined && state.loads.some((one) => one.key === entry.key)) return undefined
    const isHistory = mode === "history"
    const outdated =
      mode === "latest" &&
      state.loads.some(
        (one) => sameResource(one.slice, intent.slice) && one.slice.extractedAt > intent.slice.extractedAt,
      )
    const wholeResource = mode === "latest" && !outdated && entry !== undefined
    const isKnown = mayHave(state, intent.slice, wholeResource || isHistory ? "resource" : "slice")
    const removal = isKnown ? { slice: intent.slice, wholeResource } : undefined
    const listed = yield* manifestsOf(catalog.files, currentSnapshot(metadata))
    const comes = entry !== undefined && !outdated
    const staged = yield* staging.stage({ metadata, plan, removal, comes, isHistory, restarts }, listed)
    const isEmpty = staged.added === undefined && staged.rewritten.size === 0
    const { set, stale, isSame } = nextProperties(
      metadata,
      intent,
      becomes,
      outdated && entry !== undefined ? { ...entry, rows: 0, rejects: 0 } : entry,
      isEmpty ? null : String(snapshotId),
    )
    if (isEmpty && isSame) return undefined
    const evolution = evolutionOf(metadata, plan)
    if (isEmpty) {
      const { requirements, updates } = schemaUpdates(metadata, { ...evolution, set })
      return { commit: { table, change: { requirements: [...unchanged(metadata), ...requirements], updates } }, stale }
    }
    const now = yield* Clock.currentTimeMillis
    const planned = yield* decide("commit", `plan the snapshot of ${nameOf(name)}`, () =>
      planSnapshot(metadata, listed, staged, {
        operation: operationOf(staged),
        properties: intent.summary(),
        ...evolution,
        set,
        now,
        unique: `${attempts}-${staging.unique}`,
      }),
    )
    if (planned === undefined) {
      staging.forget()
      return yield* attempt()
    }
    yield* staging.store([planned.list])
    return { commit: { table, change: planned.change }, stale }
  })

  /** Whether the snapshot of this change is in the table: the answer to a commit may have been lost. */
  const isIn = (metadata: TableMetadata): boolean => snapshotOf(metadata, snapshotId) !== undefined

  return { name, write, attempt, isIn, clean: staging.clean }
}

/** A table that is being changed. */
export type TableChanging = ReturnType<typeof tableChange>
