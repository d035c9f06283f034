/** All of the catalogue that the rules of `everything` want, read from the daily export: one answer in place of a request for each dataset. */
import { type Discovery, type JsonObject, misconfigured, type SourceError } from "@opendatahub-sql/core"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { type Entry, failed } from "../discovery/dataset.ts"
import { found, type KnownDataset } from "../discovery/found.ts"
import { failure } from "../failure.ts"
import type { DecodedOptions, EverythingOptions } from "../options.ts"
import type { DatasetAnswer, ResourceAnswer } from "../portal/answers.ts"
import type { Connection } from "../portal/client.ts"
import { compilePattern } from "../selection/pattern.ts"
import { type Candidate, select } from "../selection/rules.ts"
import { exportRows } from "./export.ts"

type Row = Readonly<Record<string, string>>

const matches = (
  patterns: string | ReadonlyArray<string> | undefined,
): ((...texts: ReadonlyArray<string>) => boolean) => {
  if (patterns === undefined) return () => true
  const compiled = [patterns].flat().map(compilePattern)
  return (...texts) => texts.some((text) => text !== "" && compiled.some((pattern) => pattern(text)))
}

/** Which datasets a rule speaks of. */
const speaksOf = ({ organization, dataset }: EverythingOptions) => {
  const [ofOrganization, ofDataset] = [matches(organization), matches(dataset)]
  return ({ answer }: KnownDataset): boolean =>
    ofOrganization(answer.organization?.name ?? "", answer.organization?.id ?? "") &&
    ofDataset(answer.id, answer.slug ?? "", answer.title ?? "")
}

/** The rules of `everything`, as entries with the datasets that they speak of. */
export const everythingEntries = ({ everything }: DecodedOptions) =>
  everything.map((rule, index) => {
    const { organization: _organization, dataset: _dataset, into, ...rules } = rule
    const entry: Entry = {
      rules: Object.keys(rules).length === 0 ? undefined : rules,
      into,
      at: `everything[${index}]`,
      mustMatch: false,
    }
    return { entry, speaksOf: speaksOf(rule) }
  })

const orNull = (text: string | undefined): string | null => (text === undefined || text === "" ? null : text)

const datasetOf = (row: Row): KnownDataset => {
  const received: JsonObject = Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (name.startsWith("dataset.") ? [[name.slice(8), value]] : [])),
  )
  const answer: DatasetAnswer = {
    id: row["dataset.id"] ?? "",
    slug: orNull(row["dataset.slug"]),
    title: orNull(row["dataset.title"]),
    page: orNull(row["dataset.url"]),
    license: orNull(row["dataset.license"]),
    organization: { id: orNull(row["dataset.organization_id"]), name: orNull(row["dataset.organization"]) },
  }
  return { answer, received }
}

const candidateOf = (row: Row): Candidate<JsonObject> => {
  const received: JsonObject = Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith("dataset.")))
  const answer: ResourceAnswer = {
    id: row["id"] ?? "",
    url: row["url"] ?? "",
    title: orNull(row["title"]),
    type: orNull(row["type"]),
    filetype: orNull(row["filetype"]),
    format: orNull(row["format"]),
    mime: orNull(row["mime"]),
    filesize: orNull(row["filesize"]),
    checksum: { type: orNull(row["checksum.type"]), value: orNull(row["checksum.value"]) },
    schema: { name: orNull(row["schema_name"]), version: orNull(row["schema_version"]) },
    created_at: orNull(row["created_at"]),
    last_modified: orNull(row["modified"]),
  }
  return { answer, received }
}

/** Rows of one dataset follow each other; a dataset is whole when the next one begins. */
const byDataset = () => {
  let open: Array<Row> = []
  return {
    read: (rows: ReadonlyArray<Row>): ReadonlyArray<ReadonlyArray<Row>> => {
      const whole: Array<ReadonlyArray<Row>> = []
      for (const row of rows) {
        if (open.length > 0 && open[0]?.["dataset.id"] !== row["dataset.id"]) {
          whole.push(open)
          open = []
        }
        open.push(row)
      }
      return whole
    },
    end: (): ReadonlyArray<ReadonlyArray<Row>> => (open.length === 0 ? [] : [open]),
  }
}

/** How often the export is asked for, and the wait between (ms): each time all of it comes again. */
const MOST_ATTEMPTS = 3
const WAIT = 1_000

/** Reads the export. `named`: ids and slugs of datasets with entries of their own, which say all that is wanted of them. */
export const discoverEverything = (
  connection: Connection,
  options: DecodedOptions,
  named: ReadonlySet<string>,
): Stream.Stream<Discovery> => {
  const entries = everythingEntries(options)
  if (entries.length === 0) return Stream.empty
  const counts = entries.map(() => 0)
  const wanted = (rows: ReadonlyArray<Row>): ReadonlyArray<Discovery> => {
    const first = rows[0]
    if (first === undefined || first["dataset.private"] === "True") return []
    if ((first["dataset.archived"] ?? "False") !== "False" && first["dataset.archived"] !== "") return []
    const dataset = datasetOf(first)
    const { id, slug } = dataset.answer
    if (id === "" || named.has(id) || named.has(slug ?? id)) return []
    const mine = entries.map((one, index) => ({ ...one, index })).filter((one) => one.speaksOf(dataset))
    if (mine.length === 0) return []
    const all = rows.map(candidateOf).filter(({ answer }) => answer.id !== "" && answer.url !== "")
    const { selected, counts: matched } = select(
      id,
      mine.map(({ entry }) => entry),
      all,
    )
    for (const [at, { index }] of mine.entries()) counts[index] = (counts[index] ?? 0) + (matched[at] ?? 0)
    return selected.map((one) => ({ _tag: "Found", resource: found({ portal: connection.url, dataset }, one) }))
  }
  const unmatched = Stream.suspend(() =>
    Stream.fromIterable(
      entries.flatMap(({ entry: { at } }, index) =>
        counts[index] === 0
          ? [
              failed(
                at,
                failure("discover", misconfigured, `${at} matches nothing in the whole catalogue; check its patterns`),
              ),
            ]
          : [],
      ),
    ),
  )
  // A second attempt reads from the start: what was found already is dropped by its id.
  let attempts = 0
  const read = Stream.suspend(() => {
    attempts += 1
    const groups = byDataset()
    return exportRows(connection, "resources").pipe(
      Stream.map((rows) => groups.read(rows)),
      Stream.concat(Stream.suspend(() => Stream.succeed(groups.end()))),
      Stream.map((datasets) => datasets.flatMap(wanted)),
      Stream.flattenIterable,
    )
  })
  return read.pipe(
    Stream.retry(
      Schedule.spaced(WAIT).pipe(
        Schedule.setInputType<SourceError>(),
        Schedule.while(({ input }) => input.reason._tag === "Transient" && attempts < MOST_ATTEMPTS),
      ),
    ),
    Stream.concat(unmatched),
    Stream.catch((error) => Stream.succeed(failed("the whole catalogue", error))),
  )
}
