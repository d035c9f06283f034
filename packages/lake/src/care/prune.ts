/** Takes old extractions out of the lake, by a policy that a person gave. What destinations hold of them stays there. */
import type { LakeError, ResourceKey } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { extractionsOf } from "../keep.ts"
import { recorder } from "../lake.ts"
import { eventsPath, keyOf, recordPath } from "../layout.ts"
import { type LakePlace, openLake, type OpenLake } from "../open-lake.ts"
import { knownResources } from "../state/questions.ts"
import { read } from "../state/sqlite.ts"
import { filesOfOnly, givenUp, policyText, type PrunePolicy } from "./policy.ts"
import { rejectsBeside } from "./rejects-beside.ts"

/** An extraction that goes, or would. `bytes`: freed by it, zero where another extraction has the same file. */
export interface Pruned extends ResourceKey {
  readonly extractedAt: string
  readonly bytes: number
}

/** How to prune: `run` is the id under which it is told; without `apply` nothing is done. */
export interface PruneOptions {
  readonly policy: PrunePolicy
  readonly run: string
  readonly apply: boolean
  /** Which resources; all when left out. */
  readonly only?: (key: ResourceKey) => boolean
}

const pruneResource = Effect.fnUntraced(function* (
  lake: OpenLake,
  key: ResourceKey,
  { policy, run, apply }: PruneOptions,
  events: string,
) {
  if (apply) yield* lake.storage.lease(key, { run, wait: 30_000 })
  const now = yield* Clock.currentTimeMillis
  const all = yield* extractionsOf(lake, key)
  const gone = givenUp(all, policy, now)
  const pruned: Array<Pruned> = []
  // Oldest first, each whole before the next: a kill leaves what was decided for the next time.
  for (const [index, extraction] of gone.entries()) {
    const files = filesOfOnly(
      [extraction],
      all.slice(all.indexOf(extraction)).filter((one) => !gone.slice(0, index).includes(one)),
    )
    const bytes = [...files.values()].reduce((sum, size) => sum + size, 0)
    pruned.push({ ...key, extractedAt: extraction.extractedAt, bytes })
    if (!apply) continue
    const record = recordPath(keyOf(extraction))
    yield* recorder(
      lake,
      events,
    )({
      _tag: "Pruned",
      at: new Date(now).toISOString(),
      run,
      ...key,
      extractedAt: extraction.extractedAt,
      sha256: extraction.file.sha256,
      bytes,
      policy: policyText(policy),
    })
    yield* lake.storage.remove([record, ...(yield* rejectsBeside(lake.storage, record)), ...files.keys()])
  }
  return pruned
}, Effect.scoped)

/** Prunes, or tells what would go. Fails with a `LakeError`; `Transient` when another process works on a resource. */
export const prune: (place: LakePlace, options: PruneOptions) => Effect.Effect<ReadonlyArray<Pruned>, LakeError> =
  Effect.fn("prune")(function* (place, options) {
    const lake = yield* openLake(place, { create: false })
    const events = eventsPath(new Date(yield* Clock.currentTimeMillis).toISOString(), options.run)
    const known = yield* read(lake.database, "prune", () => knownResources(lake.database))
    const chosen = known.filter((key) => options.only?.(key) ?? true)
    const pruned = yield* Effect.forEach(chosen, ({ source, dataset, resource }) =>
      pruneResource(lake, { source, dataset, resource }, options, events),
    )
    return pruned.flat()
  }, Effect.scoped)
