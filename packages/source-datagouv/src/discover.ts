/** Everything that the configuration, or a selection, wants of the portal. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Discovery, misconfigured, type Selection, type SourceError } from "@opendatahub-sql/core"
import { type Entry, failed, findDataset, type Findings, readDataset } from "./dataset.ts"
import { failure } from "./failure.ts"
import type { KnownDataset } from "./found.ts"
import type { DecodedOptions } from "./options.ts"
import type { Connection } from "./portal/client.ts"
import { searchDatasets, searchWants } from "./search.ts"

/** Datasets read at the same time. */
const CONCURRENCY = 4

const OBJECT_ID = /^[0-9a-f]{24}$/i

interface Named extends Entry {
  /** The id or slug as the configuration has it. */
  readonly reference: string
}

const namedEntries = ({ datasets }: DecodedOptions): ReadonlyArray<Named> =>
  datasets.map((dataset, index) => {
    const { id, resources, into } = typeof dataset === "string" ? { id: dataset, resources: undefined, into: undefined } : dataset
    return { reference: id, rules: resources, into, at: `datasets[${index}]`, mustMatch: true }
  })

const selectedEntry: Entry = { at: "the selection", mustMatch: true }

/** The findings about one reference; whatever goes wrong concerns this dataset alone. */
const findings = (
  connection: Connection,
  { pageSize }: DecodedOptions,
  reference: string,
  entriesOf: (dataset: KnownDataset) => Effect.Effect<ReadonlyArray<Entry>, SourceError>,
): Effect.Effect<Findings> =>
  Effect.gen(function* () {
    const dataset = yield* findDataset(connection, reference)
    if ("_tag" in dataset) return { discoveries: [dataset], counts: [] }
    return yield* readDataset(connection, pageSize, dataset, yield* entriesOf(dataset))
  }).pipe(Effect.catch((error) => Effect.succeed({ discoveries: [failed(reference, error)], counts: [] })))

/** Runs every search: per rule its entry and the ids it found, or why it failed. */
const searches = (connection: Connection, { search, pageSize }: DecodedOptions) =>
  Effect.forEach(search, (rule, index) => {
    const entry: Entry = { ...searchWants(rule), at: `search[${index}]`, mustMatch: false }
    return Effect.map(Effect.result(searchDatasets(connection, pageSize, rule, entry.at)), (ids) => ({ entry, ids }))
  })

/** What the searches find, without the datasets that have entries of their own: those say all that is wanted of them. */
const discoverSearched = (connection: Connection, options: DecodedOptions, named: ReadonlySet<string>): Stream.Stream<Discovery> =>
  Stream.unwrap(Effect.gen(function* () {
    const wanted = new Map<string, Array<Entry>>()
    const problems: Array<Discovery> = []
    const matched = new Map<Entry, { datasets: number; resources: number }>()
    for (const { entry, ids } of yield* searches(connection, options)) {
      if (ids._tag === "Failure") problems.push(failed(entry.at, ids.failure))
      else if (ids.success.length === 0) problems.push(failed(entry.at, failure("discover", misconfigured, `${entry.at} finds no dataset; check its filters`)))
      for (const id of ids._tag === "Success" ? ids.success : []) {
        if (named.has(id)) continue
        wanted.set(id, [...(wanted.get(id) ?? []), entry])
        matched.set(entry, { datasets: (matched.get(entry)?.datasets ?? 0) + 1, resources: 0 })
      }
    }
    const read = Effect.fnUntraced(function* ([id, entries]: readonly [string, ReadonlyArray<Entry>]) {
      const { discoveries, counts } = yield* findings(connection, options, id, () => Effect.succeed(entries))
      for (const [index, entry] of entries.entries()) {
        const seen = matched.get(entry)
        if (seen !== undefined) seen.resources += counts[index] ?? 0
      }
      return discoveries
    })
    const unmatched = Stream.suspend(() =>
      Stream.fromIterable([...matched].filter(([, { resources }]) => resources === 0).map(([{ at }, { datasets }]) =>
        failed(at, failure("discover", misconfigured, `${at} finds ${datasets} dataset(s) but no resource in them matches; check \`resources\``))
      ))
    )
    return Stream.fromIterable(problems).pipe(
      Stream.concat(Stream.fromIterable(wanted).pipe(Stream.mapEffect(read, { concurrency: CONCURRENCY }), Stream.flattenIterable)),
      Stream.concat(unmatched),
    )
  }))

const discoverAll = (connection: Connection, options: DecodedOptions): Stream.Stream<Discovery> => {
  const entries = namedEntries(options)
  const named = new Set<string>()
  const explicit = Stream.fromIterable(new Set(entries.map(({ reference }) => reference))).pipe(
    Stream.mapEffect((reference) =>
      findings(connection, options, reference, (dataset) => Effect.sync(() => {
        named.add(dataset.answer.id)
        return entries.filter((entry) => entry.reference === reference)
      })), { concurrency: CONCURRENCY }),
    Stream.flatMap(({ discoveries }) => Stream.fromIterable(discoveries)),
  )
  return Stream.concat(explicit, Stream.suspend(() => discoverSearched(connection, options, named)))
}

/** The entries for a selected dataset: those of the configuration, by id, slug, former slug or search; without any, every readable main resource. */
const discoverSelected = (connection: Connection, options: DecodedOptions, references: ReadonlyArray<string>): Stream.Stream<Discovery> =>
  Stream.unwrap(Effect.gen(function* () {
    const named = namedEntries(options)
    const formerSlugs = yield* Effect.cached(Effect.forEach(
      new Set(named.map(({ reference }) => reference).filter((reference) => !OBJECT_ID.test(reference))),
      (reference) => Effect.map(findDataset(connection, reference), (dataset) => ("_tag" in dataset ? [] : [{ reference, id: dataset.answer.id }])),
    ))
    const searched = yield* Effect.cached(Effect.suspend(() => searches(connection, options)))
    const entriesOf = (reference: string) =>
      Effect.fnUntraced(function* ({ answer: { id, slug } }: KnownDataset) {
        const direct = named.filter((entry) => [reference, id, slug].includes(entry.reference))
        if (direct.length > 0) return direct
        const renamed = (yield* formerSlugs).flat().filter((former) => former.id === id)
        if (renamed.length > 0) return named.filter((entry) => renamed.some((former) => former.reference === entry.reference))
        const results = yield* searched
        for (const { ids } of results) if (ids._tag === "Failure") return yield* ids.failure
        const found = results.filter(({ ids }) => ids._tag === "Success" && ids.success.includes(id)).map(({ entry }) => entry)
        return found.length > 0 ? found : [selectedEntry]
      })
    return Stream.fromIterable(new Set(references)).pipe(
      Stream.mapEffect((reference) => findings(connection, options, reference, entriesOf(reference)), { concurrency: CONCURRENCY }),
      Stream.flatMap(({ discoveries }) => Stream.fromIterable(discoveries)),
    )
  }))

/** Drops what was found already: a dataset may be named by id and by slug. */
const once = (): ((discovery: Discovery) => boolean) => {
  const seen = new Set<string>()
  return (discovery) => {
    if (discovery._tag !== "Found") return true
    const key = `${discovery.resource.dataset.id}/${discovery.resource.portalId}`
    return !seen.has(key) && seen.add(key).size > 0
  }
}

/** Finds what a selection wants; an empty one means all of the configuration. */
export const discover = (connection: Connection, options: DecodedOptions, { datasets }: Selection): Stream.Stream<Discovery> =>
  Stream.filter(datasets.length === 0 ? discoverAll(connection, options) : discoverSelected(connection, options, datasets), once())
