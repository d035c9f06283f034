/** What `lake import` and `lake backfill` share: which resource is meant, and what is told at the end. */
import { exitCodeOf, type PastState, type Resource } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import * as Effect from "effect/Effect"
import type { Invocation } from "../../cli/command.ts"
import { countText } from "../../cli/numbers.ts"
import { UsageError } from "../../cli/usage-error.ts"
import { inHub } from "../../hub.ts"
import { type DatedState, keepPast, type KeptState, resourcesMeant } from "../../past-states.ts"
import { summaryText } from "../summary.ts"

const TRANSIENT = 75

const theOne = (found: ReadonlyArray<Resource>, dataset: string): Effect.Effect<Resource, UsageError> => {
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return Effect.succeed(only)
  return Effect.fail(
    new UsageError(
      only === undefined
        ? `"${dataset}" has no such resource in the lake or in the configuration: give the dataset's id or slug, and --resource`
        : `"${dataset}" has ${found.length} resources: give one with --resource (${found.map(({ id, title }) => `${id} "${title}"`).join(", ")})`,
    ),
  )
}

const lineOf = ({ at, from, outcome, message }: KeptState): string =>
  `${at.slice(0, 16).replace("T", " ")}  ${outcome}  ${from}${message === undefined ? "" : `: ${message}`}`

/** Keeps and loads the states; exit 75 when some could not be had. */
export const keepStates = Effect.fnUntraced(function* (
  hub: Hub,
  { positionals: [dataset = ""], text, output }: Pick<Invocation, "positionals" | "text" | "output">,
  states: ReadonlyArray<DatedState>,
  how: PastState["how"],
) {
  const done = yield* inHub(
    hub,
    how === "imported" ? "lake import" : "lake backfill",
    Effect.gen(function* () {
      const resource = yield* theOne(yield* resourcesMeant(hub, dataset, text("resource")), dataset)
      return yield* keepPast(hub, resource, states, how)
    }),
  )
  output.finish()
  const count = (outcome: KeptState["outcome"]): number => done.states.filter((one) => one.outcome === outcome).length
  output.result({ schemaVersion: 1, ...done }, () =>
    [
      ...done.states.map(lineOf),
      `${countText(count("kept"))} kept, ${countText(count("unchanged"))} as the state before, ${countText(count("failed"))} could not be had`,
      ...(done.resources.length === 0 ? [] : [summaryText(done.resources)]),
    ].join("\n"),
  )
  return count("failed") > 0 ? TRANSIENT : exitCodeOf(done.resources)
})
