/** What a plan finds new: resources offered for the first time, described otherwise, or moved to another file or address. */
import * as Effect from "effect/Effect"
import type { OfferedResource } from "../../contracts/event.ts"
import { Lake } from "../../contracts/lake.ts"
import type { Resource } from "../../contracts/resource.ts"
import { record } from "../run-log.ts"

/** Resources of one event. */
const PER_EVENT = 1_000

const CREDENTIAL = /(^|[_-])(sig|signature|token|key|apikey|secret|password|pwd|auth|credential)([_-]|$)/i

/** The address without user, fragment, and the whole query where it holds a credential: it changes with it. */
const publicUrl = (text: string): string => {
  const url = URL.parse(text)
  if (url === null) return text.replace(/[?#].*$/s, "")
  const isSecret = [...url.searchParams.keys()].some((name) => CREDENTIAL.test(name))
  return `${url.protocol}//${url.host}${url.pathname}${isSecret ? "" : url.search}`
}

type Offer = Omit<OfferedResource, "how">

const offerOf = ({ dataset, id, portalId, title, url }: Resource): Offer => ({
  dataset: dataset.id,
  resource: id,
  portalId,
  title,
  url: publicUrl(url),
})

/** How an offer differs from the last one of the same resource; `undefined`: not at all. */
export const offerChange = (before: Offer | undefined, now: Offer): OfferedResource["how"] | undefined => {
  if (before === undefined) return "found"
  if (before.portalId !== now.portalId || before.url !== now.url) return "moved"
  return before.title === now.title ? undefined : "changed"
}

/**
 * Records what changed in the offers of a source since they were last asked for, and gives the resources with those that changed in front: a
 * portal's word orders the work, and decides nothing.
 */
export const recordOffers = Effect.fnUntraced(function* (source: string, resources: ReadonlyArray<Resource>) {
  if (resources.length === 0) return resources
  const lake = yield* Lake
  const addressOf = ({ dataset, resource }: Offer): string => `${dataset} ${resource}`
  const before = new Map((yield* lake.offers(source)).map((offer) => [addressOf(offer), offer]))
  const news: Array<OfferedResource> = []
  const changed: Array<Resource> = []
  const others: Array<Resource> = []
  for (const resource of resources) {
    const now = offerOf(resource)
    const how = offerChange(before.get(addressOf(now)), now)
    if (how !== undefined) news.push({ ...now, how })
    const place = how === "found" || how === "moved" ? changed : others
    place.push(resource)
  }
  for (let from = 0; from < news.length; from += PER_EVENT)
    yield* record({ _tag: "Offered", source, resources: news.slice(from, from + PER_EVENT) })
  return [...changed, ...others]
})
