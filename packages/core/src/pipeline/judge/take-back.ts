/** What a person decides about extractions: to release one that is held back, to reject one, to take back what was loaded. */
import * as Effect from "effect/Effect"
import { type Extraction, Lake, type ResourceKey } from "../../contracts/lake.ts"
import type { Slice } from "../../contracts/sink.ts"
import { baseName, keyOf, sliceOf } from "../load/address.ts"
import type { OpenSink } from "../load/deliver.ts"
import { loadOrRefuse, replayResource, type RunOptions } from "../run.ts"
import { record } from "../run-log.ts"
import { verdictsOf } from "./verdict.ts"

const judge = (extraction: Extraction, verdict: "accepted" | "rejected", why: string) =>
  record({ _tag: "Judged", ...keyOf(extraction), extractedAt: extraction.extractedAt, verdict, why })

const entriesOf = Effect.fnUntraced(function* ({ source, dataset, resource }: ResourceKey, { session }: OpenSink) {
  const entries = yield* session.loads({ resource })
  return entries.filter(({ slice }) => slice.source === source && slice.dataset === dataset)
})

/** Says that an extraction is good, and loads it. */
export const release = Effect.fn("release")(function* (extraction: Extraction, why: string, options: RunOptions) {
  yield* judge(extraction, "accepted", why)
  return yield* replayResource([extraction], options)
})

/** A mode that keeps one state has lost the one before: it comes from the lake again. */
export const restore = Effect.fnUntraced(function* (
  extractions: ReadonlyArray<Extraction>,
  open: OpenSink,
  options: RunOptions,
) {
  const lake = yield* Lake
  const [first] = extractions
  if (first === undefined) return
  const verdicts = yield* verdictsOf(keyOf(first))
  const last = extractions.findLast(({ extractedAt }) => verdicts.get(extractedAt) !== "rejected")
  if (
    last === undefined ||
    options.settings(baseName(last, yield* lake.tableNamesOf(last.resource.id))).mode !== "latest"
  )
    return
  yield* open.session.remove([sliceOf(last)])
  yield* loadOrRefuse(last, [open], options)
})

/**
 * Rejects extractions of one resource, oldest first: they are never loaded until another word, and what was loaded of them is taken out of every
 * destination, whose newest state is then the one before. The lake keeps the bytes. Tells the slices that were taken out.
 */
export const reject = Effect.fn("reject")(function* (
  extractions: ReadonlyArray<Extraction>,
  why: string,
  options: RunOptions,
) {
  const lake = yield* Lake
  const [first] = extractions
  if (first === undefined) return []
  const key = keyOf(first)
  return yield* Effect.scoped(
    Effect.gen(function* () {
      yield* lake.lease(key)
      for (const extraction of extractions) yield* judge(extraction, "rejected", why)
      const rejected = new Set(extractions.map(({ extractedAt }) => extractedAt))
      const all = yield* lake.extractions(key)
      const removed = new Map<string, Slice>()
      for (const open of options.sinks) {
        const held = (yield* entriesOf(key, open)).map(({ slice }) => slice)
        const slices = held.filter(({ extractedAt }) => rejected.has(extractedAt))
        if (slices.length === 0) continue
        // Newest first: each time the newest state becomes the one before.
        yield* open.session.remove(slices.toSorted((a, b) => (a.extractedAt < b.extractedAt ? 1 : -1)))
        for (const slice of slices) removed.set(slice.extractedAt, slice)
        yield* restore(all, open, options)
      }
      return [...removed.values()]
    }),
  )
})

/** The extractions that a rollback takes back: those after `to` (ISO instant, UTC), else the newest that a destination holds. */
export const rollbackOf = Effect.fn("rollbackOf")(function* (
  key: ResourceKey,
  to: string | undefined,
  options: RunOptions,
) {
  const lake = yield* Lake
  const all = yield* lake.extractions(key)
  const held = new Set<string>()
  for (const open of options.sinks) for (const { slice } of yield* entriesOf(key, open)) held.add(slice.extractedAt)
  const loaded = all.filter(({ extractedAt }) => held.has(extractedAt))
  return to === undefined ? loaded.slice(-1) : loaded.filter(({ extractedAt }) => extractedAt > to)
})
