import type { Catalogue } from "../catalogue/catalogue.ts"
import type { DatasetState } from "../catalogue/entry.ts"
import type { Organization } from "../catalogue/dataset.ts"
import type { Json, JsonObject } from "../catalogue/json.ts"
import { recordedSchemas } from "../catalogue/recorded.ts"
import { json, message, redirect } from "./answer.ts"
import type { Answer, Asked } from "./answer.ts"
import { exportKinds } from "./exports.ts"
import { listDatasets, matchesWords } from "./listing.ts"
import { applyMask, parseMask } from "./mask.ts"
import { datasetV1, datasetV2, organizationObject, resourceObject } from "./objects.ts"
import type { Rendering } from "./objects.ts"
import { pageOf, pagingOf } from "./paging.ts"

/** What every route gets. */
interface Visit {
  readonly asked: Asked
  readonly catalogue: Catalogue
  readonly rendering: Rendering
  /** The request carries the portal's key: hidden datasets show. */
  readonly owner: boolean
}

type Result = Answer | JsonObject | ReadonlyArray<Json>
type Route = (visit: Visit, ...parameters: ReadonlyArray<string>) => Result

const isAnswer = (result: object): result is Answer => "status" in result && "body" in result

/** Resolves an id or slug: renamed 308 (relative URL), unknown or private 404, deleted 410, else what `show` makes of it. */
const withDataset = (
  { catalogue, asked, owner }: Visit,
  idOrSlug: string,
  show: (dataset: DatasetState) => Result,
): Result => {
  const found = catalogue.find(idOrSlug)
  if (found === undefined) return message(404, `Dataset ${idOrSlug} not found`)
  if ("renamed" in found) {
    return redirect(308, asked.url.pathname.replace(`/${idOrSlug}/`, `/${found.renamed}/`) + asked.url.search)
  }
  const { dataset } = found
  if (dataset.deleted !== null && !owner) return message(410, "Dataset has been deleted")
  if (dataset.private && !owner) return message(404, `Dataset ${idOrSlug} not found`)
  return show(dataset)
}

const datasetPage = (
  visit: Visit,
  write: (dataset: DatasetState) => Json,
  query = visit.asked.url.searchParams,
): Result => {
  const paging = pagingOf(query, 20)
  if ("refused" in paging) return paging.refused
  const datasets = listDatasets(visit.catalogue.datasets(), query, visit.rendering, visit.owner)
  return "status" in datasets ? datasets : pageOf(datasets, visit.asked.url, paging, write)
}

const writeV1 =
  (visit: Visit) =>
  (dataset: DatasetState): Json =>
    datasetV1(dataset, visit.rendering)

const writeV2 =
  (visit: Visit) =>
  (dataset: DatasetState): Json =>
    datasetV2(
      dataset,
      visit.rendering,
      /^(true|1)$/i.test(String(visit.asked.headers["x-get-datasets-full-objects"] ?? "")),
    )

const organizations = (catalogue: Catalogue): ReadonlyArray<Organization> => {
  const byId = new Map<string, Organization>()
  for (const { organization } of catalogue.datasets()) {
    if (organization !== undefined && !byId.has(organization.id)) byId.set(organization.id, organization)
  }
  return [...byId.values()].toSorted((left, right) => left.name.localeCompare(right.name))
}

const writeOrganization =
  ({ catalogue, rendering }: Visit) =>
  (organization: Organization): Json =>
    organizationObject(
      organization,
      rendering,
      catalogue
        .datasets()
        .filter(
          (dataset) => dataset.organization?.id === organization.id && !dataset.private && dataset.deleted === null,
        ).length,
    )

const withOrganization = (visit: Visit, idOrSlug: string, show: (organization: Organization) => Result): Result => {
  const found = organizations(visit.catalogue).find((one) => one.id === idOrSlug || one.slug === idOrSlug)
  return found === undefined ? message(404, `Organization ${idOrSlug} not found`) : show(found)
}

const organizationPage: Route = (visit) => {
  const { asked, catalogue } = visit
  const paging = pagingOf(asked.url.searchParams, 20)
  if ("refused" in paging) return paging.refused
  const words = asked.url.searchParams.get("q") ?? ""
  const found = organizations(catalogue).filter((one) => matchesWords(words, one.name, one.slug, one.fields["acronym"]))
  return pageOf(found, asked.url, paging, writeOrganization(visit))
}

const resourcePage: Route = (visit, idOrSlug = "") =>
  withDataset(visit, idOrSlug, (dataset) => {
    const { url } = visit.asked
    const paging = pagingOf(url.searchParams, 50)
    if ("refused" in paging) return paging.refused
    const type = url.searchParams.get("type") ?? ""
    const words = (url.searchParams.get("q") ?? "").toLowerCase()
    const found = dataset.resources.filter(
      (one) =>
        (type === "" || (one.fields["type"] ?? "main") === type) && one.publication.title.toLowerCase().includes(words),
    )
    return pageOf(found, url, paging, (one) => resourceObject(one, visit.rendering), "empty")
  })

const oneResource: Route = (visit, idOrSlug = "", resourceId = "") =>
  withDataset(visit, idOrSlug, (dataset) => {
    const found = dataset.resources.find((one) => one.id === resourceId)
    return found === undefined
      ? message(404, `Resource ${resourceId} does not exist`)
      : resourceObject(found, visit.rendering)
  })

/** From a resource to its dataset. */
const resourceById: Route = (visit, resourceId = "") => {
  const found = visit.catalogue.findResource(resourceId)
  if (found === undefined) return message(404, "Resource does not exist")
  return withDataset(visit, found.dataset.id, () => ({
    resource: resourceObject(found.resource, visit.rendering),
    dataset_id: found.dataset.id,
  }))
}

/** The permalink: it works for resources of deleted, private and archived datasets too, as the real portal's does. */
const permalink: Route = ({ catalogue, rendering }, resourceId = "") => {
  const found = catalogue.findResource(resourceId)
  return found === undefined
    ? message(404, "Resource does not exist")
    : redirect(302, rendering.base + found.resource.path)
}

const organizationDatasets: Route = (visit, idOrSlug = "") =>
  withOrganization(visit, idOrSlug, (organization) => {
    const query = new URLSearchParams(visit.asked.url.searchParams)
    query.set("organization", organization.id)
    return datasetPage(visit, writeV1(visit), query)
  })

/** First match wins; `:x` is one path segment. */
const routes: ReadonlyArray<readonly [path: string, route: Route]> = [
  ["/api/1/datasets/", (visit) => datasetPage(visit, writeV1(visit))],
  ["/api/1/datasets/r/:resource", permalink],
  ["/api/1/datasets/schemas/", () => recordedSchemas() as ReadonlyArray<Json>],
  ["/api/1/datasets/community_resources/", ({ asked }) => pageOf([], asked.url, { page: 1, size: 20 }, () => null)],
  [
    "/api/1/datasets/:dataset/",
    (visit, id = "") => withDataset(visit, id, writeV1(visit) as (dataset: DatasetState) => JsonObject),
  ],
  ["/api/1/datasets/:dataset/resources/:resource/", oneResource],
  ["/api/1/organizations/", organizationPage],
  [
    "/api/1/organizations/:organization/",
    (visit, id = "") => withOrganization(visit, id, writeOrganization(visit) as (one: Organization) => JsonObject),
  ],
  ["/api/1/organizations/:organization/datasets/", organizationDatasets],
  // The exports of the day lie on the static host, as files of a dataset.
  ...exportKinds.map(
    (kind) =>
      [
        `/api/1/site/${kind}.csv`,
        ({ rendering }) => redirect(302, `${rendering.base}/exports/${kind}.csv`),
      ] as const satisfies readonly [string, Route],
  ),
  ["/api/2/datasets/", (visit) => datasetPage(visit, writeV2(visit))],
  ["/api/2/datasets/search/", (visit) => datasetPage(visit, writeV2(visit))],
  ["/api/2/datasets/resources/:resource/", resourceById],
  [
    "/api/2/datasets/:dataset/",
    (visit, id = "") => withDataset(visit, id, writeV2(visit) as (dataset: DatasetState) => JsonObject),
  ],
  ["/api/2/datasets/:dataset/resources/", resourcePage],
]

const patterns = routes.map(([path, route]) => [new RegExp(`^${path.replaceAll(/:\w+/g, "([^/]+)")}$`), route] as const)

const match = (path: string): readonly [Route, ReadonlyArray<string>] | undefined => {
  for (const [pattern, route] of patterns) {
    const found = pattern.exec(path)
    if (found !== null) return [route, found.slice(1).map(decodeURIComponent)]
  }
  return undefined
}

const masked = (result: JsonObject | ReadonlyArray<Json>, header: unknown): Answer => {
  if (typeof header !== "string" || header === "") return json(200, result)
  const mask = parseMask(header)
  return mask === undefined
    ? message(400, `X-Fields: the mask "${header}" is broken`)
    : json(200, applyMask(result, mask))
}

/** Answers a request under `/api/` as udata 17.18 does. */
export const answerApi = (
  asked: Asked,
  catalogue: Catalogue,
  rendering: Rendering,
  apiKey: string | undefined,
): Answer => {
  const key = asked.headers["x-api-key"]
  if (key !== undefined && key !== apiKey) return message(401, "Invalid API Key")
  const { pathname, search } = asked.url
  const found = match(pathname)
  if (found === undefined) {
    return !pathname.endsWith("/") && match(`${pathname}/`) !== undefined
      ? redirect(308, `${rendering.base}${pathname}/${search}`)
      : message(404, "The requested URL was not found on the server.")
  }
  if (asked.method !== "GET" && asked.method !== "HEAD")
    return message(405, "The method is not allowed for the requested URL.")
  const [route, parameters] = found
  const result = route({ asked, catalogue, rendering, owner: key !== undefined }, ...parameters)
  return isAnswer(result) ? result : masked(result, asked.headers["x-fields"])
}
