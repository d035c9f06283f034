/** Work items: what a plan is made of, self-contained JSON that another process or machine can run. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Lake } from "../../contracts/lake.ts"
import type { Resource, Selection } from "../../contracts/resource.ts"
import type { Discovery, Source } from "../../contracts/source.ts"
import { tableName, withoutExtension } from "../../naming.ts"
import { type Identity, identified } from "./identity.ts"
import { recordOffers } from "./offers.ts"
import { record } from "../run-log.ts"

const LARGE_BYTES = 64 * 1024 * 1024
const SMALL_PER_ITEM = 32

/** One large resource, or up to 32 small ones of one source. */
export interface WorkItem {
  readonly schemaVersion: 1
  readonly source: string
  readonly resources: ReadonlyArray<Resource>
}

/** A plan: the items, and what will not be worked on. */
export interface Plan {
  readonly items: ReadonlyArray<WorkItem>
  readonly gone: ReadonlyArray<Extract<Discovery, { readonly _tag: "Gone" }>>
  readonly failed: ReadonlyArray<Extract<Discovery, { readonly _tag: "Failed" }>>
}

/** Names that several resources would share are told apart by what `more` adds to them. */
const toldApart = (
  resources: ReadonlyArray<Resource>,
  more: (resource: Resource) => string,
): ReadonlyArray<Resource> => {
  const uses = new Map<string, number>()
  for (const { table, into } of resources)
    if (into === undefined && table !== undefined) uses.set(table, (uses.get(table) ?? 0) + 1)
  return resources.map((resource) =>
    resource.into !== undefined || resource.table === undefined || uses.get(resource.table) === 1
      ? resource
      : { ...resource, table: tableName(resource.table, more(resource)) },
  )
}

/**
 * Table names proposed for the resources of a discovery: the only resource of a dataset takes the dataset's name, others add their titles; the
 * same file in two formats adds the format, and what is still alike the beginning of its id.
 */
export const proposeTables = (resources: ReadonlyArray<Resource>): ReadonlyArray<Resource> => {
  const perDataset = new Map<string, number>()
  for (const { dataset, into } of resources)
    if (into === undefined) perDataset.set(dataset.id, (perDataset.get(dataset.id) ?? 0) + 1)
  const named = resources.map((resource) => ({
    ...resource,
    table:
      resource.into !== undefined
        ? tableName(resource.into)
        : perDataset.get(resource.dataset.id) === 1
          ? tableName(resource.dataset.slug)
          : tableName(resource.dataset.slug, withoutExtension(resource.title)),
  }))
  return toldApart(
    toldApart(named, (resource) => resource.format ?? ""),
    (resource) => resource.id.slice(0, 8),
  )
}

/** Packs resources into items: large ones alone, small ones together, order kept. */
export const packItems = (source: string, resources: ReadonlyArray<Resource>): ReadonlyArray<WorkItem> => {
  const items: Array<WorkItem> = []
  let small: Array<Resource> = []
  const flush = (): void => {
    if (small.length > 0) items.push({ schemaVersion: 1, source, resources: small })
    small = []
  }
  for (const resource of resources) {
    if ((resource.size ?? 0) > LARGE_BYTES) items.push({ schemaVersion: 1, source, resources: [resource] })
    else if (small.push(resource) === SMALL_PER_ITEM) flush()
  }
  flush()
  return items
}

/** What the lake holds of a source and a discovery did not find. */
const missingResources = Effect.fnUntraced(function* (source: string, found: ReadonlySet<string>) {
  const lake = yield* Lake
  const missing = (yield* lake.resources).filter(
    (known) => known.source === source && !found.has(`${known.dataset} ${known.resource}`),
  )
  return yield* Effect.forEach(missing, (known) =>
    Effect.map(lake.extractions(known), (extractions) => {
      const last = extractions.at(-1)?.resource
      return { ...known, slug: last?.dataset.slug ?? known.dataset, title: last?.title ?? known.resource }
    }),
  )
})

/** Asks every source what it offers; `identities` are those that people accepted. With no selection, what the lake knows and the sources offer no more is reported gone. */
export const plan = Effect.fn("plan")(function* (
  sources: ReadonlyArray<Source>,
  selection: Selection,
  identities: ReadonlyArray<Identity> = [],
) {
  const items: Array<WorkItem> = []
  const gone: Array<Plan["gone"][number]> = []
  const failed: Array<Plan["failed"][number]> = []
  for (const source of sources) {
    const offered: Array<Resource> = []
    const failedBefore = failed.length
    const goneBefore = gone.length
    yield* Stream.runForEach(source.discover(selection), (discovery) =>
      Effect.sync(() => {
        if (discovery._tag === "Found") offered.push(discovery.resource)
        else if (discovery._tag === "Gone") gone.push(discovery)
        else failed.push(discovery)
      }),
    ).pipe(
      Effect.catch((error) =>
        Effect.sync(() => {
          failed.push({ _tag: "Failed", subject: source.id, error })
        }),
      ),
    )

    const unique = new Map(
      identified(offered, identities).map((resource) => [`${resource.dataset.id} ${resource.id}`, resource]),
    )
    const ordered = yield* recordOffers(source.id, [...unique.values()])
    items.push(...packItems(source.id, proposeTables(ordered)))

    // A source may know by its slug what the lake knows by its id.
    const found = gone.slice(goneBefore)
    const missing =
      selection.datasets.length === 0 || found.length > 0
        ? yield* missingResources(source.id, new Set(unique.keys()))
        : []
    const idOf = (dataset: string): string => missing.find((one) => one.slug === dataset)?.dataset ?? dataset
    const events = found.map((one) => ({ ...one, dataset: idOf(one.dataset) }))

    // After a failure nobody knows whether what is missing is gone.
    if (selection.datasets.length === 0 && failed.length === failedBefore) {
      const reported = new Set(events.map((one) => one.dataset))
      for (const { dataset, resource, title, gone: isGone } of missing) {
        if (isGone || reported.has(dataset)) continue
        const unselected = {
          _tag: "Gone",
          dataset,
          resource,
          state: "unselected",
          message: `"${title}" is not offered or not selected any more; its rows stay as last known`,
        } as const
        gone.push(unselected)
        events.push(unselected)
      }
    }
    for (const one of events) yield* record({ ...one, source: source.id })
  }
  return { items, gone, failed } satisfies Plan
})
