/** A hub at work: the lake, the engine, the downloader and the destinations of one configuration, for one run. */
import {
  closeGone,
  type Closing,
  type Engine,
  type EngineError,
  type Extraction,
  type Fetch,
  type HubError,
  Lake,
  type LakeError,
  type OpenSink,
  overallStatus,
  plan as planAll,
  type Plan,
  replayResource,
  type Resource,
  type ResourceKey,
  type ResourceResult,
  RunId,
  runItem,
  type RunOptions,
  runResource,
  type Selection,
  type SinkError,
  type WorkItem,
  WorkFolder,
} from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { layer as engineLayer } from "@opendatahub-sql/engine-duckdb"
import { layer as fetchLayer, sharedHostBook } from "@opendatahub-sql/fetch"
import { layer as lakeLayer } from "@opendatahub-sql/lake"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { randomBytes } from "node:crypto"
import { acceptedIdentities } from "./identity/identity-file.ts"
import { observer, WatchedSinks } from "./lineage/observer.ts"
import { version } from "./version.ts"
import { lakePlace } from "./lake-place.ts"

/** What runs in a hub needs. */
export type HubServices = Lake | Engine | Fetch

/** The id of a run that begins then: sorts by time. */
export const runIdAt = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().replaceAll(/[-:.]/g, "")}-${randomBytes(4).toString("hex")}`

/** The downloader, under the rules of the configuration. */
export const networkLayer = ({ network }: Hub): Layer.Layer<Fetch> => {
  const { connectTimeout, firstByteTimeout, idleTimeout, wholeTimeout, ...others } = network
  const timeouts = { connect: connectTimeout, firstByte: firstByteTimeout, idle: idleTimeout, whole: wholeTimeout }
  const set = Object.fromEntries(Object.entries(timeouts).filter(([, ms]) => ms !== undefined))
  return fetchLayer({ ...others, timeouts: set, hostBook: sharedHostBook() })
}

/** One resource of each host in turn, so that a slow host does not hold up the others. */
const hostsInTurn = (resources: ReadonlyArray<Resource>): ReadonlyArray<Resource> => {
  const counts = new Map<string, number>()
  const rounds = resources.map((resource) => {
    const host = URL.parse(resource.url)?.host ?? ""
    const round = counts.get(host) ?? 0
    counts.set(host, round + 1)
    return { resource, round }
  })
  return rounds.toSorted((a, b) => a.round - b.round).map(({ resource }) => resource)
}

/** The parts of a hub, for the scope of one run. */
export const hubLayer = (hub: Hub, run: string, command: string): Layer.Layer<HubServices, LakeError | EngineError> => {
  const lake = lakeLayer({ folder: lakePlace(hub), run, command: `odh ${command}`, version })
  const engine = Layer.unwrap(
    Effect.map(Lake, ({ workFolder }) => engineLayer({ workFolder, memoryLimit: hub.memoryLimit })),
  )
  return Layer.mergeAll(engine, networkLayer(hub)).pipe(Layer.provideMerge(lake))
}

/** Runs `use` in a hub, with a run id of its own. */
export const inHub = <A, E>(
  hub: Hub,
  command: string,
  use: Effect.Effect<A, E, HubServices | Scope.Scope>,
): Effect.Effect<A, E | LakeError | EngineError> =>
  Effect.gen(function* () {
    const run = runIdAt(yield* Clock.currentTimeMillis)
    const working = Effect.flatMap(Lake, ({ workFolder }) =>
      Effect.provideService(Effect.scoped(use), WorkFolder, workFolder),
    )
    return yield* working.pipe(Effect.provideService(RunId, run), Effect.provide(hubLayer(hub, run, command)))
  })

/** Opens the destinations. */
export const openSinks = (hub: Hub): Effect.Effect<ReadonlyArray<OpenSink>, SinkError, Scope.Scope> =>
  Effect.forEach(hub.sinks, (sink) => Effect.map(sink.open, (session) => ({ sink, session })))

/** Opens the destinations, and gives what the pipeline wants to know. */
export const runOptions = Effect.fnUntraced(function* (hub: Hub) {
  const sinks = yield* openSinks(hub)
  const watched = yield* WatchedSinks
  watched.sinks = sinks
  const reading = yield* Semaphore.make(1)
  return {
    readers: hub.readers,
    settings: hub.settings,
    sources: hub.sources,
    sinks,
    oneReader: (effect) => reading.withPermits(1)(effect),
  } satisfies RunOptions
})

/** Records a run's beginning and end around what it does. */
export const recorded = <E extends HubError, R>(
  command: string,
  use: Effect.Effect<ReadonlyArray<ResourceResult>, E, R>,
) =>
  Effect.gen(function* () {
    const lake = yield* Lake
    const run = yield* RunId
    const at = Effect.map(Clock.currentTimeMillis, (ms) => new Date(ms).toISOString())
    const observe = observer(command)
    const watched = Lake.of({
      ...lake,
      record: (event) => Effect.andThen(lake.record(event), observe(event)),
    })
    yield* watched.record({ _tag: "RunStarted", at: yield* at, run, command, version })
    return yield* Effect.onExit(Effect.provideService(use, Lake, watched), (exit) =>
      Effect.gen(function* () {
        const counts: Record<string, number> = {}
        if (Exit.isSuccess(exit)) for (const { status } of exit.value) counts[status] = (counts[status] ?? 0) + 1
        const outcome = Exit.isSuccess(exit) ? "done" : Exit.hasInterrupts(exit) ? "interrupted" : "failed"
        yield* Effect.ignore(watched.record({ _tag: "RunEnded", at: yield* at, run, outcome, counts }))
      }),
    )
  }).pipe(Effect.provideService(WatchedSinks, { sinks: [] }))

/** The plan of a selection. */
export const plan = (hub: Hub, selection: Selection) =>
  Effect.flatMap(acceptedIdentities(hub.identities), (identities) => planAll(hub.sources, selection, identities))

/** What a sync or a replay did. */
export interface SyncReport {
  readonly status: ReturnType<typeof overallStatus>
  readonly resources: ReadonlyArray<ResourceResult>
  readonly gone: Plan["gone"]
  readonly failed: Plan["failed"]
  /** Resources whose rows ended because they are gone, or are there again (`onGone`). */
  readonly closings: ReadonlyArray<Closing>
}

/** Plans and runs a selection, `hub.concurrency` resources side by side; `only` keeps the resources that go to that table. */
export const sync = Effect.fn("sync")(function* (hub: Hub, selection: Selection, only?: string) {
  let planned: Plan = { items: [], gone: [], failed: [] }
  let closings: ReadonlyArray<Closing> = []
  const resources = yield* recorded(
    "sync",
    Effect.gen(function* () {
      planned = yield* plan(hub, selection)
      const options = yield* runOptions(hub)
      const chosen = planned.items
        .flatMap((item) => item.resources)
        .filter((resource) => only === undefined || resource.table === only)
      const done = yield* Effect.forEach(
        hostsInTurn(chosen),
        (resource) => Effect.map(runResource(resource, options), (result) => [resource, result] as const),
        { concurrency: hub.concurrency },
      )
      closings = yield* closeGone(options)
      const results = new Map(done)
      return chosen.flatMap((resource) => results.get(resource) ?? [])
    }),
  )
  const status = overallStatus([
    ...resources.map((resource) => resource.status),
    ...planned.failed.map(() => "failed" as const),
  ])
  return { status, resources, gone: planned.gone, failed: planned.failed, closings } satisfies SyncReport
})

/** Runs one work item. */
export const run = Effect.fn("run")(function* (hub: Hub, item: WorkItem) {
  let result: Effect.Success<ReturnType<typeof runItem>> | undefined
  yield* recorded(
    "run",
    Effect.gen(function* () {
      result = yield* runItem(item, yield* runOptions(hub), hub.concurrency)
      return result.resources
    }),
  )
  return result
})

/** Which extractions a replay reads again: ISO dates or instants, both ends included. */
export interface ReplayRange {
  readonly from?: string
  readonly to?: string
}

const within = (extraction: Extraction, { from, to }: ReplayRange): boolean =>
  (from === undefined || extraction.extractedAt >= from) &&
  (to === undefined || extraction.extractedAt.slice(0, to.length) <= to)

/** Loads extractions again from the lake, without a request: the whole of it, or a selection of datasets (ids or slugs), or one table. */
export const replay = Effect.fn("replay")(function* (
  hub: Hub,
  selection: Selection,
  range: ReplayRange,
  only?: string,
) {
  const lake = yield* Lake
  const resources = yield* recorded(
    "replay",
    Effect.gen(function* () {
      const options = yield* runOptions(hub)
      const names = yield* lake.tableNames
      const known = yield* lake.resources
      return yield* Effect.forEach(known, (key: ResourceKey) =>
        Effect.gen(function* () {
          const extractions = (yield* lake.extractions(key)).filter((one) => within(one, range))
          const first = extractions[0]
          if (first === undefined) return []
          const { dataset } = first.resource
          if (
            selection.datasets.length > 0 &&
            !selection.datasets.includes(dataset.id) &&
            !selection.datasets.includes(dataset.slug)
          )
            return []
          if (only !== undefined && !names.some((name) => name.resource === key.resource && name.table === only))
            return []
          return yield* replayResource(extractions, options)
        }),
      ).pipe(Effect.map((results) => results.flat()))
    }),
  )
  return { status: overallStatus(resources.map((resource) => resource.status)), resources }
})
