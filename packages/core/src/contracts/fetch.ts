/** What core asks of the downloader: bytes in a local file, whole and hashed. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { FetchError } from "./errors.ts"
import type { DownloadRequest } from "./source.ts"

/** What the server said the last time, sent back to ask whether anything changed. */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

/** A whole file, on the local disk. Instants are ISO text in UTC, `bytes` the size. */
export interface Downloaded {
  readonly _tag: "Downloaded"
  readonly path: string
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  readonly mediaType?: string
  /** The address that answered, after redirects; query strings that look like credentials are stripped. */
  readonly finalUrl: string
  readonly validators: Validators
  /** The response headers worth keeping, lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly startedAt: string
  readonly endedAt: string
}
/** The server says that nothing changed since the validators. */
export interface NotModified {
  readonly _tag: "NotModified"
  readonly startedAt: string
  readonly endedAt: string
}

/** Bytes received so far and expected, for progress. */
export interface DownloadProgress {
  readonly received: number
  readonly total: number | undefined
}

/** The downloader. */
export class Fetch extends Context.Service<
  Fetch,
  {
    /**
     * Brings one file to `folder`. A partial file left there by an earlier attempt at the same URL is continued when the server still has the
     * same version. The caller owns the file that comes back.
     */
    readonly download: (
      request: DownloadRequest,
      options: {
        readonly folder: string
        readonly validators?: Validators
        readonly onProgress?: (progress: DownloadProgress) => void
      },
    ) => Effect.Effect<Downloaded | NotModified, FetchError>
  }
>()("@opendatahub-sql/core/Fetch") {}
