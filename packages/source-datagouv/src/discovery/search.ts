/** Datasets that a search rule finds. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { misconfigured } from "@opendatahub-sql/core"
import { failure } from "../failure.ts"
import type { SearchOptions } from "../options.ts"
import { FoundDataset, OrganizationAnswer } from "../portal/answers.ts"
import { ask, type Connection } from "../portal/client.ts"
import { decodeAnswer } from "../portal/judge.ts"
import { pages, SEARCH_WINDOW } from "../portal/pages.ts"
import { isId } from "../portal/reference.ts"
import type { Wanted } from "../selection/rules.ts"

/** How many datasets a search follows when it does not say. */
const MOST_DATASETS = 50

/** The portal filters by the id of an organisation only. */
export const organizationId = Effect.fnUntraced(function* (
  connection: Connection,
  subject: string,
  organization: string,
) {
  if (isId(organization)) return organization
  const { status, body } = yield* ask(connection, {
    subject,
    path: `/api/1/organizations/${encodeURIComponent(organization)}/`,
    fields: "id,slug",
  })
  if (status !== 200) {
    return yield* failure(
      "discover",
      misconfigured,
      `${subject}: the portal knows no organisation "${organization}" (it answers ${status}); take the end of its page's address`,
    )
  }
  return (yield* decodeAnswer(OrganizationAnswer, `${subject}: organisation ${organization}`)(body)).id
})

/** What a search wants of the datasets it finds: its `format` and `schema` choose the resources too, unless `resources` says otherwise. */
export const searchWants = ({ format, schema, resources, into }: SearchOptions): Wanted => {
  const rules = {
    ...(format === undefined ? {} : { format }),
    ...(schema === undefined ? {} : { schema }),
    ...resources,
  }
  return { rules: Object.keys(rules).length === 0 ? undefined : rules, into }
}

/**
 * At most `max` datasets, oldest first, so that a new dataset never pushes out one that is followed already. Words go to the
 * search engine, which ends at {@link SEARCH_WINDOW}; filters alone go to the plain list, which has no end.
 */
export const searchDatasets = Effect.fn("Datagouv.search")(function* (
  connection: Connection,
  pageSize: number,
  rule: SearchOptions,
  subject: string,
) {
  const { q, tag, license, format, schema, geozone, granularity, featured, max = MOST_DATASETS } = rule
  const organization =
    rule.organization === undefined ? undefined : yield* organizationId(connection, subject, rule.organization)
  const filters = {
    q,
    organization,
    license,
    format,
    schema,
    geozone,
    granularity,
    featured: featured === undefined ? undefined : String(featured),
  }
  const size = Math.min(pageSize, max)
  const question = {
    subject,
    path: q === undefined ? "/api/2/datasets/" : "/api/2/datasets/search/",
    fields: "data{id,slug},next_page,total",
    query: [
      ["sort", "created"] as const,
      ...Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
      ...(tag === undefined ? [] : [tag].flat()).map((value) => ["tag", value] as const),
    ],
  }
  const datasets = new Map<string, FoundDataset>()
  let total = 0
  const decode = decodeAnswer(FoundDataset, subject)
  yield* pages(connection, question, size, q === undefined ? Infinity : Math.floor(SEARCH_WINDOW / size)).pipe(
    Stream.mapEffect((page) =>
      Effect.map(Effect.forEach(page.items, decode), (found) => {
        total = page.total ?? total
        for (const dataset of found) if (datasets.size < max) datasets.set(dataset.id, dataset)
      }),
    ),
    Stream.takeUntil(() => datasets.size >= max),
    Stream.runDrain,
  )
  if (total > datasets.size) {
    yield* Effect.logWarning(
      `${subject} matches ${total} datasets, the ${datasets.size} oldest are taken; raise \`max\` (now ${max}) or add filters`,
    )
  }
  return [...datasets.values()]
})
