/** What an orchestrator knows when it reads its Dag files, without the network and without Node. The same plan gives the same bytes. */
import { normaliseName, type Plan, type Resource, type Sink } from "@opendatahub-sql/core"
import { hostOf } from "./batches.ts"

/** A dataset as the manifest knows it. */
export interface ManifestDataset {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly page?: string
  /** Hours between two updates, as declared. */
  readonly everyHours?: number
  readonly resources: number
  /** Tables proposed for its resources; archives and nested files make more. */
  readonly tables: ReadonlyArray<string>
}

/** Datasets that share a Dag. */
export interface ManifestGroup {
  readonly name: string
  readonly source: string
  readonly hosts: ReadonlyArray<string>
  readonly datasets: ReadonlyArray<ManifestDataset>
}

/** The manifest. */
export interface Manifest {
  readonly schemaVersion: 1
  readonly sinks: ReadonlyArray<{ readonly id: string; readonly oneProcess: boolean }>
  readonly groups: ReadonlyArray<ManifestGroup>
}

/** How datasets are grouped: a Dag for each source, or one for each publisher. */
export type GroupBy = "source" | "publisher"

const HOUR = 3_600_000

const slugOf = (text: string): string => normaliseName(text).slice(0, 60)

const groupOf = ({ source, dataset }: Resource, by: GroupBy): string =>
  by === "source" ? slugOf(source) : slugOf(`${source} ${dataset.organization ?? "unknown"}`)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const grouped = (
  resources: ReadonlyArray<Resource>,
  nameOf: (resource: Resource) => string,
): ReadonlyArray<readonly [string, ReadonlyArray<Resource>]> =>
  [...Map.groupBy(resources, nameOf)].toSorted(([a], [b]) => compare(a, b))

const datasetOf = (resources: ReadonlyArray<Resource>, first: Resource): ManifestDataset => {
  const { id, slug, title, page, updateEvery } = first.dataset
  return {
    id,
    slug,
    title,
    ...(page === undefined ? {} : { page }),
    ...(updateEvery === undefined ? {} : { everyHours: Math.round(updateEvery / HOUR) }),
    resources: resources.length,
    tables: [...new Set(resources.flatMap(({ table, into }) => table ?? into ?? []))].toSorted(compare),
  }
}

/** The manifest of a plan. */
export const manifest = (plan: Pick<Plan, "items">, sinks: ReadonlyArray<Sink>, by: GroupBy): Manifest => {
  const resources = plan.items.flatMap((item) => item.resources)
  return {
    schemaVersion: 1,
    sinks: sinks.map(({ id, capabilities }) => ({ id, oneProcess: capabilities.oneProcess === true })),
    groups: grouped(resources, (resource) => groupOf(resource, by)).map(([name, members]) => ({
      name,
      source: members[0]?.source ?? "",
      hosts: [...new Set(members.map(hostOf))].toSorted(compare),
      datasets: grouped(members, (resource) => resource.dataset.slug).flatMap(([, list]) =>
        list[0] === undefined ? [] : [datasetOf(list, list[0])],
      ),
    })),
  }
}
