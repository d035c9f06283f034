/** Which extraction a person means. */
import { heldBack, type HeldBack } from "@opendatahub-sql/lake"
import type { Hub } from "@opendatahub-sql/core/config"
import * as Effect from "effect/Effect"
import type { Invocation } from "../../cli/command.ts"
import { UsageError } from "../../cli/usage-error.ts"
import { lakePlace } from "../../lake-place.ts"

/** The newest of a resource that is held back, or the one of `--extraction`. A resource is named by its id, its title or its dataset's slug. */
export const chosen = Effect.fnUntraced(function* (
  hub: Hub,
  { positionals: [name = ""], text }: Pick<Invocation, "positionals" | "text">,
) {
  const at = text("extraction")
  const mine = (yield* heldBack(lakePlace(hub))).filter(
    (one) =>
      [one.resource, one.title, one.datasetSlug].includes(name) && (at === undefined || one.extractedAt.startsWith(at)),
  )
  const ids = new Set(mine.map(({ resource }) => resource))
  const found: HeldBack | undefined = mine.at(-1)
  if (found !== undefined && ids.size === 1) return found
  return yield* Effect.fail(
    new UsageError(
      found === undefined
        ? `nothing of "${name}" is held back${at === undefined ? "" : ` of ${at}`}: \`odh quarantine\` lists what is`
        : `"${name}" means ${ids.size} resources: give an id (${[...ids].join(", ")})`,
    ),
  )
})

/** What a person says of the decision, for those who look back. */
export const whyOf = ({ text }: Pick<Invocation, "text">): string => text("why") ?? "no reason given"
