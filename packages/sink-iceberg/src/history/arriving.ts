/** What a change of a history's table appends, against its newest state; found again only when that state is another one. */
import { misconfigured, type SinkError, type Slice } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { type Catalog, nameOf, type TableIdentifier } from "../catalog/catalog.ts"
import { failure, fromEngine } from "../failure.ts"
import { localPaths } from "../read/scan.ts"
import type { ColumnPlan } from "../sink/columns.ts"
import { rowsIn } from "../data/data-writer.ts"
import { fileMayHold } from "../data/slice-files.ts"
import { sameResource, stateOf } from "../sink/table-state.ts"
import { schemaOf, type TableMetadata } from "../table/metadata/metadata.ts"
import type { LiveFile } from "../table/snapshot/live-files.ts"
import { changeSet, type ChangeRows } from "./change-set.ts"
import type { HistoryFamily } from "./family.ts"

/** The change: of a load's table, or the extraction is taken out. */
export interface HistoryIntent {
  readonly slice: Slice
  readonly parent: string | undefined
  readonly load: { readonly key: string; readonly sha256: string } | undefined
  readonly family: HistoryFamily | undefined
}

/** The newest state of the table, with its files; one that starts anew has neither files nor extractions. */
export interface HistoryState {
  readonly metadata: TableMetadata
  readonly plan: ColumnPlan
  readonly live: ReadonlyArray<LiveFile>
  readonly restarts: boolean
}

/** Rows to append, and what they were found against. */
export interface HistoryRows {
  readonly rows: ReadonlyArray<ChangeRows>
  readonly against: string
}

/** Finds the rows to append, in as many tries as the commit takes. Files are brought for `scope`. */
export const historyRows = (
  { files, load: loadTable }: Catalog,
  connection: Connection,
  name: TableIdentifier,
  { slice, parent, load, family }: HistoryIntent,
  scope: Scope.Scope,
) => {
  let last: HistoryRows | undefined

  /** The extraction after this one, of the table or of its parent: there the table may have been empty, and no load of it says so. */
  const nextOf = Effect.fnUntraced(function* (metadata: TableMetadata) {
    const above = parent ?? stateOf(metadata).parent
    const known = above === undefined ? undefined : yield* loadTable({ ...name, name: above })
    return [metadata, ...(known === undefined ? [] : [known.metadata])]
      .flatMap((one) => stateOf(one).loads)
      .filter((one) => sameResource(one.slice, slice) && one.slice.extractedAt > slice.extractedAt)
      .map((one) => one.slice.extractedAt)
      .toSorted()[0]
  })

  return Effect.fnUntraced(function* ({
    metadata,
    plan,
    live,
    restarts,
  }: HistoryState): Effect.fn.Return<HistoryRows, SinkError> {
    if (live.some(({ file }) => file.content !== 0))
      return yield* failure(
        "commit",
        `another engine left delete files in the history ${nameOf(name)}: compact the table with that engine first`,
        misconfigured,
      )
    const held = live.filter(({ file }) => fileMayHold(file, schemaOf(metadata), { slice, wholeResource: true }))
    const next = restarts ? undefined : yield* nextOf(metadata)
    const against = JSON.stringify([
      held.map(({ file }) => file.file_path),
      next,
      plan.schema.fields.map(({ id, type }) => [id, type]),
    ])
    if (last?.against === against) return last
    const paths = yield* localPaths(
      connection,
      files,
      held.map(({ file }) => file),
    ).pipe(Effect.provideService(Scope.Scope, scope))
    const member = yield* family?.member(name.name) ?? Effect.succeed(undefined)
    const rows = yield* changeSet(connection, {
      table: member?.table ?? { name: name.name, columns: [] },
      schema: plan.schema,
      changes:
        paths.length === 0
          ? undefined
          : `select * from (${rowsIn(plan, paths)}) where _dataset_id = ${literal(slice.dataset)} and _resource_id = ${literal(slice.resource)} and _change is not null`,
      slice,
      next,
      load,
      parts: member?.parts,
    }).pipe(Effect.mapError(fromEngine("commit")))
    if (member !== undefined) family?.placed(member)
    return (last = { rows, against })
  })
}
