/** Apart from the client: types that are published do not name the SDK, which a program without a store does not install. */
import type * as Redacted from "effect/Redacted"

/** How the store is reached. What is left out comes from the environment, as for every program that uses the SDK. */
export interface StoreOptions {
  /** For stores other than Amazon's: `http://127.0.0.1:8333`. */
  readonly endpoint?: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: Redacted.Redacted<string> }
  /** Buckets in the path, not in the host name: what most other stores want; the default when there is an endpoint. */
  readonly pathStyle?: boolean
  /** Larger files are sent in parts of this size, in bytes (16 MiB; the interface wants 5 MiB at least). */
  readonly partBytes?: number
  /** How long a request may be without a byte either way, in milliseconds (60,000). */
  readonly idleTimeout?: number
  /** How long to go on when the store does not answer, in milliseconds (30,000). */
  readonly patience?: number
}
