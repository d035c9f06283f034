import type { Contents } from "./contents.ts"
import { resource } from "./dataset.ts"
import type { Content, Dataset, JsonObject, Organization, Publication, Resource, ResourceInput } from "./dataset.ts"
import { instantOf, isoOf, uploadStamp } from "./instant.ts"

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

interface ResourceEntry {
  resource: Resource
  publications: Array<Publication & { readonly path: string }>
  crawled: Publication | undefined
  edited: string | undefined
}

interface DatasetEntry {
  dataset: Dataset
  slug: string
  readonly formerSlugs: Set<string>
  resources: Array<ResourceEntry>
  archived: string | null
  deleted: string | null
  private: boolean
  edited: string
  /** Set once the dataset's clock was moved apart from the portal's. */
  date: number | undefined
}

const orNull = (value: unknown): string | null => (typeof value === "string" ? value : null)

const newest = (dates: ReadonlyArray<string>): string =>
  dates.reduce((left, right) => (instantOf(right) > instantOf(left) ? right : left))

const recordedEdit = ({ fields }: Dataset): string | undefined => {
  const internal = fields["internal"] as JsonObject | null | undefined
  return orNull(internal?.["last_modified_internal"]) ?? orNull(fields["last_modified_internal"]) ?? undefined
}

const firstUploads = ({ resources }: Dataset): ReadonlyArray<string> =>
  resources.filter((one) => one.filetype === "file").map((one) => one.publications[0].at)

/** The portal's datasets on a movable date. All changes are synchronous; readers get plain snapshots. */
export class Catalogue {
  readonly #entries = new Map<string, DatasetEntry>()
  readonly #contents: Contents
  #now: number

  constructor(contents: Contents, at: string) {
    this.#contents = contents
    this.#now = instantOf(at)
  }

  /** The portal's date, ISO. */
  get now(): string {
    return isoOf(this.#now)
  }

  get contents(): Contents {
    return this.#contents
  }

  add(dataset: Dataset): void {
    this.#entries.set(dataset.id, {
      dataset,
      slug: dataset.slug,
      formerSlugs: new Set(),
      resources: dataset.resources.map((one) => entryOf(dataset.slug, one)),
      archived: orNull(dataset.fields["archived"]),
      deleted: orNull(dataset.fields["deleted"]),
      private: dataset.fields["private"] === true,
      edited:
        recordedEdit(dataset) ?? newest([orNull(dataset.fields["created_at"]) ?? this.now, ...firstUploads(dataset)]),
      date: undefined,
    })
  }

  /** Moves the whole portal, or one dataset, to a date. A resource without a state that early shows its first. */
  moveTo(date: string, dataset?: string): void {
    if (dataset !== undefined) {
      this.#entry(dataset).date = instantOf(date)
      return
    }
    this.#now = instantOf(date)
    for (const entry of this.#entries.values()) entry.date = undefined
  }

  /** Replaces a resource's file, as an upload does: same id, and a new URL if it is hosted; the old URL is gone. */
  replace(
    resourceId: string,
    content: Content,
    options: { readonly title?: string; readonly name?: string; readonly at?: string } = {},
  ): void {
    const [owner, entry] = this.#owner(resourceId)
    const current = publicationAt(entry, this.#dateOf(owner))
    const at = options.at ?? isoOf(Math.max(this.#dateOf(owner), instantOf(current.at) + 1000))
    if (instantOf(at) <= instantOf(current.at))
      throw new Error(`A replacement of ${resourceId} must come after ${current.at}, not at ${at}`)
    const title = options.title ?? current.title
    const name = options.name ?? options.title ?? current.name
    const path = entry.resource.filetype === "file" ? hostedPath(owner.slug, at, name) : current.path
    entry.publications.push({ at, title, name, content, path })
    entry.publications.sort((left, right) => instantOf(left.at) - instantOf(right.at))
    owner.date = Math.max(this.#dateOf(owner), instantOf(at))
  }

  /** Adds a resource; the portal lists new ones first. Returns its id. */
  addResource(datasetId: string, input: ResourceInput): string {
    const owner = this.#entry(datasetId)
    const added = resource(owner.slug, { at: this.#dateText(owner), ...input })
    owner.resources = [entryOf(owner.slug, added), ...owner.resources]
    owner.edited = this.#dateText(owner)
    return added.id
  }

  removeResource(resourceId: string): void {
    const [owner, entry] = this.#owner(resourceId)
    owner.resources = owner.resources.filter((other) => other !== entry)
    owner.edited = this.#dateText(owner)
  }

  /** Changes a resource's metadata: moves its internal date and the dataset's `last_modified`. */
  editResource(resourceId: string, fields: JsonObject): void {
    const [owner, entry] = this.#owner(resourceId)
    entry.resource = { ...entry.resource, fields: { ...entry.resource.fields, ...fields } }
    entry.edited = owner.edited = this.#dateText(owner)
  }

  /** Lets the portal's crawler look at a remote file: its `analysis:*` extras now describe the content served today. */
  crawl(resourceId: string): void {
    const [owner, entry] = this.#owner(resourceId)
    entry.crawled = publicationAt(entry, this.#dateOf(owner))
  }

  edit(datasetId: string, fields: JsonObject): void {
    const entry = this.#entry(datasetId)
    entry.dataset = {
      ...entry.dataset,
      title: orNull(fields["title"]) ?? entry.dataset.title,
      fields: { ...entry.dataset.fields, ...fields },
    }
    entry.edited = this.#dateText(entry)
  }

  archive(datasetId: string): void {
    const entry = this.#entry(datasetId)
    entry.archived = entry.edited = this.#dateText(entry)
  }

  delete(datasetId: string): void {
    const entry = this.#entry(datasetId)
    entry.deleted = entry.edited = this.#dateText(entry)
  }

  makePrivate(datasetId: string): void {
    const entry = this.#entry(datasetId)
    entry.private = true
    entry.edited = this.#dateText(entry)
  }

  /** Changes the slug; the old one redirects from now on. */
  rename(datasetId: string, slug: string): void {
    const entry = this.#entry(datasetId)
    entry.formerSlugs.add(entry.slug)
    entry.formerSlugs.delete(slug)
    entry.slug = slug
    entry.edited = this.#dateText(entry)
  }

  /** Every dataset, hidden ones too. */
  datasets(): ReadonlyArray<DatasetState> {
    return [...this.#entries.values()].map((entry) => this.#state(entry))
  }

  /** By id or slug; `renamed` is the present slug when the one asked for is an old one. */
  find(idOrSlug: string): { readonly dataset: DatasetState } | { readonly renamed: string } | undefined {
    const entries = [...this.#entries.values()]
    const entry = this.#entries.get(idOrSlug) ?? entries.find((other) => other.slug === idOrSlug)
    if (entry !== undefined) return { dataset: this.#state(entry) }
    const moved = entries.find((other) => other.formerSlugs.has(idOrSlug))
    return moved === undefined ? undefined : { renamed: moved.slug }
  }

  findResource(resourceId: string): { readonly dataset: DatasetState; readonly resource: ResourceState } | undefined {
    for (const entry of this.#entries.values()) {
      if (!entry.resources.some((one) => one.resource.id === resourceId)) continue
      const dataset = this.#state(entry)
      const found = dataset.resources.find((one) => one.id === resourceId)
      if (found !== undefined) return { dataset, resource: found }
    }
    return undefined
  }

  /** The resource whose present file has this path and query. */
  resourceAt(path: string): ResourceState | undefined {
    for (const dataset of this.#entries.values()) {
      for (const entry of dataset.resources) {
        const publication = publicationAt(entry, this.#dateOf(dataset))
        if (publication.path === path || encoded(publication.path) === path) return this.#resourceState(entry, dataset)
      }
    }
    return undefined
  }

  #state(entry: DatasetEntry): DatasetState {
    const resources = entry.resources.map((one) => this.#resourceState(one, entry))
    const replaced = resources.filter(
      (one, index) => one.filetype === "file" && one.publication !== entry.resources[index]?.publications[0],
    )
    return {
      id: entry.dataset.id,
      slug: entry.slug,
      title: entry.dataset.title,
      organization: entry.dataset.organization,
      fields: entry.dataset.fields,
      resources,
      archived: entry.archived,
      deleted: entry.deleted,
      private: entry.private,
      modified: newest([entry.edited, ...replaced.map((one) => one.publication.at)]),
    }
  }

  #resourceState(entry: ResourceEntry, owner: DatasetEntry): ResourceState {
    const publication = publicationAt(entry, this.#dateOf(owner))
    const first = entry.publications[0] ?? publication
    const dates = [
      entry.resource.filetype === "file" ? publication.at : first.at,
      ...(entry.edited === undefined ? [] : [entry.edited]),
    ]
    return {
      id: entry.resource.id,
      filetype: entry.resource.filetype,
      fields: entry.resource.fields,
      publication,
      path: publication.path,
      crawled: entry.crawled ?? first,
      modified: newest(dates),
    }
  }

  #dateOf(entry: DatasetEntry): number {
    return entry.date ?? this.#now
  }

  #dateText(entry: DatasetEntry): string {
    return isoOf(this.#dateOf(entry))
  }

  #entry(idOrSlug: string): DatasetEntry {
    const entry = this.#entries.get(idOrSlug) ?? [...this.#entries.values()].find((other) => other.slug === idOrSlug)
    if (entry === undefined) throw new Error(`No dataset ${idOrSlug} on this portal`)
    return entry
  }

  #owner(resourceId: string): readonly [DatasetEntry, ResourceEntry] {
    for (const dataset of this.#entries.values()) {
      const entry = dataset.resources.find((one) => one.resource.id === resourceId)
      if (entry !== undefined) return [dataset, entry]
    }
    throw new Error(`No resource ${resourceId} on this portal`)
  }
}

const hostedPath = (slug: string, at: string, name: string): string => `/resources/${slug}/${uploadStamp(at)}/${name}`

/** As a client sends it: blanks and accents escaped. */
const encoded = (path: string): string => {
  const url = new URL(path, "http://localhost")
  return url.pathname + url.search
}

const entryOf = (slug: string, one: Resource): ResourceEntry => ({
  resource: one,
  publications: one.publications.map((publication) => ({
    ...publication,
    path: publication.path ?? hostedPath(slug, publication.at, publication.name),
  })),
  crawled: undefined,
  edited: undefined,
})

const publicationAt = (entry: ResourceEntry, date: number): Publication & { readonly path: string } => {
  const published = entry.publications.filter((publication) => instantOf(publication.at) <= date)
  const publication = published.at(-1) ?? entry.publications[0]
  if (publication === undefined) throw new Error(`Resource ${entry.resource.id} has no publication`)
  return publication
}
