/** The fetch half: one look at one resource, from a URL to bytes kept for ever. */
import * as Effect from "effect/Effect"
import { rm } from "node:fs/promises"
import { type Downloaded, Fetch, type Validators } from "../contracts/fetch.ts"
import { type Extraction, Lake, type ResourceKey } from "../contracts/lake.ts"
import type { Resource } from "../contracts/resource.ts"
import type { Source } from "../contracts/source.ts"
import { Progress } from "./progress.ts"
import { now, record } from "./run-log.ts"

const discard = (download: Downloaded): Effect.Effect<void> => Effect.promise(() => rm(download.path, { force: true }))

/** Request headers that are the same each time: an answer that varies with them alone is the same each time too. */
const SAME_EACH_TIME = new Set(["", "accept", "accept-encoding", "accept-language", "cookie", "origin", "referer"])

/** Whether another request may be answered with another representation (RFC 9111, section 4.1; `*` never matches). */
const mayVary = ({ headers }: Extraction): boolean =>
  (headers["vary"] ?? "").split(",").some((name) => !SAME_EACH_TIME.has(name.trim().toLowerCase()))

/**
 * What the server told about the file that we hold. Not sent when the portal now points elsewhere (an older file there would answer
 * "not modified"), nor for a bundle, whose files are only known together. A date alone does not tell representations apart, an ETag does
 * (RFC 9110, section 8.8.3).
 */
export const validatorsFor = (resource: Resource, previous: Extraction | undefined): Validators | undefined =>
  previous !== undefined &&
  previous.resource.url === resource.url &&
  previous.resource.portalId === resource.portalId &&
  resource.siblings.length === 0 &&
  (previous.file.validators.etag !== undefined || !mayVary(previous))
    ? previous.file.validators
    : undefined

/** Downloads and keeps the resource; `undefined` when it equals the previous extraction. */
export const extract = Effect.fn("extract")(function* (
  source: Source,
  resource: Resource,
  previous: Extraction | undefined,
) {
  const fetch = yield* Fetch
  const lake = yield* Lake
  const progress = yield* Progress
  const key: ResourceKey = { source: resource.source, dataset: resource.dataset.id, resource: resource.id }
  const startedAt = yield* now

  const validators = validatorsFor(resource, previous)
  const download = Effect.fnUntraced(function* (one: Resource, sent: Validators | undefined) {
    const request = yield* source.locate(one)
    return yield* fetch.download(request, {
      folder: lake.workFolder,
      ...(sent === undefined ? {} : { validators: sent }),
      onProgress: ({ received, total }) =>
        progress({ resource: resource.id, title: resource.title, stage: "fetch", received, total }),
    })
  })

  return yield* Effect.gen(function* () {
    const main = yield* download(resource, validators)
    if (main._tag === "NotModified") {
      yield* record({ _tag: "Seen", ...key, extractedAt: startedAt, how: "not-modified" })
      return undefined
    }
    return yield* Effect.gen(function* () {
      const siblings: Record<string, Downloaded> = {}
      for (const sibling of resource.siblings) {
        const file = yield* download(sibling, undefined)
        if (file._tag === "Downloaded") siblings[sibling.portalId] = file
      }
      const extraction = yield* lake
        .keep(resource, main, siblings)
        .pipe(Effect.ensuring(Effect.forEach(Object.values(siblings), discard)))
      if (extraction === undefined) {
        yield* record({ _tag: "Seen", ...key, extractedAt: main.startedAt, how: "same-bytes" })
        return undefined
      }
      yield* record({
        _tag: "Extracted",
        ...key,
        extractedAt: extraction.extractedAt,
        sha256: extraction.file.sha256,
        bytes: extraction.file.bytes,
        title: resource.title,
      })
      return extraction
    }).pipe(Effect.ensuring(discard(main)))
  })
})
