/** What a command writes where it was told to. */
import * as Effect from "effect/Effect"
import { UsageError } from "../cli/usage-error.ts"

/** Runs `write`; a disk that refuses is a mistake in the arguments. */
export const writing = <A>(path: string, write: () => Promise<A>): Effect.Effect<A, UsageError> =>
  Effect.tryPromise({
    try: write,
    catch: (error) =>
      new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`),
  })
