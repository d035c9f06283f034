/** What the sink keeps in the properties of a table: its mode, its parent, its ledger, the types that are stored as text. */
import type { ColumnType, Mode, Slice } from "@opendatahub-sql/core"
import { ancestorsOf, currentSnapshot, schemaOf, snapshotOf, type TableMetadata } from "../table/metadata/metadata.ts"
import type { IdentityIds, KnownColumns, LogicalTypes } from "./columns.ts"

/** One load, in the ledger of one of its tables. */
export interface LoadEntry {
  readonly key: string
  readonly slice: Slice
  readonly rows: number
  readonly rejects: number
  /** All tables of the load: it is complete when each has the key. */
  readonly tables: ReadonlyArray<string>
  /** The snapshot that brought the rows, as text; `null` when there were none. */
  readonly snapshot: string | null
}

const MODE = "odh.mode"
const PARENT = "odh.parent"
const LOADS = "odh.loads"
const TYPES = "odh.types"
const CHILDREN = "odh.children"
const IDENTITIES = "odh.identity-ids"

/** The state of a table. */
export interface TableState {
  readonly mode: Mode
  readonly parent: string | undefined
  readonly logical: LogicalTypes
  readonly identities: IdentityIds
  /** Tables whose rows hang on the rows of this one, for histories. */
  readonly children: ReadonlyArray<string>
  readonly loads: ReadonlyArray<LoadEntry>
  /** Slices whose rows are there and whose keys are not: they are to be read again. */
  readonly stale: ReadonlyArray<Slice>
}

/** The properties that say a state. */
export const propertiesOf = (state: TableState): Readonly<Record<string, string>> => ({
  [MODE]: state.mode,
  ...(state.parent === undefined ? {} : { [PARENT]: state.parent }),
  ...(state.children.length === 0 ? {} : { [CHILDREN]: JSON.stringify(state.children) }),
  ...(Object.keys(state.identities).length === 0 ? {} : { [IDENTITIES]: JSON.stringify(state.identities) }),
  [TYPES]: JSON.stringify(state.logical),
  [LOADS]: JSON.stringify({
    format: 1,
    loads: state.loads,
    ...(state.stale.length === 0 ? {} : { stale: state.stale }),
  }),
})

/** Metadata never changes, and a ledger may be long. */
const states = new WeakMap<TableMetadata, TableState>()

/**
 * Reads the state. Properties outlive snapshots, so the ledger does not depend on how many are kept. An entry counts while its snapshot is one
 * that led to the current one, or is expired: after a rollback the loads that were rolled back are no longer there.
 */
export const stateOf = (metadata: TableMetadata): TableState => {
  const known = states.get(metadata)
  if (known !== undefined) return known
  const state = readState(metadata)
  states.set(metadata, state)
  return state
}

const readState = (metadata: TableMetadata): TableState => {
  const properties = metadata.properties ?? {}
  const { loads, stale = [] } = JSON.parse(properties[LOADS] ?? `{"loads":[]}`) as {
    readonly loads: ReadonlyArray<LoadEntry>
    readonly stale?: ReadonlyArray<Slice>
  }
  const led = new Set(ancestorsOf(metadata, currentSnapshot(metadata)).map((one) => String(one["snapshot-id"])))
  return {
    mode: (properties[MODE] ?? "snapshots") as Mode,
    parent: properties[PARENT],
    logical: JSON.parse(properties[TYPES] ?? "{}") as Readonly<Record<number, ColumnType>>,
    identities: JSON.parse(properties[IDENTITIES] ?? "{}") as IdentityIds,
    children: JSON.parse(properties[CHILDREN] ?? "[]") as ReadonlyArray<string>,
    stale,
    loads: loads.filter(
      ({ snapshot }) => snapshot === null || led.has(snapshot) || snapshotOf(metadata, BigInt(snapshot)) === undefined,
    ),
  }
}

/** Whether a table was made by this sink. */
export const isOurs = (metadata: TableMetadata): boolean => metadata.properties?.[MODE] !== undefined

/** The columns of a table. */
export const knownColumns = (metadata: TableMetadata): KnownColumns => {
  const { logical, identities } = stateOf(metadata)
  return { schema: schemaOf(metadata), lastColumnId: metadata["last-column-id"], logical, identities }
}

/** What a table without a load says. */
export const emptyState = (mode: Mode, parent: string | undefined): TableState => ({
  mode,
  parent,
  logical: {},
  identities: {},
  children: [],
  loads: [],
  stale: [],
})

/** Whether the table may have rows of a slice, or of its resource: the ledger knows, so files need not be looked at. */
export const mayHave = ({ loads, stale }: TableState, slice: Slice, of: "slice" | "resource"): boolean =>
  [...loads.map((one) => one.slice), ...stale].some((one) => (of === "slice" ? sameSlice : sameResource)(one, slice))

/** Whether two slices are the same look at the same resource. */
export const sameSlice = (a: Slice, b: Slice): boolean => sameResource(a, b) && a.extractedAt === b.extractedAt

/** Whether two slices are of one resource. */
export const sameResource = (a: Slice, b: Slice): boolean =>
  a.source === b.source && a.dataset === b.dataset && a.resource === b.resource
