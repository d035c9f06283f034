/** States of the past, put in their place in the timeline of a resource and loaded from there: files that somebody kept, or dated addresses. */
import {
  type Downloaded,
  type Extraction,
  Fetch,
  type FetchError,
  Lake,
  LakeError,
  type PastState,
  record,
  replayResource,
  type Resource,
  type ResourceKey,
  type ResourceResult,
  terminal,
} from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { hashFile } from "@opendatahub-sql/lake"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { copyFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { pathToFileURL } from "node:url"
import { plan, recorded, runOptions } from "./hub.ts"

/** Where a past state is, and of which instant (ISO, UTC). */
export interface DatedState {
  readonly at: string
  /** A path of this machine, or an address. */
  readonly from: string
}

/** What became of one of them. */
export interface KeptState extends DatedState {
  readonly outcome: "kept" | "unchanged" | "failed"
  readonly message?: string
}

/** The resources that a person may mean: those of the lake, else those that the configuration's sources offer now. */
export const resourcesMeant = Effect.fn("resourcesMeant")(function* (hub: Hub, dataset: string, name?: string) {
  const lake = yield* Lake
  const isMeant = (one: Resource): boolean =>
    (one.dataset.id === dataset || one.dataset.slug === dataset) &&
    (name === undefined || one.id === name || one.portalId === name || one.title === name)
  const known: Array<Resource> = []
  for (const key of yield* lake.resources) {
    const newest = (yield* lake.extractions(key)).at(-1)
    if (newest !== undefined && isMeant(newest.resource)) known.push(newest.resource)
  }
  if (known.length > 0) return known
  const { items } = yield* plan(hub, { datasets: [dataset] })
  return items.flatMap((item) => item.resources).filter(isMeant)
})

/** A copy of a file, as if it had been downloaded. */
const localCopy = Effect.fnUntraced(function* (path: string, folder: string) {
  const now = new Date(yield* Clock.currentTimeMillis).toISOString()
  return yield* Effect.tryPromise({
    try: async (): Promise<Downloaded> => {
      const copy = join(folder, `import-${randomUUID()}`)
      await copyFile(path, copy)
      return {
        _tag: "Downloaded",
        path: copy,
        name: basename(path),
        ...(await hashFile(copy)),
        finalUrl: pathToFileURL(path).href,
        validators: {},
        headers: {},
        startedAt: now,
        endedAt: now,
      }
    },
    catch: (cause) =>
      new LakeError({
        plugin: "odh",
        operation: "import",
        reason: terminal,
        message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      }),
  })
})

const addressed = Effect.fnUntraced(function* (url: string, folder: string) {
  const fetch = yield* Fetch
  const name = basename(URL.parse(url)?.pathname ?? "") || "file"
  const found = yield* fetch.download({ url, name }, { folder })
  return found._tag === "Downloaded" ? found : undefined
})

const keepOne = Effect.fnUntraced(function* (
  resource: Resource,
  key: ResourceKey,
  { at, from }: DatedState,
  how: PastState["how"],
) {
  const lake = yield* Lake
  const file = yield* how === "imported" ? localCopy(from, lake.workFolder) : addressed(from, lake.workFolder)
  const kept = file === undefined ? undefined : yield* lake.keep({ ...resource, siblings: [] }, file, {}, { how, at })
  if (kept === undefined) return undefined
  const { sha256, bytes } = kept.file
  yield* record({ _tag: "Extracted", ...key, extractedAt: kept.extractedAt, sha256, bytes, title: resource.title })
  return kept
})

/** Keeps past states of a resource, then loads what was new, oldest first. A state that cannot be had does not stop the others. */
export const keepPast = Effect.fn("keepPast")(function* (
  hub: Hub,
  resource: Resource,
  states: ReadonlyArray<DatedState>,
  how: PastState["how"],
) {
  const told: Array<KeptState> = []
  const loads: Array<ResourceResult> = []
  yield* recorded(
    how === "imported" ? "lake import" : "lake backfill",
    Effect.gen(function* () {
      const lake = yield* Lake
      const key = { source: resource.source, dataset: resource.dataset.id, resource: resource.id }
      const kept: Array<Extraction> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* lake.lease(key)
          for (const state of states) {
            yield* keepOne(resource, key, state, how).pipe(
              Effect.map((one) => {
                if (one !== undefined) kept.push(one)
                told.push({ ...state, outcome: one === undefined ? "unchanged" : "kept" })
              }),
              Effect.catch((error: FetchError | LakeError) =>
                error._tag === "LakeError" && error.plugin === "lake"
                  ? Effect.fail(error)
                  : Effect.sync(() => {
                      told.push({ ...state, outcome: "failed", message: error.message })
                    }),
              ),
            )
          }
        }),
      )
      if (kept.length > 0) {
        const inOrder = kept.toSorted((a, b) => (a.extractedAt < b.extractedAt ? -1 : 1))
        loads.push(...(yield* replayResource(inOrder, yield* runOptions(hub))))
      }
      return loads
    }),
  )
  return { states: told, resources: loads }
})
