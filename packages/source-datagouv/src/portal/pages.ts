import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { JsonObject, SourceError } from "@opendatahub-sql/core"
import { misconfigured } from "@opendatahub-sql/core"
import { failure } from "../failure.ts"
import { PageAnswer } from "./answers.ts"
import { ask, type Connection, type Question } from "./client.ts"
import { decodeAnswer } from "./judge.ts"

/** One page of a list. `total` is what the portal counts over all pages. */
export interface Page {
  readonly items: ReadonlyArray<JsonObject>
  readonly total: number | undefined
}

/** Search ends where page × page_size reaches this. */
export const SEARCH_WINDOW = 10_000

/**
 * Walks a list page by page, `lastPage` included. Pages are asked for by number: `next_page` only says whether there is one more, for it may
 * name the portal as it is called behind its proxy. A page that is gone meanwhile (404) is the end; a first page that is not there fails.
 */
export const pages = (
  connection: Connection,
  question: Question,
  pageSize: number,
  lastPage = Infinity,
): Stream.Stream<Page, SourceError> =>
  Stream.paginate(
    1,
    Effect.fnUntraced(function* (number: number) {
      const query = [...(question.query ?? []), ["page", String(number)], ["page_size", String(pageSize)]] as const
      const { status, body } = yield* ask(connection, { ...question, query })
      if (status !== 200) {
        if (number > 1 && status !== 400) return [[], Option.none<number>()] as const
        return yield* failure(
          "discover",
          misconfigured,
          `${question.subject}: the portal answers ${status} to ${question.path}; check the identifiers and filters`,
        )
      }
      const page = yield* decodeAnswer(PageAnswer, question.subject)(body)
      const more = page.next_page !== null && page.data.length > 0 && number < lastPage
      return [
        [{ items: page.data, total: page.total ?? undefined }],
        more ? Option.some(number + 1) : Option.none<number>(),
      ] as const
    }),
  )
