/** Bytes kept as they came. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ReadError } from "./errors.ts"
import type { ByteRange } from "./probe.ts"

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
