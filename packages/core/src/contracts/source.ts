/** A source says what there is and where it is. It downloads nothing: core does. */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { SourceError } from "./errors.ts"
import type { JsonObject } from "./json.ts"

/** A dataset as its portal describes it. Dates are ISO text as received. */
export interface Dataset {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly organization?: string
  readonly license?: string
  readonly page?: string
}

/** A checksum the portal declares: a hint, it may describe an older file. */
export interface Checksum {
  readonly type: string
  readonly value: string
}

/**
 * One file of the portal, or the one file that a rule selects (`newest: 1`). `id` is logical: it stays when the rule selects another file.
 * A bundle (a loose shapefile) is one resource whose other files are `siblings`.
 */
export interface Resource {
  readonly source: string
  readonly dataset: Dataset
  readonly id: string
  /** The portal's own id of the file behind `id` today. */
  readonly portalId: string
  readonly title: string
  readonly url: string
  readonly format?: string
  readonly mediaType?: string
  /** Bytes, as declared. */
  readonly size?: number
  readonly checksum?: Checksum
  readonly schema?: { readonly name?: string; readonly version?: string; readonly url?: string }
  readonly lastModified?: string
  /** The table that the configuration asks for (`into`). */
  readonly into?: string
  /** The table name that core proposes at plan time; pinned at the first load. */
  readonly table?: string
  readonly siblings: ReadonlyArray<Resource>
  /** The portal's metadata of dataset and resource, as received, secrets stripped. */
  readonly metadata: JsonObject
}

/** What became of something that was selected. */
export type GoneState = "deleted" | "archived" | "private-or-missing" | "unselected"

/** One finding of a discovery. One bad dataset is one `Failed`, not the end. */
export type Discovery =
  | { readonly _tag: "Found"; readonly resource: Resource }
  | { readonly _tag: "Gone"; readonly dataset: string; readonly resource?: string; readonly state: GoneState; readonly message: string }
  | { readonly _tag: "Failed"; readonly subject: string; readonly error: SourceError }

/** What to look at: dataset ids or slugs. Empty: all that the configuration names. */
export interface Selection {
  readonly datasets: ReadonlyArray<string>
}

/** How to get one file. `headers` are sent to the URL's own host only. */
export interface DownloadRequest {
  readonly url: string
  readonly name: string
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
  readonly mediaType?: string
}

/** A configured source. */
export interface Source {
  readonly kind: "source"
  readonly id: string
  readonly discover: (selection: Selection) => Stream.Stream<Discovery, SourceError>
  readonly locate: (resource: Resource) => Effect.Effect<DownloadRequest, SourceError>
}
