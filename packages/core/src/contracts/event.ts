/** What happened, step by step: one NDJSON file a run in the lake. The state is a projection of these events and of the extraction records. */
import type { JsonObject } from "./json.ts"
import type { GoneState } from "./resource.ts"

/** When, and in which run. */
export interface At {
  /** ISO instant, UTC. */
  readonly at: string
  readonly run: string
}
/** Of which resource. */
export interface OfResource extends At {
  readonly source: string
  readonly dataset: string
  readonly resource: string
}

/** A name that a table of a file received at its first load, and keeps. */
export interface TableName {
  readonly resource: string
  readonly member: string
  readonly local: string
  readonly table: string
  readonly columns: ReadonlyArray<string>
}

/** One table of a committed load. */
export interface LoadedTable {
  readonly table: string
  readonly rows: number
  readonly rejects: number
  /** Rejects of the load that this one replaced which it took. */
  readonly closed?: number
  readonly columns: number
  readonly change: "none" | "create" | "evolve" | "rewrite"
}

/** An event of a run. */
export type RunEvent =
  | (At & { readonly _tag: "RunStarted"; readonly command: string; readonly version: string })
  | (At & {
      readonly _tag: "RunEnded"
      readonly outcome: "done" | "failed" | "interrupted"
      readonly counts: Readonly<Record<string, number>>
    })
  | (OfResource & {
      readonly _tag: "Extracted"
      readonly extractedAt: string
      readonly sha256: string
      readonly bytes: number
      readonly title: string
    })
  | (OfResource & { readonly _tag: "Seen"; readonly extractedAt: string; readonly how: "not-modified" | "same-bytes" })
  | (At & {
      readonly _tag: "Gone"
      readonly source: string
      readonly dataset: string
      readonly resource?: string
      readonly state: GoneState
      readonly message: string
    })
  | (OfResource & { readonly _tag: "TablesNamed"; readonly names: ReadonlyArray<TableName> })
  | (OfResource & {
      readonly _tag: "Loaded"
      readonly extractedAt: string
      readonly key: string
      readonly target: string
      readonly tables: ReadonlyArray<LoadedTable>
      readonly outcome: "committed" | "already-loaded"
    })
  | (OfResource & {
      readonly _tag: "LoadRefused"
      readonly extractedAt: string
      readonly key: string
      readonly target: string
      readonly failure: JsonObject
    })
  | (OfResource & {
      readonly _tag: "Failed"
      readonly stage: "locate" | "fetch" | "load"
      readonly failure: JsonObject
    })
