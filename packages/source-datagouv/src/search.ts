/** Datasets that a search rule finds. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { misconfigured } from "@opendatahub-sql/core"
import { failure } from "./failure.ts"
import type { DecodedSearch } from "./options.ts"
import { FoundDataset, OrganizationAnswer } from "./portal/answers.ts"
import { ask, type Connection, decodeAnswer } from "./portal/client.ts"
import { pages, SEARCH_WINDOW } from "./portal/pages.ts"
import type { Wanted } from "./selection/rules.ts"

const OBJECT_ID = /^[0-9a-f]{24}$/i

/** The portal filters by the id of an organisation only. */
const organizationId = Effect.fnUntraced(function* (connection: Connection, subject: string, organization: string) {
  if (OBJECT_ID.test(organization)) return organization
  const { status, body } = yield* ask(connection, { subject, path: `/api/1/organizations/${encodeURIComponent(organization)}/`, fields: "id,slug" })
  if (status !== 200) {
    return yield* failure("discover", misconfigured, `${subject}: the portal knows no organisation "${organization}" (it answers ${status}); take the end of its page's address`)
  }
  return (yield* decodeAnswer(OrganizationAnswer, `${subject}: organisation ${organization}`)(body)).id
})

/** What a search wants of the datasets it finds: its `format` and `schema` choose the resources too, unless `resources` says otherwise. */
export const searchWants = ({ format, schema, resources, into }: DecodedSearch): Wanted => {
  const rules = { ...(format === undefined ? {} : { format }), ...(schema === undefined ? {} : { schema }), ...resources }
  return { rules: Object.keys(rules).length === 0 ? undefined : rules, into }
}

/**
 * The ids of at most `max` datasets, oldest first, so that a new dataset never pushes out one that is followed already. Words go to the
 * search engine, which ends at {@link SEARCH_WINDOW}; filters alone go to the plain list, which has no end.
 */
export const searchDatasets = Effect.fn("Datagouv.search")(function* (connection: Connection, pageSize: number, rule: DecodedSearch, subject: string) {
  const { q, tag, license, format, schema, geozone, granularity, featured, max } = rule
  const organization = rule.organization === undefined ? undefined : yield* organizationId(connection, subject, rule.organization)
  const filters = { q, organization, license, format, schema, geozone, granularity, featured: featured === undefined ? undefined : String(featured) }
  const size = Math.min(pageSize, max)
  const question = {
    subject,
    path: q === undefined ? "/api/2/datasets/" : "/api/2/datasets/search/",
    fields: "data{id},next_page,total",
    query: [
      ["sort", "created"] as const,
      ...Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
      ...(tag === undefined ? [] : [tag].flat()).map((value) => ["tag", value] as const),
    ],
  }
  const ids = new Set<string>()
  let total = 0
  const decode = decodeAnswer(FoundDataset, subject)
  yield* pages(connection, question, size, q === undefined ? Infinity : Math.floor(SEARCH_WINDOW / size)).pipe(
    Stream.mapEffect((page) =>
      Effect.map(Effect.forEach(page.items, decode), (found) => {
        total = page.total ?? total
        for (const { id } of found) if (ids.size < max) ids.add(id)
      })
    ),
    Stream.takeUntil(() => ids.size >= max),
    Stream.runDrain,
  )
  if (total > ids.size) {
    yield* Effect.logWarning(`${subject} matches ${total} datasets, the ${ids.size} oldest are taken; raise \`max\` (now ${max}) or add filters`)
  }
  return [...ids]
})
