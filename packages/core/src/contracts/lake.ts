/** What core asks of the lake: extractions kept for ever, and the events of every run. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LakeError } from "./errors.ts"
import type { OfferedResource, RunEvent, TableName, Verdict } from "./event.ts"
import type { Downloaded, Validators } from "./fetch.ts"
import type { RawFile } from "./raw-file.ts"
import type { Resource } from "./resource.ts"

/** A file of an extraction, by its path in the lake. */
export interface StoredFile {
  readonly path: string
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  readonly mediaType?: string
  readonly validators: Validators
}

/** A state of the past that is put in its place later. `at` is an ISO instant, UTC. */
export interface PastState {
  /** From files that were there already, or fetched from an address that names its date. */
  readonly how: "imported" | "backfilled"
  readonly at: string
}

/**
 * What was taken out of a kept file for good. `was` is where the file of before was, whose bytes are gone; `sha256` is theirs: when the portal
 * sends them again, the redacted file stands for them.
 */
export interface Redaction {
  readonly at: string
  readonly was: string
  readonly sha256: string
  readonly columns: ReadonlyArray<string>
  readonly rows: number
}

/** One look at one resource at one time, as recorded beside the bytes. `extractedAt` (ISO, UTC) is when the fetch began, or which past it shows. */
export interface Extraction {
  readonly formatVersion: 1
  readonly extractedAt: string
  readonly resource: Resource
  readonly file: StoredFile
  /** The other files of the bundle, by the portal's resource id. */
  readonly siblings: Readonly<Record<string, StoredFile>>
  readonly headers: Readonly<Record<string, string>>
  readonly finalUrl: string
  readonly endedAt: string
  readonly writtenBy: string
  /** Not there for what was fetched when it was new. */
  readonly past?: { readonly how: PastState["how"]; readonly keptAt: string }
  readonly redactions?: ReadonlyArray<Redaction>
}

/** A load that was refused for good: tried again only when its key changes. */
export interface RefusedLoad {
  readonly key: string
  readonly target: string
  readonly message: string
}

/** The address of a resource in the lake. */
export interface ResourceKey {
  readonly source: string
  readonly dataset: string
  readonly resource: string
}

/** The lake. */
export class Lake extends Context.Service<
  Lake,
  {
    /** A folder for downloads and staging, on the disk of the lake. */
    readonly workFolder: string
    /** One process at a time per resource; waits, then fails `Transient`. */
    readonly lease: (resource: ResourceKey) => Effect.Effect<void, LakeError, Scope.Scope>
    /** All extractions of a resource, oldest first. */
    readonly extractions: (resource: ResourceKey) => Effect.Effect<ReadonlyArray<Extraction>, LakeError>
    /**
     * Publishes a download with its record, durably and write-once. Bytes equal to the previous extraction's make no extraction: `undefined`.
     * Bytes seen earlier but not last get their own record that points to the stored file. A `past` state takes its place in the timeline:
     * it is compared with the extraction before it.
     */
    readonly keep: (
      resource: Resource,
      download: Downloaded,
      siblings: Readonly<Record<string, Downloaded>>,
      past?: PastState,
    ) => Effect.Effect<Extraction | undefined, LakeError>
    /** The file of an extraction, with its bundle as siblings. */
    readonly open: (extraction: Extraction) => RawFile
    /** Publishes a finished Parquet file of rejects beside the extraction record, named after the load's reading key; idempotent. */
    readonly keepRejects: (extraction: Extraction, key: string, parquetPath: string) => Effect.Effect<void, LakeError>
    /** Appends to this run's event file, durably, and brings the state up to date. */
    readonly record: (event: RunEvent) => Effect.Effect<void, LakeError>
    /** Table names given so far, from the state. */
    readonly tableNames: Effect.Effect<ReadonlyArray<TableName>, LakeError>
    /** Those of the tables of one resource, by its id. */
    readonly tableNamesOf: (resource: string) => Effect.Effect<ReadonlyArray<TableName>, LakeError>
    /** Every resource the lake has an extraction of, and whether it was last reported gone. */
    readonly resources: Effect.Effect<ReadonlyArray<ResourceKey & { readonly gone: boolean }>, LakeError>
    readonly refusedLoads: (resource: ResourceKey) => Effect.Effect<ReadonlyArray<RefusedLoad>, LakeError>
    readonly verdicts: (resource: ResourceKey) => Effect.Effect<ReadonlyArray<Verdict>, LakeError>
    /** What the source last said of its resources. */
    readonly offers: (source: string) => Effect.Effect<ReadonlyArray<Omit<OfferedResource, "how">>, LakeError>
  }
>()("@opendatahub-sql/core/Lake") {}
