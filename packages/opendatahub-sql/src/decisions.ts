/** What people decide about extractions: to release one that is held back, to reject one, to go back to an earlier state of a table. */
import {
  type Extraction,
  Lake,
  reject as rejectExtractions,
  release as releaseExtraction,
  type ResourceKey,
  type ResourceResult,
  rollbackOf,
  type Slice,
} from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import * as Effect from "effect/Effect"
import { recorded, runOptions } from "./hub.ts"

const extractionAt = Effect.fnUntraced(function* (key: ResourceKey, extractedAt: string) {
  const lake = yield* Lake
  return (yield* lake.extractions(key)).filter((one) => one.extractedAt === extractedAt)
})

/** Says that an extraction is good, and loads it; the results of the load. */
export const release = Effect.fn("release")(function* (hub: Hub, key: ResourceKey, extractedAt: string, why: string) {
  return yield* recorded(
    "quarantine release",
    Effect.gen(function* () {
      const options = yield* runOptions(hub)
      const results: Array<ResourceResult> = []
      for (const one of yield* extractionAt(key, extractedAt))
        results.push(...(yield* releaseExtraction(one, why, options)))
      return results
    }),
  )
})

/** Says that an extraction is bad: it is never loaded, and taken out where it was. The slices that were taken out. */
export const reject = Effect.fn("reject")(function* (hub: Hub, key: ResourceKey, extractedAt: string, why: string) {
  const slices: Array<Slice> = []
  yield* recorded(
    "quarantine reject",
    Effect.gen(function* () {
      const options = yield* runOptions(hub)
      slices.push(...(yield* rejectExtractions(yield* extractionAt(key, extractedAt), why, options)))
      return []
    }),
  )
  return slices
})

/** What a rollback concerns: `to` is an ISO instant (UTC), left out: before the newest load of each resource. */
export interface RollbackRequest {
  readonly table: string
  readonly to?: string
  readonly resource?: string
  readonly why: string
}

/** Takes loads of a table's resources back, and rejects their extractions: all their tables go back together. Tells what was rejected. */
export const rollback = Effect.fn("rollback")(function* (hub: Hub, { table, to, resource, why }: RollbackRequest) {
  const lake = yield* Lake
  const rejected: Array<Extraction> = []
  yield* recorded(
    "rollback",
    Effect.gen(function* () {
      const options = yield* runOptions(hub)
      const names = (yield* lake.tableNames).filter((name) => name.table === table)
      for (const { gone: _gone, ...key } of yield* lake.resources) {
        if (resource !== undefined && key.resource !== resource) continue
        if (!names.some((name) => name.resource === key.resource)) continue
        const extractions = yield* rollbackOf(key, to, options)
        yield* rejectExtractions(extractions, why, options)
        rejected.push(...extractions)
      }
      return []
    }),
  )
  return rejected satisfies ReadonlyArray<Extraction>
})
