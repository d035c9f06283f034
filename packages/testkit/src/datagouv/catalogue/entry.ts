import type { Dataset, Organization, Publication, Resource } from "./dataset.ts"
import { instantOf, uploadStamp } from "./instant.ts"
import { objectOf, textOf } from "./json.ts"
import type { JsonObject } from "./json.ts"

/** A resource as it is on the portal now. */
export interface ResourceState {
  readonly id: string
  readonly filetype: "file" | "remote"
  readonly fields: JsonObject
  readonly publication: Publication
  /** Path and query of its file on this server. */
  readonly path: string
  /** What the crawler saw last of a remote file; it may be older than `publication`. */
  readonly crawled: Publication
  /** ISO date of the last change of its metadata. */
  readonly modified: string
}

/** A dataset as it is on the portal now. */
export interface DatasetState {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly organization: Organization | undefined
  readonly fields: JsonObject
  readonly resources: ReadonlyArray<ResourceState>
  readonly archived: string | null
  readonly deleted: string | null
  readonly private: boolean
  /** ISO date of the last change of its metadata or of its hosted files. */
  readonly modified: string
}

type PlacedPublication = Publication & { readonly path: string }

/** A resource that can change. */
export interface ResourceEntry {
  resource: Resource
  /** Oldest first. */
  publications: readonly [PlacedPublication, ...ReadonlyArray<PlacedPublication>]
  crawled: Publication | undefined
  edited: string | undefined
}

/** A dataset that can change. */
export interface DatasetEntry {
  dataset: Dataset
  slug: string
  readonly formerSlugs: Set<string>
  resources: ReadonlyArray<ResourceEntry>
  archived: string | null
  deleted: string | null
  private: boolean
  edited: string
  /** Set once the dataset's clock was moved apart from the portal's. */
  date: number | undefined
}

/** The latest of some ISO dates. */
export const newest = (first: string, ...others: ReadonlyArray<string>): string =>
  others.reduce((left, right) => (instantOf(right) > instantOf(left) ? right : left), first)

/** Path of a hosted file: each upload has its own. */
export const hostedPath = (slug: string, at: string, name: string): string =>
  `/resources/${slug}/${uploadStamp(at)}/${name}`

export const resourceEntry = (slug: string, resource: Resource): ResourceEntry => {
  const place = (publication: Publication): PlacedPublication => ({
    ...publication,
    path: publication.path ?? hostedPath(slug, publication.at, publication.name),
  })
  const [first, ...later] = resource.publications
  return { resource, publications: [place(first), ...later.map(place)], crawled: undefined, edited: undefined }
}

const recordedEdit = ({ fields }: Dataset): string | undefined =>
  textOf(objectOf(fields["internal"])["last_modified_internal"]) ?? textOf(fields["last_modified_internal"])

export const datasetEntry = (dataset: Dataset, now: string): DatasetEntry => {
  const uploads = dataset.resources.filter((one) => one.filetype === "file").map((one) => one.publications[0].at)
  return {
    dataset,
    slug: dataset.slug,
    formerSlugs: new Set(),
    resources: dataset.resources.map((one) => resourceEntry(dataset.slug, one)),
    archived: textOf(dataset.fields["archived"]) ?? null,
    deleted: textOf(dataset.fields["deleted"]) ?? null,
    private: dataset.fields["private"] === true,
    edited: recordedEdit(dataset) ?? newest(textOf(dataset.fields["created_at"]) ?? now, ...uploads),
    date: undefined,
  }
}

/** The last publication at that instant, or the first of all. */
export const publicationAt = ({ publications }: ResourceEntry, instant: number): PlacedPublication =>
  publications.findLast((publication) => instantOf(publication.at) <= instant) ?? publications[0]

export const resourceState = (entry: ResourceEntry, instant: number): ResourceState => {
  const publication = publicationAt(entry, instant)
  const [first] = entry.publications
  // Nobody tells the portal that a remote file changed: only an edit or the crawler does.
  const changed = entry.resource.filetype === "file" ? publication.at : first.at
  return {
    id: entry.resource.id,
    filetype: entry.resource.filetype,
    fields: entry.resource.fields,
    publication,
    path: publication.path,
    crawled: entry.crawled ?? first,
    modified: entry.edited === undefined ? changed : newest(changed, entry.edited),
  }
}

export const datasetState = (entry: DatasetEntry, instant: number): DatasetState => {
  const replaced = entry.resources
    .filter((one) => one.resource.filetype === "file")
    .filter((one) => publicationAt(one, instant) !== one.publications[0])
    .map((one) => publicationAt(one, instant).at)
  return {
    id: entry.dataset.id,
    slug: entry.slug,
    title: entry.dataset.title,
    organization: entry.dataset.organization,
    fields: entry.dataset.fields,
    resources: entry.resources.map((one) => resourceState(one, instant)),
    archived: entry.archived,
    deleted: entry.deleted,
    private: entry.private,
    modified: newest(entry.edited, ...replaced),
  }
}
