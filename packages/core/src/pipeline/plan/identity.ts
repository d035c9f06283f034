/** One resource across new ids, addresses and dated titles: what people have accepted, applied to what a source offers. */
import type { Resource } from "../../contracts/resource.ts"

/** A person's word that a file of the portal is a known resource. `dataset` and `resource` are the known one's ids. */
export interface Identity {
  readonly source: string
  readonly portalId: string
  readonly dataset: string
  readonly resource: string
}

/**
 * The resources under their accepted identities. A file that stands in for a resource takes its place, even while the old file is still
 * offered: one resource is one file.
 */
export const identified = (
  resources: ReadonlyArray<Resource>,
  identities: ReadonlyArray<Identity>,
): ReadonlyArray<Resource> => {
  if (identities.length === 0) return resources
  const known = new Map(identities.map((one) => [`${one.source} ${one.portalId}`, one]))
  const isReplaced = new Set<string>()
  const renamed = resources.map((resource) => {
    const identity = known.get(`${resource.source} ${resource.portalId}`)
    if (identity === undefined) return resource
    isReplaced.add(`${identity.dataset} ${identity.resource}`)
    return {
      ...resource,
      id: identity.resource,
      dataset: { ...resource.dataset, id: identity.dataset },
    }
  })
  return renamed.filter(
    (resource) =>
      known.has(`${resource.source} ${resource.portalId}`) || !isReplaced.has(`${resource.dataset.id} ${resource.id}`),
  )
}
