/** Which file of the portal may be a resource that is not offered any more: scored by title, columns and rows, for a person to decide. */
import { type Extraction, Fetch, Lake, type RawFile, type Resource, type TypedTable } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { rm } from "node:fs/promises"
import { localFile } from "../commands/local-file.ts"
import { plan } from "../hub.ts"
import { columnsOf, largestTable, sampleOf } from "./contents.ts"
import { type IdentityEntry, readIdentities, writeIdentities } from "./identity-file.ts"
import { common, type Likeness, likenessOfColumns, likenessOfRows, likenessOfTitles, scoreOf } from "./likeness.ts"

/** Below, two files have nothing to do with each other. */
const LEAST_SCORE = 0.5
/** Files that are looked into for one lost resource: the best by their titles. */
const MOST_CANDIDATES = 3

/** A resource that is offered no more, by its last extraction; or one that is offered, with its first and last extraction if there is one. */
interface Fresh {
  readonly resource: Resource
  readonly first?: Extraction
  readonly last?: Extraction
}

/** Runs `use` on the bytes of a file: those of the lake, or downloaded and thrown away; `undefined` when they cannot be had. */
const withFile = Effect.fnUntraced(function* (hub: Hub, { resource, last }: Fresh) {
  const lake = yield* Lake
  if (last !== undefined) return lake.open(last)
  const fetch = yield* Fetch
  const source = hub.sources.find(({ id }) => id === resource.source)
  if (source === undefined) return undefined
  const downloaded = yield* Effect.result(
    Effect.flatMap(source.locate(resource), (request) => fetch.download(request, { folder: lake.workFolder })),
  )
  if (downloaded._tag === "Failure" || downloaded.success._tag !== "Downloaded") return undefined
  const { path, name, mediaType } = downloaded.success
  yield* Effect.addFinalizer(() => Effect.promise(() => rm(path, { force: true })))
  const file = yield* localFile(path)
  return { ...file, name, ...(mediaType === undefined ? {} : { mediaType }) } satisfies RawFile
})

const compare = Effect.fnUntraced(function* (known: TypedTable, other: TypedTable) {
  const [ours, theirs] = [columnsOf(known), columnsOf(other)]
  const both = common(ours, theirs).toSorted()
  const fewest = Math.min(known.rows, other.rows)
  return {
    schema: likenessOfColumns(ours, theirs),
    rows:
      both.length === 0
        ? null
        : likenessOfRows(yield* sampleOf(known, both, fewest), yield* sampleOf(other, both, fewest)),
  }
})

/** How alike a lost resource, by its title and largest table, and a file are. */
const likeness = Effect.fnUntraced(function* (hub: Hub, lost: string, known: TypedTable | undefined, fresh: Fresh) {
  const unknown: Likeness = { title: likenessOfTitles(lost, fresh.resource.title), schema: null, rows: null }
  if (known === undefined) return unknown
  const file = yield* withFile(hub, fresh)
  const other = file === undefined ? undefined : yield* largestTable(hub, file, fresh.resource)
  return other === undefined ? unknown : { ...unknown, ...(yield* compare(known, other)) }
}, Effect.scoped)

/** The likeness of each candidate to a lost resource, whose file is read once. */
const likenesses = Effect.fnUntraced(function* (hub: Hub, lost: Extraction, candidates: ReadonlyArray<Fresh>) {
  if (candidates.length === 0) return []
  const known = yield* largestTable(hub, (yield* Lake).open(lost), lost.resource)
  return yield* Effect.forEach(candidates, (one) =>
    Effect.map(likeness(hub, lost.resource.title, known, one), (parts) => ({ one, parts })),
  )
}, Effect.scoped)

const mayFollow = (lost: Extraction, { resource, first }: Fresh): boolean =>
  lost.resource.source === resource.source &&
  (first === undefined || first.extractedAt > lost.extractedAt) &&
  (lost.resource.format === undefined || resource.format === undefined || lost.resource.format === resource.format)

/** Asks the sources, scores what is new against what is gone, and writes the proposals; decisions stay as they are. */
export const propose = Effect.fn("identity.propose")(function* (hub: Hub) {
  const lake = yield* Lake
  const decided = (yield* readIdentities(hub.identities)).filter(({ state }) => state !== "proposed")
  const offered = (yield* plan(hub, { datasets: [] })).items.flatMap(({ resources }) => resources)
  const addressOf = (resource: Resource): string => `${resource.source} ${resource.dataset.id} ${resource.id}`
  const addresses = new Set(offered.map(addressOf))
  const lost: Array<Extraction> = []
  for (const key of yield* lake.resources) {
    if (addresses.has(`${key.source} ${key.dataset} ${key.resource}`)) continue
    const last = (yield* lake.extractions(key)).at(-1)
    if (last !== undefined) lost.push(last)
  }
  const fresh = yield* Effect.forEach(lost.length === 0 ? [] : offered, (resource) =>
    Effect.map(
      lake.extractions({ source: resource.source, dataset: resource.dataset.id, resource: resource.id }),
      (all): Fresh => {
        const [first, last] = [all[0], all.at(-1)]
        return first === undefined || last === undefined ? { resource } : { resource, first, last }
      },
    ),
  )

  const found: Array<IdentityEntry> = []
  const at = new Date(yield* Clock.currentTimeMillis).toISOString()
  for (const extraction of lost) {
    const { source, dataset, id, title } = extraction.resource
    const candidates = fresh
      .filter((one) => mayFollow(extraction, one))
      .filter(({ resource }) => !decided.some((one) => one.portalId === resource.portalId && one.resource === id))
      .map((one) => ({ one, title: likenessOfTitles(title, one.resource.title) ?? LEAST_SCORE }))
      .filter((one) => one.title >= LEAST_SCORE)
      .toSorted((a, b) => b.title - a.title)
      .slice(0, MOST_CANDIDATES)
      .map(({ one }) => one)
    for (const { one, parts } of yield* likenesses(hub, extraction, candidates)) {
      const score = scoreOf(parts)
      if (score < LEAST_SCORE) continue
      found.push({
        source,
        portalId: one.resource.portalId,
        title: one.resource.title,
        dataset: dataset.id,
        resource: id,
        knownTitle: title,
        score,
        parts,
        state: "proposed",
        at,
      })
    }
  }
  // One file for one resource: the best pairs first.
  const proposed: Array<IdentityEntry> = []
  for (const one of found.toSorted((a, b) => b.score - a.score))
    if (!proposed.some(({ portalId, resource }) => portalId === one.portalId || resource === one.resource))
      proposed.push(one)
  if (proposed.length > 0 || decided.length > 0) yield* writeIdentities(hub.identities, [...decided, ...proposed])
  return proposed satisfies ReadonlyArray<IdentityEntry>
})
