/** What is to become of a table: decided from what is done to it and what it is. */
import type { PhysicalSchema, Slice } from "@opendatahub-sql/core"
import type { RenamedColumn } from "@opendatahub-sql/history"
import type { RowQuery } from "../data/table-load.ts"
import type { HistoryFamily } from "../history/family.ts"
import type { TableMetadata } from "../table/metadata/metadata.ts"
import { NAME_MAPPING, nameMapping, namesOf } from "../table/metadata/name-mapping.ts"
import type { StructType } from "../table/metadata/schema.ts"
import { type ColumnPlan, planColumns } from "./columns.ts"
import { knownColumns, type LoadEntry, propertiesOf, sameSlice, stateOf, type TableState } from "./table-state.ts"

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

/** The ledger with the load, and the slices that must be read again. */
const nextLedger = (
  { loads, stale: before }: TableState,
  slice: Slice,
  entry: Omit<LoadEntry, "snapshot"> | undefined,
  isStale: boolean,
  snapshotId: string | null,
) => {
  const others = loads.filter((one) => !sameSlice(one.slice, slice))
  const stale = isStale ? others.map((one) => one.slice) : []
  const kept = isStale ? [] : others
  return {
    loads: entry === undefined ? kept : [...kept, { ...entry, snapshot: snapshotId }],
    stale,
    stillStale: [...before, ...stale].filter((one) => !sameSlice(one, slice)),
  }
}

/** The properties that the table gets with a change, and the slices that must be read again. `snapshotId`: as text; `null` when there is no snapshot. */
export const nextProperties = (
  metadata: TableMetadata,
  { slice, schema, children }: Intent,
  { mode, plan, restarts }: ReturnType<typeof planTable>,
  entry: Omit<LoadEntry, "snapshot"> | undefined,
  snapshotId: string | null,
) => {
  const state = stateOf(metadata)
  const { loads, stale, stillStale } = nextLedger(state, slice, entry, restarts || plan.losesText, snapshotId)
  const { [NAME_MAPPING]: names } = metadata.properties ?? {}
  const otherNames = [
    ...plan.otherNames,
    ...plan.conversions.flatMap(({ from, to }) => namesOf(names, from.id).map((one) => [to.id, one] as const)),
  ]
  const set = {
    ...propertiesOf({
      mode,
      parent: schema?.parent ?? state.parent,
      logical: plan.logical,
      identities: plan.identities,
      children: [...new Set([...state.children, ...children])],
      loads,
      // What starts anew has no rows of them.
      stale: restarts ? [] : stillStale,
    }),
    ...(plan.changed ? { [NAME_MAPPING]: nameMapping(plan.schema, names, otherNames) } : {}),
  }
  return { set, stale, isSame: entry === undefined && loads.length === state.loads.length }
}

/** The schema that a plan gives the table, when it is another one. */
export const evolutionOf = (metadata: TableMetadata, { schema, lastColumnId }: ColumnPlan) =>
  schema === knownColumns(metadata).schema ? {} : { evolved: { schema, lastColumnId } }
