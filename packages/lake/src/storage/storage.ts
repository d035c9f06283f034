/** What a lake needs of the place where it is: a folder or an object store. Paths are those of the lake, `raw/…`, with `/`. */
import type { ByteRange, LakeError, ResourceKey, StoredFile } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"

/** A file of the lake, with its size. */
export interface Entry {
  readonly path: string
  readonly bytes: number
}

/** Who asks for a lease, and how long (milliseconds) to wait for one. */
export interface Leasing {
  readonly run: string
  readonly wait: number
}

/** A copy of the state for machines that have none yet: a help, never the truth. */
export interface SharedState {
  /** Brings the copy to a path of this machine; `false` when there is none. */
  readonly fetch: (path: string) => Effect.Effect<boolean, LakeError>
  /** Puts the file that `make` writes in its place, when there is none or one older than a day. */
  readonly offer: (make: (path: string) => Effect.Effect<void, LakeError>) => Effect.Effect<void, LakeError>
}

/** Where the files of a lake are. Nothing is overwritten but by {@link Storage.replace}. */
export interface Storage {
  /** As people write it: the folder, or `s3://bucket/prefix`. */
  readonly location: string
  /** Where a record can appear without that this machine hears of it, and listing everything is dear. */
  readonly isRemote: boolean
  /** Not there where the state is beside the files. */
  readonly sharedState?: SharedState
  /** Gives a file of this machine a name in the lake, durably; `exists` when the name is taken. The file may be gone from `from` afterwards. */
  readonly publish: (from: string, to: string) => Effect.Effect<"published" | "exists", LakeError>
  /** The bytes of a file, or a range of them; `undefined` when there is none. For small files and blocks. */
  readonly read: (path: string, range?: ByteRange) => Effect.Effect<Uint8Array | undefined, LakeError>
  /** A file of known size as chunks. Fails when it is missing or of another size. */
  readonly stream: (file: Entry, range: ByteRange) => Stream.Stream<Uint8Array, LakeError>
  /** The path of a file on this machine, for the scope. Fails when it is missing or of another size; what was brought here is hashed. */
  readonly local: (file: StoredFile) => Effect.Effect<string, LakeError, Scope.Scope>
  readonly size: (path: string) => Effect.Effect<number | undefined, LakeError>
  /** The names in a folder, sorted; none when there is no such folder. */
  readonly names: (folder: string) => Effect.Effect<ReadonlyArray<string>, LakeError>
  /** All files below a folder, in the order of their paths; `since` leaves out those in folders and files of it whose names sort before. */
  readonly list: (folder: string, since?: string) => Effect.Effect<ReadonlyArray<Entry>, LakeError>
  /** Appends a line to a file that one run writes, durably. */
  readonly append: (path: string, line: string) => Effect.Effect<void, LakeError>
  /** Puts other bytes in the place of a file's: only a purge may. */
  readonly replace: (path: string, text: string) => Effect.Effect<void, LakeError>
  /** Removes files; those that are gone already do not matter. */
  readonly remove: (paths: ReadonlyArray<string>) => Effect.Effect<void, LakeError>
  /** Holds a resource until the scope closes, against all other processes that work on this lake. */
  readonly lease: (key: ResourceKey, leasing: Leasing) => Effect.Effect<void, LakeError, Scope.Scope>
}
