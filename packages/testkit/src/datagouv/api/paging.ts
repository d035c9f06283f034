import type { Json, JsonObject } from "../catalogue/json.ts"
import { invalid, message } from "./answer.ts"
import type { Answer } from "./answer.ts"

/** A page number and size, or the refusal of it. */
export type Paging = { readonly page: number; readonly size: number } | { readonly refused: Answer }

const positive = (text: string | null, otherwise: number): number | undefined => {
  if (text === null) return otherwise
  return /^[0-9]+$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}

/** Reads `page` and `page_size`; the portal sets no upper limit. */
export const pagingOf = (query: URLSearchParams, defaultSize: number): Paging => {
  const page = positive(query.get("page"), 1)
  if (page === undefined) return { refused: invalid("page", "page must be a positive integer") }
  const size = positive(query.get("page_size"), defaultSize)
  return size === undefined ? { refused: invalid("page_size", "page_size must be a positive integer") } : { page, size }
}

/**
 * One page of a list. Links are absolute and keep the whole query, unknown parameters included.
 * Past the end: 404 on lists, an empty page on v2 resources (`pastEnd`).
 */
export const pageOf = <Item>(
  items: ReadonlyArray<Item>,
  url: URL,
  paging: { readonly page: number; readonly size: number },
  write: (item: Item) => Json,
  pastEnd: "missing" | "empty" = "missing",
): JsonObject | Answer => {
  const { page, size } = paging
  const slice = items.slice((page - 1) * size, page * size)
  if (slice.length === 0 && page > 1 && pastEnd === "missing")
    return message(404, "Not found: this page is past the end")
  const link = (number: number): string => {
    const target = new URL(url)
    target.searchParams.set("page", String(number))
    target.searchParams.set("page_size", String(size))
    return target.href
  }
  return {
    data: slice.map(write),
    next_page: page * size < items.length ? link(page + 1) : null,
    page,
    page_size: size,
    previous_page: page > 1 ? link(page - 1) : null,
    total: items.length,
  }
}
