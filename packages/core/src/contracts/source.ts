/** A source says what there is and where it is. It downloads nothing: core does. */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { SourceError } from "./errors.ts"
import type { Dataset, GoneState, Resource, Selection } from "./resource.ts"

/** One finding of a discovery. One bad dataset is one `Failed`, not the end. */
export type Discovery =
  | { readonly _tag: "Found"; readonly resource: Resource }
  | {
      readonly _tag: "Gone"
      readonly dataset: string
      readonly resource?: string
      readonly state: GoneState
      readonly message: string
    }
  | { readonly _tag: "Failed"; readonly subject: string; readonly error: SourceError }

/** How to get one file. `headers` are sent to the URL's own host only. */
export interface DownloadRequest {
  readonly url: string
  /** Asked for when the file is not at `url` any more (404, 410): a lasting address that costs a redirect. */
  readonly orElse?: string
  readonly name: string
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
  readonly mediaType?: string
}

/** Words, and filters by the names that the source gives them. At most `max` datasets are wanted. */
export interface SearchQuery {
  readonly words: string
  readonly filters: Readonly<Record<string, string>>
  readonly max: number
}

/** A dataset that a search found, with what helps to choose: how many files, and when it last changed (ISO text, as received). */
export interface Offer extends Dataset {
  readonly resources?: number
  readonly lastUpdate?: string
}

/** A configured source. */
export interface Source {
  readonly kind: "source"
  readonly id: string
  readonly discover: (selection: Selection) => Stream.Stream<Discovery, SourceError>
  readonly locate: (resource: Resource) => Effect.Effect<DownloadRequest, SourceError>
  /** What the source offers, best match first. Left out by a source that cannot be searched. */
  readonly search?: (query: SearchQuery) => Stream.Stream<Offer, SourceError>
}
