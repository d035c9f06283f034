import type { Catalogue } from "../catalogue/catalogue.ts"
import type { DatasetState, ResourceState } from "../catalogue/entry.ts"
import { objectOf, textOf } from "../catalogue/json.ts"
import type { Json, JsonObject } from "../catalogue/json.ts"
import { licenceObject } from "../catalogue/vocabulary.ts"
import { datasetV1, organizationObject, resourceObject } from "./objects.ts"
import type { Rendering } from "./objects.ts"

/** The exports of the catalogue that the portal makes each day. */
export const exportKinds = ["datasets", "resources", "organizations"] as const
export type ExportKind = (typeof exportKinds)[number]

/** As the portal's Python writes them: texts quoted, `False` and numbers bare, nothing for None. */
const cell = (value: Json | undefined): string => {
  if (value === undefined || value === null) return ""
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "number") return String(value)
  return `"${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll('"', '""')}"`
}

const csvOf = (rows: ReadonlyArray<JsonObject>, columns: ReadonlyArray<string>): string =>
  [columns.map(cell), ...rows.map((row) => columns.map((column) => cell(row[column])))]
    .map((cells) => `${cells.join(";")}\r\n`)
    .join("")

const licenseTitle = (dataset: DatasetState): Json =>
  textOf(licenceObject(textOf(dataset.fields["license"]) ?? "notspecified")["title"]) ?? null

const datasetRow = (dataset: DatasetState, rendering: Rendering): JsonObject => {
  const object = datasetV1(dataset, rendering)
  return {
    id: dataset.id,
    title: dataset.title,
    slug: dataset.slug,
    url: textOf(object["page"]) ?? null,
    organization: dataset.organization?.name ?? null,
    organization_id: dataset.organization?.id ?? null,
    description: textOf(object["description"]) ?? null,
    frequency: textOf(objectOf(object["frequency"])["id"]) ?? textOf(object["frequency"]) ?? null,
    license: licenseTitle(dataset),
    featured: false,
    created_at: textOf(object["created_at"]) ?? null,
    last_modified: textOf(object["last_modified"]) ?? null,
    tags: Array.isArray(object["tags"]) ? object["tags"].join(",") : "",
    archived: dataset.archived ?? false,
    resources_count: dataset.resources.length,
  }
}

const resourceRow = (
  dataset: DatasetState,
  page: string | undefined,
  resource: ResourceState,
  rendering: Rendering,
): JsonObject => {
  const object = resourceObject(resource, rendering)
  const [checksum, schema] = [objectOf(object["checksum"]), objectOf(object["schema"])]
  return {
    "dataset.id": dataset.id,
    "dataset.title": dataset.title,
    "dataset.slug": dataset.slug,
    "dataset.url": page ?? null,
    "dataset.organization": dataset.organization?.name ?? null,
    "dataset.organization_id": dataset.organization?.id ?? null,
    "dataset.license": licenseTitle(dataset),
    "dataset.private": false,
    "dataset.archived": dataset.archived ?? false,
    ...object,
    "checksum.type": textOf(checksum["type"]) ?? null,
    "checksum.value": textOf(checksum["value"]) ?? null,
    modified: textOf(object["last_modified"]) ?? null,
    downloads: 0,
    schema_name: textOf(schema["name"]) ?? null,
    schema_version: textOf(schema["version"]) ?? null,
  }
}

const columns: Readonly<Record<ExportKind, ReadonlyArray<string>>> = {
  datasets:
    "id title slug url organization organization_id description frequency license featured created_at last_modified tags archived resources_count".split(
      " ",
    ),
  resources:
    "dataset.id dataset.title dataset.slug dataset.url dataset.organization dataset.organization_id dataset.license dataset.private dataset.archived id url title description filetype type format mime filesize checksum.type checksum.value created_at modified downloads schema_name schema_version preview_url extras".split(
      " ",
    ),
  organizations: "id name slug url description created_at last_modified".split(" "),
}

/** One export as it is now: what the portal shows to everyone, archived datasets included. */
export const exportOf = (kind: ExportKind, catalogue: Catalogue, rendering: Rendering): string => {
  const shown = catalogue.datasets().filter((dataset) => !dataset.private && dataset.deleted === null)
  switch (kind) {
    case "datasets":
      return csvOf(
        shown.map((dataset) => datasetRow(dataset, rendering)),
        columns.datasets,
      )
    case "resources":
      return csvOf(
        shown.flatMap((dataset) => {
          const page = textOf(datasetV1(dataset, rendering)["page"])
          return dataset.resources.map((one) => resourceRow(dataset, page, one, rendering))
        }),
        columns.resources,
      )
    case "organizations": {
      const all = new Map(shown.flatMap(({ organization: one }) => (one === undefined ? [] : [[one.id, one] as const])))
      return csvOf(
        [...all.values()].map((one) => organizationObject(one, rendering, 0)),
        columns.organizations,
      )
    }
  }
}
