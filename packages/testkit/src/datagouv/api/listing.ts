import type { DatasetState } from "../catalogue/entry.ts"
import { instantOf } from "../catalogue/instant.ts"
import { listOf, objectOf } from "../catalogue/json.ts"
import type { Json } from "../catalogue/json.ts"
import { invalid, message } from "./answer.ts"
import type { Answer } from "./answer.ts"
import { datasetCreation, datasetLastUpdate } from "./objects.ts"
import type { Rendering } from "./objects.ts"

const folded = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase()

/** Every word of `q` must occur, accents and case aside. */
export const matchesWords = (query: string, ...texts: ReadonlyArray<Json | undefined>): boolean => {
  const haystack = folded(
    texts
      .flat()
      .filter((text) => typeof text === "string")
      .join(" "),
  )
  return folded(query)
    .split(/\s+/)
    .every((word) => haystack.includes(word))
}

const isTrue = (text: string): boolean => ["true", "1"].includes(text.toLowerCase())

const hasSchema = (dataset: DatasetState, key: "name" | "version", wanted: string): boolean =>
  dataset.resources.some((one) => objectOf(one.fields["schema"])[key] === wanted)

type Filter = (dataset: DatasetState, wanted: string) => boolean

const filters: Readonly<Record<string, Filter>> = {
  q: (dataset, wanted) =>
    matchesWords(
      wanted,
      dataset.title,
      dataset.fields["description"],
      dataset.fields["acronym"],
      dataset.organization?.name,
      ...listOf(dataset.fields["tags"]),
    ),
  tag: (dataset, wanted) => listOf(dataset.fields["tags"]).includes(wanted),
  organization: (dataset, wanted) => dataset.organization?.id === wanted,
  format: (dataset, wanted) => dataset.resources.some((one) => one.fields["format"] === wanted),
  schema: (dataset, wanted) => hasSchema(dataset, "name", wanted),
  schema_version: (dataset, wanted) => hasSchema(dataset, "version", wanted),
  license: (dataset, wanted) => (dataset.fields["license"] ?? "notspecified") === wanted,
  featured: (dataset, wanted) => (dataset.fields["featured"] === true) === isTrue(wanted),
  badge: (dataset, wanted) => listOf(dataset.fields["badges"]).some((badge) => objectOf(badge)["kind"] === wanted),
  access_type: (dataset, wanted) => (dataset.fields["access_type"] ?? "open") === wanted,
}

const metric = (dataset: DatasetState, name: string): number => Number(objectOf(dataset.fields["metrics"])[name] ?? 0)

const sortKeys: Readonly<Record<string, (dataset: DatasetState, rendering: Rendering) => number | string>> = {
  title: (dataset) => dataset.title,
  created: (dataset) => instantOf(datasetCreation(dataset)),
  last_update: (dataset, rendering) => instantOf(datasetLastUpdate(dataset, rendering)),
  followers: (dataset) => metric(dataset, "followers"),
  views: (dataset) => metric(dataset, "views"),
  reuses: (dataset) => metric(dataset, "reuses"),
}

/**
 * The datasets a list shows: visible ones, filtered and sorted (newest creation first by default); or a refusal.
 * Parameters the portal does not know are ignored.
 */
export const listDatasets = (
  datasets: ReadonlyArray<DatasetState>,
  query: URLSearchParams,
  rendering: Rendering,
  owner: boolean,
): ReadonlyArray<DatasetState> | Answer => {
  const hidden = (["archived", "deleted", "private"] as const).filter((name) => query.has(name))
  if (hidden.length > 0 && !owner) return message(401, `Filtering by ${hidden.join(", ")} needs an API key`)
  const organization = query.get("organization")
  if (organization !== null && !/^[0-9a-f]{24}$/.test(organization)) {
    return invalid("organization", `${organization} is not a valid id; a slug is not taken here`)
  }
  const sort = query.get("sort") ?? "-created"
  const sortKey = sortKeys[sort.replace(/^-/, "")]
  if (sortKey === undefined) return invalid("sort", `${sort} is not a valid choice`)

  const visible = (dataset: DatasetState): boolean =>
    (["archived", "deleted", "private"] as const).every((name) => {
      const wanted = query.get(name)
      return Boolean(dataset[name]) === (wanted !== null && isTrue(wanted))
    })
  const wanted = [...query].filter(([name, value]) => Object.hasOwn(filters, name) && value !== "")
  const kept = datasets.filter(
    (dataset) => visible(dataset) && wanted.every(([name, value]) => filters[name]?.(dataset, value) ?? true),
  )
  const direction = sort.startsWith("-") ? -1 : 1
  const compare = (left: number | string, right: number | string): number =>
    typeof left === "string" ? left.localeCompare(String(right)) : left - Number(right)
  return kept.toSorted((left, right) => direction * compare(sortKey(left, rendering), sortKey(right, rendering)))
}
