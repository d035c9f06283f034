import { createHash } from "node:crypto"
import type { Json, JsonObject } from "./json.ts"

/** What a resource holds: bytes in memory, or a file under the portal's `files` directory, gunzipped first if `inflate`. */
export type Content = { readonly bytes: Uint8Array | string } | { readonly file: string; readonly inflate?: boolean }

/** One state of a resource: from `at` on, the portal shows this title and serves this content. */
export interface Publication {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly title: string
  /** Name of the file in its URL. */
  readonly name: string
  readonly content: Content | undefined
  /** Path on this server; hosted files get one from `at` and `name` when left out. */
  readonly path?: string
  /** Recorded values, for files that are not here. `undefined`: worked out from the content. */
  readonly checksum?: Json
  readonly filesize?: number | null
}

export interface Resource {
  readonly id: string
  /** `file`: hosted by the portal, a new URL at each replacement. `remote`: elsewhere, same URL for ever. */
  readonly filetype: "file" | "remote"
  /** The API's own keys, for what does not change from one publication to the next. */
  readonly fields: JsonObject
  readonly publications: readonly [Publication, ...ReadonlyArray<Publication>]
}

export interface Organization {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly fields: JsonObject
}

export interface Dataset {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly organization: Organization | undefined
  /** The API's own keys; those left out get the portal's defaults. */
  readonly fields: JsonObject
  readonly resources: ReadonlyArray<Resource>
}

/** What one must say of a state of a resource. */
export interface PublicationInput {
  readonly content: Content
  /** ISO date (its end) or date and time, UTC. */
  readonly at: string
  readonly title?: string
  readonly name?: string
}

/** What one must say of a resource; `fields` takes any other key of the API. */
export interface ResourceInput {
  /** File name, by convention of the portal: `communes-2026.csv`. */
  readonly title: string
  readonly content?: Content
  readonly at?: string
  /** Successive states, oldest first, instead of `content` and `at`. */
  readonly publications?: ReadonlyArray<PublicationInput>
  /** UUID; derived from dataset and title when left out. */
  readonly id?: string
  /** Makes the resource remote: it is served under `/remote/<host>/<path>`, never from the host itself. */
  readonly url?: string
  readonly format?: string
  readonly mime?: string
  readonly type?: "main" | "documentation" | "update" | "api" | "code" | "other"
  readonly description?: string
  readonly schema?: { readonly name: string; readonly version?: string }
  readonly fields?: JsonObject
}

/** What one must say of a dataset; `fields` takes any other key of the API (`archived`, `private`, `extras`, `metrics`...). */
export interface DatasetInput {
  readonly slug: string
  readonly title: string
  /** 24 hexadecimal digits; derived from the slug when left out. */
  readonly id?: string
  readonly organization?: Organization
  readonly description?: string
  readonly tags?: ReadonlyArray<string>
  readonly license?: string
  readonly frequency?: string
  readonly createdAt?: string
  readonly resources?: ReadonlyArray<ResourceInput>
  readonly fields?: JsonObject
}

const mimes: Readonly<Record<string, string>> = {
  csv: "text/csv",
  txt: "text/plain",
  json: "application/json",
  geojson: "application/geo+json",
  xml: "application/xml",
  zip: "application/zip",
  gtfs: "application/zip",
  gz: "application/gzip",
  "csv.gz": "application/gzip",
  gpkg: "application/geopackage+sqlite3",
  parquet: "application/vnd.apache.parquet",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
}

/** The media type the portal guesses from an extension. */
export const mimeOf = (format: string): string => mimes[format] ?? "application/octet-stream"

const formatOf = (name: string): string =>
  /\.((?:csv|tar|json)\.gz|[a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "bin"

const digest = (text: string): string => createHash("sha1").update(text).digest("hex")

const derivedUuid = (text: string): string =>
  digest(text).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5")

/** A producer; the id is derived from the slug when left out. */
export const organization = (input: {
  readonly slug: string
  readonly name: string
  readonly id?: string
  readonly fields?: JsonObject
}): Organization => ({
  id: input.id ?? digest(`organization:${input.slug}`).slice(0, 24),
  slug: input.slug,
  name: input.name,
  fields: input.fields ?? {},
})

const remotePath = (url: string): string => url.replace(/^[a-z]+:\/\//, "/remote/")

/** Completes a resource of the dataset `slug`. */
export const resource = (slug: string, input: ResourceInput): Resource => {
  const format = input.format ?? formatOf(input.title)
  const states = input.publications ?? [
    { at: input.at ?? "2026-01-15T08:00:00+00:00", ...(input.content === undefined ? {} : { content: input.content }) },
  ]
  const publications = states.map((state): Publication => {
    const title = ("title" in state ? state.title : undefined) ?? input.title
    return {
      at: state.at,
      title,
      name: ("name" in state ? state.name : undefined) ?? title.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-"),
      content: state.content,
      ...(input.url === undefined ? {} : { path: remotePath(input.url) }),
    }
  })
  const [first, ...later] = publications
  if (first === undefined) throw new Error(`Resource "${input.title}" of ${slug} needs at least one publication`)
  return {
    id: input.id ?? derivedUuid(`${slug}/${input.title}`),
    filetype: input.url === undefined ? "file" : "remote",
    fields: {
      description: input.description ?? null,
      type: input.type ?? "main",
      format,
      mime: input.mime ?? mimeOf(format),
      schema:
        input.schema === undefined
          ? null
          : { name: input.schema.name, version: input.schema.version ?? null, url: null },
      created_at: first.at,
      ...input.fields,
    },
    publications: [first, ...later],
  }
}

/** Completes a dataset to add to a portal with `portal.add`. */
export const dataset = (input: DatasetInput): Dataset => ({
  id: input.id ?? digest(`dataset:${input.slug}`).slice(0, 24),
  slug: input.slug,
  title: input.title,
  organization: input.organization,
  fields: {
    description: input.description ?? input.title,
    tags: input.tags ?? [],
    license: input.license ?? "lov2",
    frequency: input.frequency ?? "unknown",
    created_at: input.createdAt ?? "2020-01-01T00:00:00+00:00",
    ...input.fields,
  },
  resources: (input.resources ?? []).map((one) => resource(input.slug, one)),
})
