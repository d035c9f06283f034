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

/** The last word of a person on an extraction. `why` is theirs. */
export interface Verdict {
  readonly extractedAt: string
  readonly verdict: "accepted" | "rejected"
  readonly why: string
}

/** What a source said of a resource when it was planned: `found` for the first time; `changed` in its description; `moved` to another file or address. */
export interface OfferedResource {
  readonly dataset: string
  readonly resource: string
  readonly how: "found" | "changed" | "moved"
  readonly portalId: string
  readonly title: string
  /** Without secrets. */
  readonly url: string
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
  /** Many resources in one event: a whole catalogue is planned at once. */
  | (At & { readonly _tag: "Offered"; readonly source: string; readonly resources: ReadonlyArray<OfferedResource> })
  /** A person's word on one extraction: `accepted` although it looks wrong, or `rejected`: never loaded, until another word. */
  | (OfResource & Verdict & { readonly _tag: "Judged" })
  /** A person said that a file of the portal is this resource, with what spoke for it. */
  | (OfResource & {
      readonly _tag: "Identified"
      readonly portalId: string
      readonly score: number
      readonly why: string
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
  /** A policy took the bytes and the record of an extraction out of the lake. */
  | (OfResource & {
      readonly _tag: "Pruned"
      readonly extractedAt: string
      readonly sha256: string
      /** Freed: zero when another extraction has the same file. */
      readonly bytes: number
      readonly policy: string
    })
  /** Rows were taken out of a kept file for good: which columns named them, never their values. */
  | (OfResource & {
      readonly _tag: "Redacted"
      readonly extractedAt: string
      readonly was: string
      readonly sha256: string
      readonly columns: ReadonlyArray<string>
      readonly rows: number
    })
  | (OfResource & {
      readonly _tag: "Failed"
      readonly stage: "locate" | "fetch" | "load"
      readonly failure: JsonObject
    })
