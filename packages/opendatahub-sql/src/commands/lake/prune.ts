/** `odh lake prune`: lose old extractions, by a policy. */
import { prune, type PrunePolicy, resources } from "@opendatahub-sql/lake"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { bytesText, countText, instantText } from "../../cli/numbers.ts"
import { tableText } from "../../cli/output.ts"
import { UsageError } from "../../cli/usage-error.ts"
import { runIdAt } from "../../hub.ts"
import { lakePlace } from "../../lake-place.ts"

const policyOf = (text: (option: string) => string | undefined): PrunePolicy => {
  const number = (option: string, least: number): number => {
    const given = Number(text(option) ?? Number.NaN)
    if (!Number.isInteger(given) || given < least)
      throw new UsageError(
        `--${option} takes a whole number from ${least} on${text(option) === undefined ? ", and is needed: it says what stays" : ""}`,
      )
    return given
  }
  const onePer = text("one-per")
  if (onePer !== undefined && onePer !== "day" && onePer !== "month" && onePer !== "year")
    throw new UsageError(`--one-per takes day, month or year, not "${onePer}"`)
  return {
    keep: text("keep") === undefined ? 1 : number("keep", 1),
    olderThan: number("older-than", 0),
    ...(onePer === undefined ? {} : { onePer }),
  }
}

/** Tells what would go, or with `--apply` what went. */
export const work: Work = ({ positionals, text, flag, output, hub: config }) =>
  Effect.gen(function* () {
    const policy = yield* Effect.try({ try: () => policyOf(text), catch: (error) => error as UsageError })
    const hub = yield* config
    const place = lakePlace(hub)
    const slugs = new Set(positionals)
    const known = slugs.size === 0 ? [] : yield* resources(place)
    const chosen = new Set(
      known.filter((one) => slugs.has(one.dataset) || slugs.has(one.datasetSlug)).map(({ dataset }) => dataset),
    )
    if (slugs.size > 0 && chosen.size === 0)
      return yield* Effect.fail(
        new UsageError(`the lake has nothing of ${positionals.join(", ")}: \`odh lake ls\` shows it`),
      )
    const apply = flag("apply")
    const pruned = yield* prune(place, {
      policy,
      apply,
      run: runIdAt(yield* Clock.currentTimeMillis),
      ...(slugs.size === 0 ? {} : { only: ({ dataset }) => chosen.has(dataset) }),
    })
    const bytes = pruned.reduce((sum, one) => sum + one.bytes, 0)
    output.result({ applied: apply, extractions: pruned.length, bytes, pruned }, () =>
      [
        ...(pruned.length === 0
          ? []
          : [
              tableText(
                ["extraction", "dataset", "resource", "frees"],
                pruned.map((one) => [instantText(one.extractedAt), one.dataset, one.resource, bytesText(one.bytes)]),
              ),
            ]),
        `${countText(pruned.length)} extractions, ${bytesText(bytes)}: ${apply ? "gone from the lake; destinations keep their rows" : "`--apply` removes them for good"}`,
      ].join("\n"),
    )
    return 0
  })
