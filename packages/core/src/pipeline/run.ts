/** One work item, end to end: what the lake holds and a destination lacks is loaded first; else the portal is asked. */
import * as Effect from "effect/Effect"
import { Engine } from "../contracts/engine.ts"
import { describeError, type HubError, SourceError } from "../contracts/errors.ts"
import { type Extraction, Lake, type ResourceKey } from "../contracts/lake.ts"
import { misconfigured } from "../contracts/reason.ts"
import type { Slice } from "../contracts/sink.ts"
import type { Resource } from "../contracts/resource.ts"
import type { Source } from "../contracts/source.ts"
import { extract } from "./extract.ts"
import { baseName, keyOf, sliceOf } from "./load/address.ts"
import { type Delivery, type LoadOptions, type OpenSink, refuse } from "./load/deliver.ts"
import { load } from "./load/load.ts"
import { refusalKey } from "./load/load-key.ts"
import { Progress } from "./progress.ts"
import { overallStatus, type ResourceResult, type RunResult, type Status, type TableResult } from "./result.ts"
import { now, record } from "./run-log.ts"
import { verdictsOf } from "./judge/verdict.ts"
import type { WorkItem } from "./plan/work-item.ts"

/** Where a run finds its parts. `reading` limits how many files are read and loaded at once (memory), fetches are limited per host. */
export interface RunOptions extends LoadOptions {
  readonly sources: ReadonlyArray<Source>
  readonly sinks: ReadonlyArray<OpenSink>
  readonly oneReader: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Loaded {
  readonly extraction: Extraction
  readonly deliveries: ReadonlyArray<Delivery>
  readonly warnings: ReadonlyArray<string>
  readonly failure?: HubError
}

const sameSlice = (a: Slice, b: Slice): boolean =>
  a.source === b.source && a.dataset === b.dataset && a.resource === b.resource && a.extractedAt === b.extractedAt

/**
 * Loads an extraction and says what happened as a value. Data that cannot be read is recorded as refused, once; a failure of our own (engine,
 * lake) is not the data's, so the next run tries again.
 */
export const loadOrRefuse = Effect.fnUntraced(function* (
  extraction: Extraction,
  sinks: ReadonlyArray<OpenSink>,
  options: RunOptions,
) {
  const lake = yield* Lake
  return yield* options.oneReader(load(extraction, sinks, options)).pipe(
    Effect.map(({ deliveries, warnings }): Loaded => ({ extraction, deliveries, warnings })),
    Effect.catch((error) =>
      error.reason._tag === "Transient" || error._tag === "EngineError" || error._tag === "LakeError"
        ? Effect.succeed<Loaded>({ extraction, deliveries: [], warnings: [], failure: error })
        : Effect.gen(function* () {
            const base = baseName(extraction, yield* lake.tableNamesOf(extraction.resource.id))
            const deliveries = yield* Effect.forEach(sinks, ({ sink }) =>
              refuse(extraction, sink.target, base, error, options),
            )
            return { extraction, deliveries, warnings: [], failure: error } satisfies Loaded
          }),
    ),
  )
})

/** Why the destinations that lack an extraction refused it: said again as long as nothing changes and no person rejected it. */
const refusedBefore = Effect.fnUntraced(function* (extraction: Extraction, options: RunOptions) {
  const lake = yield* Lake
  const engine = yield* Engine
  const base = baseName(extraction, yield* lake.tableNamesOf(extraction.resource.id))
  const verdict = (yield* verdictsOf(keyOf(extraction))).get(extraction.extractedAt)
  if (verdict === "rejected") return []
  const keys = options.sinks.map(({ sink }) =>
    refusalKey(extraction, options, engine.fingerprint, base, sink.target, verdict === "accepted"),
  )
  const refused = (yield* lake.refusedLoads(keyOf(extraction))).filter((one) => keys.includes(one.key))
  return [...new Set(refused.map(({ message }) => `the file is as it was when it was refused: ${message}`))]
})

/** The record of an extraction says which table was asked for then; the configuration may ask for another one now. */
const inTableOf = (extraction: Extraction, { into, table }: Resource): Extraction => {
  const { into: _into, table: _table, ...recorded } = extraction.resource
  return {
    ...extraction,
    resource: { ...recorded, ...(into === undefined ? {} : { into }), ...(table === undefined ? {} : { table }) },
  }
}

/** The extractions of a resource that a destination lacks and did not refuse, oldest first, each with the destinations that want it. */
const pendingLoads = Effect.fnUntraced(function* (resource: Resource, options: RunOptions) {
  const lake = yield* Lake
  const engine = yield* Engine
  const key: ResourceKey = { source: resource.source, dataset: resource.dataset.id, resource: resource.id }
  const extractions = (yield* lake.extractions(key)).map((one) => inTableOf(one, resource))
  if (extractions.length === 0) return { extractions, pending: [], isFirstFill: false }
  const refused = new Set((yield* lake.refusedLoads(key)).map((one) => one.key))
  const names = yield* lake.tableNamesOf(key.resource)
  const verdicts = yield* verdictsOf(key)
  const held = yield* Effect.forEach(options.sinks, ({ session }) => session.loads({ resource: key.resource }))
  const pending = extractions.flatMap((extraction) => {
    const sinks = options.sinks.filter((open, index) => {
      const has = (held[index] ?? []).some((entry) => sameSlice(entry.slice, sliceOf(extraction)))
      const base = baseName(extraction, names)
      const verdict = verdicts.get(extraction.extractedAt)
      return (
        !has &&
        verdict !== "rejected" &&
        !refused.has(
          refusalKey(extraction, options, engine.fingerprint, base, open.sink.target, verdict === "accepted"),
        )
      )
    })
    return sinks.length === 0 ? [] : [{ extraction, sinks }]
  })
  const isFirstFill = pending.every(({ sinks }) =>
    sinks.every((open) => (held[options.sinks.indexOf(open)] ?? []).length === 0),
  )
  return { extractions, pending, isFirstFill }
})

/** Loads again what a rewrite of a table left converted, from the lake. */
const loadStale = Effect.fnUntraced(function* (loaded: Loaded, options: RunOptions) {
  const lake = yield* Lake
  for (const delivery of loaded.deliveries) {
    const sinks = options.sinks.filter((open) => open.sink.target === delivery.target)
    for (const slice of delivery.stale) {
      const extractions = yield* lake.extractions(slice)
      const extraction = extractions.find((one) => one.extractedAt === slice.extractedAt)
      if (extraction !== undefined) yield* loadOrRefuse(extraction, sinks, options)
    }
  }
})

const tablesOf = (deliveries: ReadonlyArray<Delivery>): ReadonlyArray<TableResult> => {
  const tables = new Map<string, TableResult>()
  for (const delivery of deliveries) {
    for (const table of delivery.tables) {
      const known = tables.get(table.table)
      const closed = Math.max(known?.closedRejects ?? 0, table.closed ?? 0)
      tables.set(table.table, {
        name: table.table,
        rows: table.rows,
        rejects: table.rejects,
        ...(closed === 0 ? {} : { closedRejects: closed }),
        columns: table.columns,
        schemaChange: table.change,
        destinations: [...(known?.destinations ?? []), delivery.target],
      })
    }
  }
  return [...tables.values()]
}

const statusOf = (loads: ReadonlyArray<Loaded>): Status =>
  overallStatus(
    loads.flatMap(({ deliveries, failure }): ReadonlyArray<Status> =>
      failure !== undefined
        ? [failure.reason._tag === "DataQuality" ? "rejected" : "failed"]
        : deliveries.map(({ outcome }) =>
            outcome === "refused" ? "failed" : outcome === "committed" ? "loaded" : "unchanged",
          ),
    ),
  )

/** The result of a resource from its loads. */
const resultOf = (resource: Resource, loads: ReadonlyArray<Loaded>): ResourceResult => {
  const newest = loads.at(-1)
  const failed = loads.map((one) => one.failure).find((one) => one !== undefined)
  const refused = loads.flatMap(({ deliveries }) => deliveries).find((delivery) => delivery.outcome === "refused")
  const failure = failed === undefined ? refused?.failure : describeError(failed)
  return {
    resource: resource.id,
    title: resource.title,
    dataset: resource.dataset.slug,
    status: statusOf(loads),
    ...(newest === undefined ? {} : { extraction: newest.extraction.extractedAt, bytes: newest.extraction.file.bytes }),
    tables: tablesOf(newest?.deliveries ?? []),
    warnings: loads.flatMap((one) => one.warnings),
    ...(failure === undefined ? {} : { failure }),
  }
}

/** What the lake holds and a destination lacks, from the lake. */
const loadPending = Effect.fn("loadPending")(function* (resource: Resource, options: RunOptions) {
  const { extractions, pending, isFirstFill } = yield* pendingLoads(resource, options)
  const loads = yield* Effect.forEach(pending, ({ extraction, sinks }) =>
    Effect.tap(loadOrRefuse(extraction, sinks, options), (loaded) => loadStale(loaded, options)),
  )
  return { previous: extractions.at(-1), loads, isFirstFill }
})

const runLeased = Effect.fnUntraced(function* (resource: Resource, options: RunOptions) {
  const { previous, loads, isFirstFill } = yield* loadPending(resource, options)
  // A new destination is filled without a request. One that was only behind gets today's file too, or a failed load would cost a day.
  if (isFirstFill && loads.length > 0 && loads.every((one) => one.failure === undefined))
    return resultOf(resource, loads)

  const source = options.sources.find((one) => one.id === resource.source)
  if (source === undefined) {
    return yield* new SourceError({
      plugin: resource.source,
      operation: "locate",
      reason: misconfigured,
      message: `the configuration has no source "${resource.source}", from which "${resource.title}" comes: add it to \`sources\``,
    })
  }
  const extraction = yield* extract(source, resource, previous)
  if (extraction === undefined) {
    if (loads.length > 0) return resultOf(resource, loads)
    const warnings = previous === undefined ? [] : yield* refusedBefore(previous, options)
    return {
      ...resultOf(resource, []),
      status: "unchanged" as const,
      warnings,
      ...(previous === undefined ? {} : { extraction: previous.extractedAt }),
    }
  }
  const loaded = yield* loadOrRefuse(extraction, options.sinks, options)
  yield* loadStale(loaded, options)
  return resultOf(resource, [...loads, loaded])
})

/** Loads extractions of one resource again, oldest first, without a request. A load that a destination already holds is left as it is, what a person rejected is left out. */
export const replayResource = Effect.fn("replayResource")(function* (
  extractions: ReadonlyArray<Extraction>,
  options: RunOptions,
) {
  const [first] = extractions
  if (first === undefined) return []
  const lake = yield* Lake
  return yield* Effect.scoped(
    Effect.gen(function* () {
      yield* lake.lease(keyOf(first))
      const verdicts = yield* verdictsOf(keyOf(first))
      const wanted = extractions.filter(({ extractedAt }) => verdicts.get(extractedAt) !== "rejected")
      const loads = yield* Effect.forEach(wanted, (extraction) =>
        Effect.tap(loadOrRefuse(extraction, options.sinks, options), (loaded) => loadStale(loaded, options)),
      )
      return [resultOf((loads.at(-1)?.extraction ?? first).resource, loads)]
    }),
  )
})

/** One resource, end to end; whatever goes wrong is its own and is told in its result. */
export const runResource = Effect.fn("runResource")(function* (resource: Resource, options: RunOptions) {
  const lake = yield* Lake
  const progress = yield* Progress
  const key: ResourceKey = { source: resource.source, dataset: resource.dataset.id, resource: resource.id }
  const result = yield* Effect.scoped(Effect.andThen(lake.lease(key), runLeased(resource, options))).pipe(
    Effect.catch((error: HubError) =>
      Effect.as(
        record({
          _tag: "Failed",
          ...key,
          stage: error._tag === "FetchError" ? "fetch" : error._tag === "SourceError" ? "locate" : "load",
          failure: describeError(error),
        }),
        {
          resource: resource.id,
          title: resource.title,
          dataset: resource.dataset.slug,
          status: "failed",
          tables: [],
          warnings: [],
          failure: describeError(error),
        } satisfies ResourceResult,
      ),
    ),
  )
  progress({
    resource: resource.id,
    title: resource.title,
    stage: "done",
    status: result.status,
    rows: result.tables.reduce((sum, table) => sum + table.rows, 0),
  })
  return result
})

/** Runs one work item: its resources side by side, their fetches limited per host, their reading one at a time. */
export const runItem = Effect.fn("runItem")(function* (item: WorkItem, options: RunOptions, concurrency: number) {
  const startedAt = yield* now
  const resources = yield* Effect.forEach(item.resources, (resource) => runResource(resource, options), { concurrency })
  const endedAt = yield* now
  return {
    schemaVersion: 1,
    status: overallStatus(resources.map((resource) => resource.status)),
    source: item.source,
    resources,
    warnings: resources.flatMap((resource) => resource.warnings),
    startedAt,
    endedAt,
  } satisfies RunResult
})
