/** Work items cut to the measure of an orchestrator: per host, and large enough that what a task costs by itself stays small beside its work. */
import type { Resource, WorkItem } from "@opendatahub-sql/core"

/** An item with what an orchestrator wants to know before it starts it. */
export interface Batch {
  /** Where its files are: for politeness per host. */
  readonly host: string
  /** Names of its datasets, for people. */
  readonly label: string
  readonly datasets: ReadonlyArray<string>
  /** Estimated from declared sizes. */
  readonly seconds: number
  readonly item: WorkItem
}

/** A quiet core reads and types so many bytes a second; what declares no size counts as one megabyte. */
const BYTES_PER_SECOND = 4_000_000
const UNKNOWN_BYTES = 1_000_000
/** Asking a server, a look at the lake, a commit: every resource costs that. */
const RESOURCE_SECONDS = 0.3
/** Linux takes no argument above 128 KiB: an item must fit, in a pod. */
const MAX_ITEM_BYTES = 96 * 1024

/** Seconds that a resource takes, about. */
const secondsOf = ({ size }: Resource): number => RESOURCE_SECONDS + (size ?? UNKNOWN_BYTES) / BYTES_PER_SECOND

/** The host that serves a resource; empty when its address is none. */
export const hostOf = ({ url }: Resource): string => URL.parse(url)?.hostname ?? ""

const bytesOf = (resource: Resource): number => Buffer.byteLength(JSON.stringify(resource))

const labelOf = (datasets: ReadonlyArray<string>): string =>
  datasets.length > 3 ? `${datasets.slice(0, 2).join(", ")} and ${datasets.length - 2} more` : datasets.join(", ")

const batchOf = (source: string, host: string, resources: ReadonlyArray<Resource>): Batch => {
  const datasets = [...new Set(resources.map((resource) => resource.dataset.slug))]
  return {
    host,
    label: labelOf(datasets),
    datasets,
    seconds: Math.round(10 * resources.reduce((sum, resource) => sum + secondsOf(resource), 0)) / 10,
    item: { schemaVersion: 1, source, resources },
  }
}

/**
 * Packs the resources of a plan again: each batch is of one source and one host and takes `seconds` or a little more, and no more batches
 * come out than `most` where that can be. Order is kept within a host.
 */
export const batches = (items: ReadonlyArray<WorkItem>, seconds: number, most = 1_000): ReadonlyArray<Batch> => {
  const places = new Map<string, { source: string; host: string; resources: Array<Resource> }>()
  for (const { source, resources } of items) {
    for (const resource of resources) {
      const host = hostOf(resource)
      const key = `${source} ${host}`
      const place = places.get(key) ?? { source, host, resources: [] }
      place.resources.push(resource)
      places.set(key, place)
    }
  }
  const packed = [...places.values()].flatMap(({ source, host, resources }) => {
    const done: Array<Batch> = []
    let open: Array<Resource> = []
    let [spent, bytes] = [0, 0]
    const close = (): void => {
      if (open.length > 0) done.push(batchOf(source, host, open))
      open = []
      spent = 0
      bytes = 0
    }
    for (const resource of resources) {
      const size = bytesOf(resource)
      if (bytes + size > MAX_ITEM_BYTES) close()
      open.push(resource)
      spent += secondsOf(resource)
      bytes += size
      if (spent >= seconds) close()
    }
    close()
    return done
  })
  return packed.length <= most || seconds > 3_600 ? packed : batches(items, seconds * 2, most)
}
