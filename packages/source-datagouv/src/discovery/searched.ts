/** What the search rules of the configuration bring. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Discovery, misconfigured } from "@opendatahub-sql/core"
import { failure } from "../failure.ts"
import type { DecodedOptions } from "../options.ts"
import type { Connection } from "../portal/client.ts"
import { CONCURRENCY, type Entry, failed, findings } from "./dataset.ts"
import { searchDatasets, searchWants } from "./search.ts"

/** Runs every search: per rule its entry and the datasets it found, or why it failed. */
export const searches = (connection: Connection, { search, pageSize }: DecodedOptions) =>
  Effect.forEach(search, (rule, index) => {
    const entry: Entry = { ...searchWants(rule), at: `search[${index}]`, mustMatch: false }
    return Effect.map(Effect.result(searchDatasets(connection, pageSize, rule, entry.at)), (datasets) => ({
      entry,
      datasets,
    }))
  })

const problem = ({ at }: Entry, message: string): Discovery =>
  failed(at, failure("discover", misconfigured, `${at} ${message}`))

/**
 * Reads what the searches find, without the datasets that have entries of their own (`named`: ids and slugs), for those say all that is
 * wanted of them. A dataset in which a search matches nothing is normal; a search that matches nothing anywhere is a failure.
 */
export const discoverSearched = Effect.fnUntraced(function* (
  connection: Connection,
  options: DecodedOptions,
  named: ReadonlySet<string>,
) {
  const wanted = new Map<string, Array<Entry>>()
  const problems: Array<Discovery> = []
  for (const { entry, datasets } of yield* searches(connection, options)) {
    if (datasets._tag === "Failure") {
      problems.push(failed(entry.at, datasets.failure))
      continue
    }
    if (datasets.success.length === 0) problems.push(problem(entry, "finds no dataset; check its filters"))
    for (const { id, slug } of datasets.success) {
      if (!named.has(id) && !named.has(slug ?? id)) wanted.set(id, [...(wanted.get(id) ?? []), entry])
    }
  }

  const matched = new Map<Entry, number>()
  const read = Effect.fnUntraced(function* ([id, entries]: readonly [string, ReadonlyArray<Entry>]) {
    const { discoveries, counts } = yield* findings(connection, options.pageSize, id, () => Effect.succeed(entries))
    for (const [index, count] of counts.entries()) {
      const entry = entries[index]
      if (entry !== undefined) matched.set(entry, (matched.get(entry) ?? 0) + count)
    }
    return discoveries
  })
  const found = Stream.fromIterable(wanted).pipe(
    Stream.mapEffect(read, { concurrency: CONCURRENCY }),
    Stream.flattenIterable,
  )
  const unmatched = Stream.suspend(() =>
    Stream.fromIterable(
      [...matched]
        .filter(([, count]) => count === 0)
        .map(([entry]) => problem(entry, "finds datasets, but no resource in them matches; check `resources`")),
    ),
  )
  return Stream.fromIterable(problems).pipe(Stream.concat(found), Stream.concat(unmatched))
})
