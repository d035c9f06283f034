/** The bytes of a relation, within reach of the engine: by path when the disk allows, else through a pipe. */
import type { EngineError, RawFile, ReadError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { link, rm } from "node:fs/promises"
import { join } from "node:path"
import { pipeInto } from "./pipe.ts"

/** What a relation reads. */
export type Input = RawFile | Stream.Stream<Uint8Array, ReadError>

const isRawFile = (input: Input): input is RawFile => "identity" in input

/** Runs a query on a path that holds the input. `allOfIt`: the query reads to the end. May be run again. */
export type Feed = <A, E>(
  query: (path: string) => Effect.Effect<A, E>,
  allOfIt: boolean,
) => Effect.Effect<A, E | EngineError | ReadError>

/** An input made ready: how to feed it to a query, and its path or its bytes for sampling. */
export interface Ready {
  readonly feed: Feed
  readonly local: string | undefined
  readonly bytes: Stream.Stream<Uint8Array, ReadError>
}

/**
 * A file gets a second, hard link in the table's folder: the engine may open nothing elsewhere, follows symbolic links to where they lead, and
 * takes `*` in a name for a pattern. Where the file is on another disk its bytes go through a pipe.
 */
export const ready = Effect.fnUntraced(function* (
  input: Input,
  folder: string,
): Effect.fn.Return<Ready, EngineError | ReadError, Scope.Scope> {
  if (!isRawFile(input))
    return { feed: (query, allOfIt) => pipeInto(folder, input, query, allOfIt), local: undefined, bytes: input }
  const local = yield* input.local
  const path = join(folder, "input")
  // The link goes with the reading: else it would hold on to the copy of an archive's member for as long as the table lives.
  const linked = yield* Effect.acquireRelease(
    Effect.promise(() =>
      link(local, path).then(
        () => true,
        () => false,
      ),
    ),
    () => Effect.promise(() => rm(path, { force: true })),
  )
  const bytes = input.bytes()
  return linked
    ? { feed: (query) => query(path), local, bytes }
    : { feed: (query, allOfIt) => pipeInto(folder, bytes, query, allOfIt), local, bytes }
})
