/** `odh lake import`: files that somebody kept become past states of a resource. */
import * as Effect from "effect/Effect"
import { stat } from "node:fs/promises"
import { basename, resolve } from "node:path"
import type { Work } from "../../cli/command.ts"
import { UsageError } from "../../cli/usage-error.ts"
import type { DatedState } from "../../past-states.ts"
import { dateIn } from "./dates.ts"
import { keepStates } from "./past.ts"

const dated = (file: string, given: string | undefined, byTime: boolean): Effect.Effect<DatedState, UsageError> =>
  Effect.tryPromise({
    try: async () => {
      const from = resolve(file)
      const found = await stat(from)
      if (!found.isFile()) throw new UsageError(`${file} is no file`)
      const at = given === undefined ? (byTime ? found.mtime.toISOString() : dateIn(basename(file))) : dateIn(given)
      if (at === undefined) {
        throw new UsageError(
          given === undefined
            ? `the name of ${file} holds no date: give --date for one file, or --by-time to take when it was last changed`
            : `--date "${given}" is not a date: write 2026-01-31 or 2026-01-31T12:00`,
        )
      }
      return { at, from }
    },
    catch: (error) =>
      error instanceof UsageError
        ? error
        : new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`),
  })

/** Imports the files, each with its date. */
export const work: Work = (invocation) =>
  Effect.gen(function* () {
    const [, ...files] = invocation.positionals
    const date = invocation.text("date")
    if (date !== undefined && files.length > 1)
      return yield* Effect.fail(new UsageError("--date is for one file: several are dated by their names or --by-time"))
    const states = yield* Effect.forEach(files, (file) => dated(file, date, invocation.flag("by-time")))
    return yield* keepStates(yield* invocation.hub, invocation, states, "imported")
  })
