/** `odh search`: what the sources offer. */
import { misconfigured, type Offer, SourceError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Work } from "../cli/command.ts"
import { tableText } from "../cli/output.ts"
import { UsageError } from "../cli/usage-error.ts"

const DEFAULT_MAX = 20

const filtersOf = (given: ReadonlyArray<string>): Readonly<Record<string, string>> | UsageError => {
  const wrong = given.find((one) => !/^[^=]+=./.test(one))
  if (wrong !== undefined) return new UsageError(`--filter takes NAME=VALUE, not "${wrong}"`)
  return Object.fromEntries(given.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]))
}

/** Prints the datasets, best match first; their slugs are what `odh sync` takes. */
export const work: Work = ({ positionals, text, texts, output, hub: config }) =>
  Effect.gen(function* () {
    const max = Number(text("max") ?? DEFAULT_MAX)
    if (!Number.isInteger(max) || max < 1)
      return yield* Effect.fail(new UsageError("--max takes a whole number above 0"))
    const filters = filtersOf(texts("filter"))
    if (filters instanceof UsageError) return yield* Effect.fail(filters)
    const words = positionals.join(" ")
    if (words === "" && Object.keys(filters).length === 0)
      return yield* Effect.fail(new UsageError("give words to look for, or a --filter"))
    const { sources } = yield* config
    const wanted = text("source")
    const asked = sources.filter((source) => wanted === undefined || source.id === wanted)
    if (asked.length === 0)
      return yield* Effect.fail(
        new UsageError(`no source "${wanted ?? ""}": the configuration has ${sources.map(({ id }) => id).join(", ")}`),
      )
    const found = yield* Effect.forEach(asked, ({ id, search }) =>
      search === undefined
        ? Effect.fail(
            new SourceError({
              plugin: id,
              operation: "search",
              reason: misconfigured,
              message: `${id} cannot be searched`,
            }),
          )
        : Effect.map(Stream.runCollect(search({ words, filters, max })), (offers) =>
            offers.map((offer): Offer & { readonly source: string } => ({ source: id, ...offer })),
          ),
    )
    const offers = found.flat()
    output.result(offers, () =>
      offers.length === 0
        ? "nothing found: try other words, or fewer"
        : [
            tableText(
              ["dataset", "title", "organisation", "files", "last update"],
              offers.map((one) => [
                one.slug,
                one.title,
                one.organization ?? "",
                one.resources ?? "",
                one.lastUpdate?.slice(0, 10) ?? "",
              ]),
            ),
            "`odh sync DATASET` brings one here; in odh.config.ts: `datagouv({ datasets: [DATASET] })`",
          ].join("\n"),
    )
    return 0
  })
