/** Where the files of tables are: a folder or an object store. Nothing is ever overwritten. */
import type { SinkError } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A stored file; `modifiedAt` in milliseconds since 1970. */
export interface StoredFile {
  readonly location: string
  readonly bytes: number
  readonly modifiedAt: number
}

/** Files by location (`file:///…`, `s3://…`), as table metadata names them. */
export interface Files {
  readonly read: (location: string) => Effect.Effect<Uint8Array, SinkError>
  /** Stores a new file; it is durable when the effect ends. */
  readonly write: (location: string, bytes: Uint8Array) => Effect.Effect<void, SinkError>
  /** A folder of the local disk where the engine writes files of a table before they are put in place. It goes with the scope. */
  readonly staging: (tableLocation: string) => Effect.Effect<string, SinkError, Scope.Scope>
  /** Puts a finished local file in place. The local file is gone afterwards. */
  readonly put: (path: string, location: string) => Effect.Effect<void, SinkError>
  /** Local paths of files for the engine, in order; files that are not here are brought for the scope. */
  readonly local: (locations: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, SinkError, Scope.Scope>
  /** Removes files; those that are gone already do not matter. */
  readonly remove: (locations: ReadonlyArray<string>) => Effect.Effect<void, SinkError>
  /** Everything below a location. */
  readonly list: (location: string) => Effect.Effect<ReadonlyArray<StoredFile>, SinkError>
  /** Folders that the engine must be allowed to use. */
  readonly folders: ReadonlyArray<string>
}
