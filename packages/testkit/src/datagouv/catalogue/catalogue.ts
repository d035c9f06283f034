import type { Contents } from "./contents.ts"
import { resource } from "./dataset.ts"
import type { Content, Dataset, ResourceInput } from "./dataset.ts"
import { datasetEntry, datasetState, hostedPath, publicationAt, resourceEntry, resourceState } from "./entry.ts"
import type { DatasetEntry, DatasetState, ResourceEntry, ResourceState } from "./entry.ts"
import { instantOf, isoOf } from "./instant.ts"
import { textOf } from "./json.ts"
import type { JsonObject } from "./json.ts"

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
    this.#entries.set(dataset.id, datasetEntry(dataset, this.now))
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
    const [first, ...later] = entry.publications
    const added = { at, title, name, content, path }
    entry.publications = [
      first,
      ...[...later, added].toSorted((left, right) => instantOf(left.at) - instantOf(right.at)),
    ]
    owner.date = Math.max(this.#dateOf(owner), instantOf(at))
  }

  /** Adds a resource; the portal lists new ones first. Returns its id. */
  addResource(datasetId: string, input: ResourceInput): string {
    const owner = this.#entry(datasetId)
    const added = resource(owner.slug, { at: this.#dateText(owner), ...input })
    owner.resources = [resourceEntry(owner.slug, added), ...owner.resources]
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
    const title = textOf(fields["title"])
    if (title !== undefined) {
      const [first, ...later] = entry.publications
      entry.publications = [{ ...first, title }, ...later.map((one) => ({ ...one, title }))]
    }
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
      title: textOf(fields["title"]) ?? entry.dataset.title,
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
        if (publication.path === path || encoded(publication.path) === path)
          return resourceState(entry, this.#dateOf(dataset))
      }
    }
    return undefined
  }

  #state(entry: DatasetEntry): DatasetState {
    return datasetState(entry, this.#dateOf(entry))
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

/** As a client sends it: blanks and accents escaped. */
const encoded = (path: string): string => {
  const url = new URL(path, "http://localhost")
  return url.pathname + url.search
}
