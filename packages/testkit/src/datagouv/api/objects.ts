import type { Contents } from "../catalogue/contents.ts"
import type { DatasetState, ResourceState } from "../catalogue/entry.ts"
import type { Organization } from "../catalogue/dataset.ts"
import { instantOf } from "../catalogue/instant.ts"
import { objectOf, textOf } from "../catalogue/json.ts"
import type { JsonObject } from "../catalogue/json.ts"
import { frequencyObject, licenceObject } from "../catalogue/vocabulary.ts"

/** What the API needs to write an object: where the server is, and the files for their sizes and checksums. */
export interface Rendering {
  /** Origin without trailing slash. */
  readonly base: string
  readonly contents: Contents
}

/** What hydra, the portal's crawler, writes about a remote file it has read. */
const crawlerExtras = (resource: ResourceState, { contents }: Rendering): JsonObject => {
  const seen = contents.get(resource.crawled.content)
  if (resource.filetype === "file" || seen === undefined) return {}
  return {
    "check:available": true,
    "check:status": 200,
    "check:timeout": false,
    "check:date": resource.crawled.at.replace(/(\+00:00|Z)$/, ""),
    "check:headers:content-type": resource.fields["mime"] ?? null,
    "analysis:checksum": seen.sha1,
    "analysis:content-length": seen.bytes.length,
    "analysis:last-modified-at": resource.crawled.at,
    "analysis:last-modified-detection": "last-modified-header",
  }
}

const extrasOf = (resource: ResourceState, rendering: Rendering): JsonObject => ({
  ...crawlerExtras(resource, rendering),
  ...objectOf(resource.fields["extras"]),
})

/** udata's rule: harvest.modified_at, else for a remote file what the crawler saw, else the last change of the metadata. */
const lastModifiedOf = (resource: ResourceState, rendering: Rendering): string =>
  textOf(objectOf(resource.fields["harvest"])["modified_at"]) ??
  (resource.filetype === "remote" ? textOf(extrasOf(resource, rendering)["analysis:last-modified-at"]) : undefined) ??
  resource.modified

/** A resource as v1 and v2 write it. */
export const resourceObject = (resource: ResourceState, rendering: Rendering): JsonObject => {
  const { fields, publication } = resource
  const stored = rendering.contents.get(publication.content)
  const hosted = resource.filetype === "file" && stored !== undefined
  const created = textOf(fields["created_at"]) ?? publication.at
  return {
    id: resource.id,
    title: publication.title,
    description: fields["description"] ?? null,
    filetype: resource.filetype,
    type: fields["type"] ?? "main",
    format: fields["format"] ?? null,
    url: rendering.base + resource.path,
    latest: `${rendering.base}/api/1/datasets/r/${resource.id}`,
    checksum: hosted ? { type: "sha1", value: stored.sha1 } : (publication.checksum ?? fields["checksum"] ?? null),
    filesize: hosted ? stored.bytes.length : (publication.filesize ?? fields["filesize"] ?? null),
    mime: fields["mime"] ?? null,
    created_at: created,
    last_modified: lastModifiedOf(resource, rendering),
    metrics: fields["metrics"] ?? {},
    harvest: fields["harvest"] ?? null,
    extras: extrasOf(resource, rendering),
    preview_url: fields["preview_url"] ?? null,
    schema: fields["schema"] ?? null,
    internal: { created_at_internal: created, last_modified_internal: resource.modified },
    geopf: null,
  }
}

const organizationReference = (organization: Organization, { base }: Rendering): JsonObject => ({
  name: organization.name,
  acronym: organization.fields["acronym"] ?? null,
  uri: `${base}/api/1/organizations/${organization.slug}/`,
  slug: organization.slug,
  page: `${base}/organizations/${organization.slug}`,
  logo: organization.fields["logo"] ?? null,
  logo_thumbnail: organization.fields["logo_thumbnail"] ?? null,
  badges: organization.fields["badges"] ?? [],
  id: organization.id,
  class: "Organization",
})

const qualityOf = (dataset: DatasetState, fields: JsonObject): JsonObject => {
  const flags = {
    all_resources_available: true,
    dataset_description_quality: (textOf(fields["description"]) ?? "").length > 100,
    has_open_format: dataset.resources.some((one) =>
      /^(csv|json|xml|geojson)$/.test(textOf(one.fields["format"]) ?? ""),
    ),
    has_resources: dataset.resources.length > 0,
    license: fields["license"] !== "notspecified",
    resources_documentation: dataset.resources.some((one) => one.fields["type"] === "documentation"),
    spatial: fields["spatial"] !== null,
    temporal_coverage: fields["temporal_coverage"] !== null,
    update_frequency: fields["frequency"] !== "unknown",
    update_fulfilled_in_time: true,
  }
  const held = Object.values(flags).filter(Boolean).length
  return { ...flags, score: held / Object.keys(flags).length }
}

/** When the dataset was made, ISO. */
export const datasetCreation = ({ fields, modified }: DatasetState): string =>
  textOf(fields["created_at"]) ?? textOf(fields["created_at_internal"]) ?? modified

/** The date one can sort and watch by: that of the newest resource, or the harvester's word. */
export const datasetLastUpdate = (dataset: DatasetState, rendering: Rendering): string => {
  const harvested = textOf(objectOf(dataset.fields["harvest"])["modified_at"])
  if (harvested !== undefined) return harvested
  const dates = dataset.resources.map((one) => lastModifiedOf(one, rendering))
  return dates.reduce(
    (left, right) => (instantOf(right) > instantOf(left) ? right : left),
    dates[0] ?? dataset.modified,
  )
}

const common = (dataset: DatasetState, rendering: Rendering): JsonObject => {
  const { fields } = dataset
  const created = datasetCreation(dataset)
  const plain = {
    description: fields["description"] ?? "",
    frequency: fields["frequency"] ?? "unknown",
    temporal_coverage: fields["temporal_coverage"] ?? null,
    spatial: fields["spatial"] ?? null,
    license: fields["license"] ?? "notspecified",
  }
  return {
    id: dataset.id,
    title: dataset.title,
    acronym: fields["acronym"] ?? null,
    slug: dataset.slug,
    description: plain.description,
    description_short: fields["description_short"] ?? null,
    created_at: created,
    last_modified: dataset.modified,
    last_update: datasetLastUpdate(dataset, rendering),
    deleted: dataset.deleted,
    archived: dataset.archived,
    featured: fields["featured"] ?? false,
    private: dataset.private,
    tags: fields["tags"] ?? [],
    badges: fields["badges"] ?? [],
    frequency: plain.frequency,
    frequency_date: fields["frequency_date"] ?? null,
    harvest: fields["harvest"] ?? null,
    extras: fields["extras"] ?? {},
    metrics: fields["metrics"] ?? {},
    organization: dataset.organization === undefined ? null : organizationReference(dataset.organization, rendering),
    owner: fields["owner"] ?? null,
    temporal_coverage: plain.temporal_coverage,
    spatial: plain.spatial,
    license: plain.license,
    uri: `${rendering.base}/api/1/datasets/${dataset.slug}/`,
    page: `${rendering.base}/datasets/${dataset.slug}`,
    quality: qualityOf(dataset, plain),
    internal: { created_at_internal: created, last_modified_internal: dataset.modified },
    contact_points: fields["contact_points"] ?? [],
    schema: fields["schema"] ?? null,
    access_type: fields["access_type"] ?? "open",
    access_audiences: fields["access_audiences"] ?? [],
    access_type_reason: fields["access_type_reason"] ?? null,
    access_type_reason_category: fields["access_type_reason_category"] ?? null,
    authorization_request_url: fields["authorization_request_url"] ?? null,
    doi: fields["doi"] ?? null,
    geopf: fields["geopf"] ?? null,
    permissions: { delete: false, edit: false, edit_resources: false },
  }
}

/** A dataset as v1 writes it: every resource inline. */
export const datasetV1 = (dataset: DatasetState, rendering: Rendering): JsonObject => ({
  ...common(dataset, rendering),
  resources: dataset.resources.map((one) => resourceObject(one, rendering)),
})

/** A dataset as v2 writes it: links instead of resources; licence and frequency as objects if asked. */
export const datasetV2 = (dataset: DatasetState, rendering: Rendering, fullObjects: boolean): JsonObject => {
  const object = common(dataset, rendering)
  const link = (path: string, query: string, total: number): JsonObject => ({
    rel: "subsection",
    href: `${rendering.base}${path}?${query}page=1&page_size=50`,
    type: "GET",
    total,
  })
  return {
    ...object,
    resources: link(`/api/2/datasets/${dataset.id}/resources/`, "", dataset.resources.length),
    community_resources: link("/api/1/datasets/community_resources/", `dataset=${dataset.id}&`, 0),
    ...(fullObjects
      ? {
          license: licenceObject(textOf(object["license"]) ?? "notspecified"),
          frequency: frequencyObject(textOf(object["frequency"]) ?? "unknown"),
        }
      : {}),
  }
}

/** An organisation; members are never shown. */
export const organizationObject = (organization: Organization, rendering: Rendering, datasets: number): JsonObject => {
  const { fields } = organization
  return {
    acronym: fields["acronym"] ?? null,
    badges: fields["badges"] ?? [],
    business_number_id: fields["business_number_id"] ?? null,
    created_at: fields["created_at"] ?? "2014-01-01T00:00:00+00:00",
    deleted: null,
    description: fields["description"] ?? organization.name,
    extras: fields["extras"] ?? {},
    ext: {},
    id: organization.id,
    image_url: null,
    last_modified: fields["last_modified"] ?? fields["created_at"] ?? "2014-01-01T00:00:00+00:00",
    logo: fields["logo"] ?? null,
    logo_thumbnail: fields["logo_thumbnail"] ?? null,
    members: [],
    metrics: { ...objectOf(fields["metrics"]), datasets },
    name: organization.name,
    page: `${rendering.base}/organizations/${organization.slug}`,
    permissions: { delete: false, edit: false, harvest: false, members: false, private: false },
    slug: organization.slug,
    teams: [],
    uri: `${rendering.base}/api/1/organizations/${organization.slug}/`,
    url: fields["url"] ?? null,
    zone: null,
  }
}
