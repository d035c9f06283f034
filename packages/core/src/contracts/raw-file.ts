/** Bytes kept as they came, and the little a plugin looks at to say whether they are its own. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ReadError } from "./errors.ts"

/** Bytes `start` (included) to `end` (excluded). */
export interface ByteRange {
  readonly start: number
  readonly end?: number
}

/** A file of the lake, or a member of one. Always seekable. */
export interface RawFile {
  readonly name: string
  /** In bytes; `undefined` for a member whose archive does not say. */
  readonly size: number | undefined
  /** `<sha256>`, or `<sha256>!<member>`. */
  readonly identity: string
  readonly mediaType?: string
  readonly bytes: (range?: ByteRange) => Stream.Stream<Uint8Array, ReadError>
  /** A path on the local disk, spooled there if it must be. */
  readonly local: Effect.Effect<string, ReadError, Scope.Scope>
  /** The other files of its bundle: a shapefile's .dbf, .prj… */
  readonly siblings: ReadonlyArray<RawFile>
}

/** What `detects` sees: never the whole file. `members` is filled in a second round, by the container that won the first. */
export interface Probe {
  readonly name: string
  readonly mediaType: string | undefined
  /** What the catalogue declares, in lower case: `csv`, `json`, `zip`… a hint, often wrong. */
  readonly declared: string | undefined
  readonly size: number | undefined
  /** The first 64 KiB at most. */
  readonly head: Uint8Array
  /** The last 4 KiB at most; empty when it is not known without reading everything. */
  readonly tail: Uint8Array
  readonly members: ReadonlyArray<string> | undefined
  readonly siblings: ReadonlyArray<string>
}

/** How sure a plugin is that a file is its own: 0 no, 0.1 if nobody else wants it, 0.5 by name, 0.9 by bytes, 1 certain. */
export type Confidence = number
