/** What the portal offers for some words, for people who choose. */
import { misconfigured, type Offer, type SearchQuery, type SourceError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { failure } from "../failure.ts"
import { FILTERS } from "../options.ts"
import { OfferAnswer } from "../portal/answers.ts"
import type { Connection } from "../portal/client.ts"
import { decodeAnswer } from "../portal/judge.ts"
import { pages, SEARCH_WINDOW } from "../portal/pages.ts"
import { organizationId } from "./search.ts"

const SUBJECT = "search"
const known: ReadonlyArray<string> = FILTERS.filter((name) => name !== "q")

const offer = (answer: OfferAnswer): Offer => {
  const license = typeof answer.license === "string" ? answer.license : answer.license?.id
  const organization = answer.organization?.name
  const resources = answer.resources?.total
  return {
    id: answer.id,
    slug: answer.slug ?? answer.id,
    title: answer.title ?? answer.id,
    ...(typeof organization === "string" ? { organization } : {}),
    ...(typeof license === "string" ? { license } : {}),
    ...(typeof answer.page === "string" ? { page: answer.page } : {}),
    ...(typeof resources === "number" ? { resources } : {}),
    ...(typeof answer.last_update === "string" ? { lastUpdate: answer.last_update } : {}),
  }
}

/** Best match first, as the portal ranks; its search ends at {@link SEARCH_WINDOW} datasets. */
export const offers = (
  connection: Connection,
  pageSize: number,
  { words, filters, max }: SearchQuery,
): Stream.Stream<Offer, SourceError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const unknown = Object.keys(filters).filter((name) => !known.includes(name))
      if (unknown.length > 0) {
        return yield* failure(
          "search",
          misconfigured,
          `${unknown.join(", ")}: not a filter of this portal, which has ${known.join(", ")}`,
        )
      }
      const organization = filters["organization"]
      const query = {
        ...filters,
        ...(words === "" ? {} : { q: words }),
        ...(organization === undefined
          ? {}
          : { organization: yield* organizationId(connection, SUBJECT, organization) }),
      }
      const size = Math.min(pageSize, max)
      const question = {
        subject: SUBJECT,
        path: "/api/2/datasets/search/",
        fields: "data{id,slug,title,page,license,organization{name},last_update,resources{total}},next_page,total",
        query: Object.entries(query),
      }
      const decode = decodeAnswer(OfferAnswer, SUBJECT)
      return pages(connection, question, size, Math.floor(SEARCH_WINDOW / size)).pipe(
        Stream.flatMap((page) => Stream.fromIterable(page.items)),
        Stream.take(max),
        Stream.mapEffect(decode),
        Stream.map(offer),
      )
    }),
  )
