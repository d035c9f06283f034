/**
 * A sink is a destination of typed tables. Core calls: `open` once a run; then for each raw file `describe` and `loads`, `prepare` for
 * each table, and `begin`, `write` for each table (and each member of an archive), `commit`. Files of different resources may be loaded in
 * parallel only if `capabilities.parallelLoads` says so. The load's key and its rows become visible together, or not at all.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ColumnType } from "./column-type.ts"
import type { SinkError } from "./errors.ts"
import type { TypedColumn } from "./table.ts"
import type { TypedTable } from "./typed-table.ts"

/**
 * `history`: the newest extraction of each resource, and every state before it as differences. `snapshots`: every extraction in full, one
 * slice each. `latest`: the newest extraction of each resource alone.
 */
export type Mode = "history" | "snapshots" | "latest"

/** What core must know about a destination; it obeys this and asks nothing else. */
export interface SinkCapabilities {
  readonly modes: ReadonlyArray<Mode>
  /** All tables of one file become visible in one transaction. */
  readonly atomicTables: boolean
  readonly parallelLoads: number
  readonly maxIdentifierLength: number
  /** One process at a time can write there: an orchestrator gives it a pool of one. */
  readonly oneProcess?: boolean
}

/** Whose rows: one look at one resource at one time (ISO instant, UTC). */
export interface Slice {
  readonly source: string
  readonly dataset: string
  readonly resource: string
  readonly extractedAt: string
}

/** A table as the destination has it. */
export interface TableDescription {
  readonly table: string
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: ColumnType }>
}

/** What a load will meet. `rewrite`: a column changed in a way that this destination cannot do in place, so older slices must be loaded again. */
export interface PhysicalSchema {
  readonly table: string
  readonly parent?: string
  readonly mode: Mode
  readonly columns: ReadonlyArray<{
    readonly name: string
    readonly physicalName: string
    readonly type: ColumnType
    readonly original: string
    readonly fieldId?: number
  }>
  readonly change: "none" | "create" | "evolve" | "rewrite"
  /** The sink's own business between `prepare` and `begin`. */
  readonly token?: unknown
}

/** One raw file into one destination. `key` is the same for the same bytes, reader, options and target. */
export interface Load {
  readonly key: string
  readonly slice: Slice
  readonly sha256: string
  /** When the source says that this state was published (ISO instant, UTC). A hint: a sink uses it where it can be true. */
  readonly published?: string
  readonly tables: ReadonlyArray<PhysicalSchema>
}

/** A table before it is loaded. With `parts` and `slice`, a sink that keeps histories finds columns that only changed their name. */
export interface ArrivingTable {
  readonly name: string
  readonly parent?: string
  readonly columns: ReadonlyArray<TypedColumn>
  readonly parts?: ReadonlyArray<TypedTable>
  readonly slice?: Slice
}

/** What the ledger says of a load. */
export interface LedgerEntry {
  readonly key: string
  readonly slice: Slice
  readonly tables: ReadonlyArray<{ readonly table: string; readonly rows: number; readonly rejects: number }>
}

/**
 * The answer to `commit`. `stale`: slices whose rows had to be converted to fit the new columns (a `rewrite`); their keys are gone from the
 * ledger, and core loads them again from the lake. `closed`, by table, where the slice was there before: how many of its rejects this load took.
 */
export interface Receipt {
  readonly key: string
  readonly outcome: "committed" | "already-loaded"
  readonly stale: ReadonlyArray<Slice>
  readonly closed?: Readonly<Record<string, number>>
}

/** One load in progress. A scope that closes before `commit` leaves no row and no key. */
export interface Writer {
  /** Adds the rows and rejects of one finished table; its name is one of the load's tables. */
  readonly write: (table: TypedTable) => Effect.Effect<void, SinkError>
  /** Replaces the slice and records the key, in one transaction. Not interrupted. After a `Transient` failure core asks `loads` first. */
  readonly commit: Effect.Effect<Receipt, SinkError>
}

/** An open destination. */
export interface SinkSession {
  readonly describe: (table: string) => Effect.Effect<TableDescription | undefined, SinkError>
  readonly loads: (filter: {
    readonly keys?: ReadonlyArray<string>
    readonly resource?: string
  }) => Effect.Effect<ReadonlyArray<LedgerEntry>, SinkError>
  /** Folds names, maps types, plans the evolution; nothing visible happens. */
  readonly prepare: (table: ArrivingTable, mode: Mode) => Effect.Effect<PhysicalSchema, SinkError>
  readonly begin: (load: Load) => Effect.Effect<Writer, SinkError, Scope.Scope>
  /** Takes slices out again: rows, rejects and keys. */
  readonly remove: (slices: ReadonlyArray<Slice>) => Effect.Effect<void, SinkError>
}

/** A configured sink. */
export interface Sink {
  readonly kind: "sink"
  readonly id: string
  /** Names the destination in load keys and events, without secrets: `duckdb:/path/warehouse.duckdb`. */
  readonly target: string
  readonly capabilities: SinkCapabilities
  readonly open: Effect.Effect<SinkSession, SinkError, Scope.Scope>
}
