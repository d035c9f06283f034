/** Work items: what a plan is made of, self-contained JSON that another process or machine can run. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Lake } from "../contracts/lake.ts"
import type { Resource, Selection } from "../contracts/resource.ts"
import type { Discovery, Source } from "../contracts/source.ts"
import { tableName, withoutExtension } from "../naming.ts"
import { record } from "./run-log.ts"

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

/** Table names proposed for the resources of a discovery: the only resource of a dataset takes the dataset's name. */
export const proposeTables = (resources: ReadonlyArray<Resource>): ReadonlyArray<Resource> => {
  const perDataset = new Map<string, number>()
  for (const { dataset, into } of resources) if (into === undefined) perDataset.set(dataset.id, (perDataset.get(dataset.id) ?? 0) + 1)
  return resources.map((resource) => ({
    ...resource,
    table: resource.into ?? (perDataset.get(resource.dataset.id) === 1
      ? tableName(resource.dataset.slug)
      : tableName(resource.dataset.slug, withoutExtension(resource.title))),
  }))
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

/** Asks every source what it offers. With no selection, what the lake knows and the sources offer no more is reported gone. */
export const plan = Effect.fn("plan")(function* (sources: ReadonlyArray<Source>, selection: Selection) {
  const lake = yield* Lake
  const items: Array<WorkItem> = []
  const gone: Array<Plan["gone"][number]> = []
  const failed: Array<Plan["failed"][number]> = []
  for (const source of sources) {
    const found: Array<Resource> = []
    const failedBefore = failed.length
    const goneBefore = gone.length
    yield* Stream.runForEach(source.discover(selection), (discovery) => Effect.sync(() => {
      if (discovery._tag === "Found") found.push(discovery.resource)
      else if (discovery._tag === "Gone") gone.push(discovery)
      else failed.push(discovery)
    })).pipe(Effect.catch((error) => Effect.sync(() => { failed.push({ _tag: "Failed", subject: source.id, error }) })))

    const unique = new Map(found.map((resource) => [`${resource.dataset.id} ${resource.id}`, resource]))
    items.push(...packItems(source.id, proposeTables([...unique.values()])))

    // After a failure nobody knows whether what is missing is gone.
    if (selection.datasets.length === 0 && failed.length === failedBefore) {
      const reported = new Set(gone.slice(goneBefore).map((one) => one.dataset))
      for (const known of yield* lake.resources) {
        if (known.source !== source.id || known.gone || reported.has(known.dataset)) continue
        if (unique.has(`${known.dataset} ${known.resource}`)) continue
        gone.push({ _tag: "Gone", dataset: known.dataset, resource: known.resource, state: "unselected", message: "no longer offered or selected; its rows stay as last known" })
      }
    }
    for (const one of gone.slice(goneBefore)) yield* record({ ...one, source: source.id })
  }
  return { items, gone, failed } satisfies Plan
})
