/** Everything that the configuration, or a selection, wants of the portal. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Discovery, Selection, SourceError } from "@opendatahub-sql/core"
import type { DecodedOptions } from "../options.ts"
import type { Connection } from "../portal/client.ts"
import { discoverEverything, everythingEntries } from "../catalogue/everything.ts"
import { CATALOGUE, catalogueTables } from "../catalogue/tables.ts"
import { isId } from "../portal/reference.ts"
import { CONCURRENCY, type Entry, findDataset, findings } from "./dataset.ts"
import type { KnownDataset } from "./found.ts"
import { discoverSearched, searches } from "./searched.ts"

interface Named extends Entry {
  /** The id or slug as the configuration has it. */
  readonly reference: string
}

const namedEntries = ({ datasets }: DecodedOptions): ReadonlyArray<Named> =>
  datasets.map((dataset, index) => {
    const { id, resources, into } =
      typeof dataset === "string" ? { id: dataset, resources: undefined, into: undefined } : dataset
    return { reference: id, rules: resources, into, at: `datasets[${index}]`, mustMatch: true }
  })

/** Reads each reference once, a few at a time, in order. */
const read = (
  connection: Connection,
  { pageSize }: DecodedOptions,
  references: Iterable<string>,
  entriesOf: (reference: string, dataset: KnownDataset) => Effect.Effect<ReadonlyArray<Entry>, SourceError>,
): Stream.Stream<Discovery> =>
  Stream.fromIterable(new Set(references)).pipe(
    Stream.mapEffect(
      (reference) => findings(connection, pageSize, reference, (dataset) => entriesOf(reference, dataset)),
      { concurrency: CONCURRENCY },
    ),
    Stream.flatMap(({ discoveries }) => Stream.fromIterable(discoveries)),
  )

const catalogueOf = ({ url }: Connection, { catalogue }: DecodedOptions): ReadonlyArray<Discovery> =>
  catalogue ? catalogueTables(url).map((resource) => ({ _tag: "Found", resource })) : []

const discoverAll = (connection: Connection, options: DecodedOptions): Stream.Stream<Discovery> => {
  const entries = namedEntries(options)
  const named = new Set(entries.map(({ reference }) => reference))
  const explicit = read(connection, options, [...named], (reference, dataset) =>
    Effect.sync(() => {
      named.add(dataset.answer.id)
      return entries.filter((entry) => entry.reference === reference)
    }),
  )
  return Stream.fromIterable(catalogueOf(connection, options)).pipe(
    Stream.concat(explicit),
    Stream.concat(Stream.unwrap(Effect.suspend(() => discoverSearched(connection, options, named)))),
    Stream.concat(Stream.suspend(() => discoverEverything(connection, options, named))),
  )
}

/** The entries for a selected dataset: those of the configuration, by id, slug, former slug or search; without any, every readable main resource. */
const discoverSelected = (
  connection: Connection,
  options: DecodedOptions,
  references: ReadonlyArray<string>,
): Stream.Stream<Discovery> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const named = namedEntries(options)
      const slugs = new Set(named.map(({ reference }) => reference).filter((reference) => !isId(reference)))
      const resolve = Effect.fnUntraced(function* (reference: string) {
        const dataset = yield* findDataset(connection, reference)
        return { reference, id: "_tag" in dataset ? undefined : dataset.answer.id }
      })
      const formerSlugs = yield* Effect.cached(Effect.forEach(slugs, resolve))
      const searched = yield* Effect.cached(searches(connection, options))

      const entriesOf = Effect.fnUntraced(function* (reference: string, dataset: KnownDataset) {
        const { id, slug } = dataset.answer
        const direct = named.filter((entry) => [reference, id, slug].includes(entry.reference))
        if (direct.length > 0) return direct
        const former = new Set((yield* formerSlugs).filter((one) => one.id === id).map((one) => one.reference))
        if (former.size > 0) return named.filter((entry) => former.has(entry.reference))
        const found: Array<Entry> = everythingEntries(options).flatMap(({ entry, speaksOf }) =>
          speaksOf(dataset) ? [entry] : [],
        )
        for (const { entry, datasets } of yield* searched) {
          if (datasets._tag === "Failure") return yield* datasets.failure
          if (datasets.success.some((one) => one.id === id)) found.push(entry)
        }
        return found.length > 0 ? found : [{ at: "the selection", mustMatch: true }]
      })
      const others = options.catalogue ? references.filter((reference) => reference !== CATALOGUE) : references
      return Stream.concat(
        Stream.fromIterable(others.length < references.length ? catalogueOf(connection, options) : []),
        read(connection, options, others, entriesOf),
      )
    }),
  )

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
export const discover = (
  connection: Connection,
  options: DecodedOptions,
  { datasets }: Selection,
): Stream.Stream<Discovery> =>
  Stream.filter(
    datasets.length === 0 ? discoverAll(connection, options) : discoverSelected(connection, options, datasets),
    once(),
  )
