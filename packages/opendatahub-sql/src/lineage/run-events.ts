/** OpenLineage run events out of ours. Pure: the same event gives the same bytes, so that an event sent twice is one. */
import type { RunEvent } from "@opendatahub-sql/core"
import { createHash } from "node:crypto"
import { version } from "../version.ts"
import type { LineageSettings, ParentRun } from "./settings.ts"

const PRODUCER = `urn:opendatahub-sql:odh:${version}`
const SPEC = "https://openlineage.io/spec"

/** A column as its destination has it. */
export interface LineageField {
  readonly name: string
  readonly type: string
}

type Facet = Readonly<Record<string, unknown>>
type Names = Pick<LineageSettings, "namespace" | "parent" | "root">
type Ended = "COMPLETE" | "FAIL" | "ABORT"
type OfResource = Extract<RunEvent, { readonly resource: string; readonly dataset: string }>

const facet = (path: string, body: Facet): Facet => ({ _producer: PRODUCER, _schemaURL: `${SPEC}/${path}`, ...body })

/** A UUID out of texts: its version says "made by a rule of ours". */
export const runUuid = (...parts: ReadonlyArray<string>): string => {
  const hex = createHash("sha256").update(parts.join("\n")).digest("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const runOf = ({ runId }: Pick<ParentRun, "runId">) => ({ runId })
const jobOf = ({ namespace, name }: Pick<ParentRun, "namespace" | "name">) => ({ namespace, name })

const parentFacet = (parent: ParentRun, root: ParentRun | undefined): Facet =>
  facet("facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet", {
    run: runOf(parent),
    job: jobOf(parent),
    ...(root === undefined ? {} : { root: { run: runOf(root), job: jobOf(root) } }),
  })

/** The run of the whole command, whose children are the runs of its resources. */
const ownRun = (names: Names, run: string, command: string): ParentRun => ({
  namespace: names.namespace,
  name: `odh.${command}`,
  runId: runUuid(run),
})

const errorFacet = (message: string): Facet =>
  facet("facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet", {
    message,
    programmingLanguage: "TypeScript",
  })

const statusFacet = (status: string): Facet =>
  facet("facets/1-0-0/TagsRunFacet.json#/$defs/TagsRunFacet", {
    tags: [{ key: "odh_status", value: status, source: "ODH" }],
  })

const engineFacet = facet("facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet", {
  version,
  name: "odh",
})

const jobFacets = (jobType: string): Facet => ({
  jobType: facet("facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet", {
    processingType: "BATCH",
    integration: "ODH",
    jobType,
  }),
})

interface Told {
  readonly at: string
  readonly type: "START" | Ended
  readonly run: ParentRun
  readonly runFacets: Facet
  readonly jobType: string
  readonly inputs?: ReadonlyArray<Facet>
  readonly outputs?: ReadonlyArray<Facet>
}

const runEvent = ({ at, type, run, runFacets, jobType, inputs = [], outputs = [] }: Told) => ({
  eventTime: at,
  eventType: type,
  producer: PRODUCER,
  schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
  run: { runId: run.runId, facets: { processing_engine: engineFacet, ...runFacets } },
  job: { ...jobOf(run), facets: jobFacets(jobType) },
  inputs,
  outputs,
})

/** Beginning or end of a command. */
export const commandEvent = (
  names: Names,
  run: string,
  command: string,
  at: string,
  type: "START" | Ended,
  why?: string,
) =>
  runEvent({
    at,
    type,
    run: ownRun(names, run, command),
    runFacets: {
      ...(names.parent === undefined ? {} : { parent: parentFacet(names.parent, names.root) }),
      ...(why === undefined ? {} : { errorMessage: errorFacet(why) }),
    },
    jobType: "COMMAND",
  })

type Table = Extract<RunEvent, { readonly _tag: "Loaded" }>["tables"][number]

const inputOf = (event: OfResource, rows: number, rejects: number): Facet => ({
  namespace: event.source,
  name: `${event.dataset}/${event.resource}`,
  facets:
    "extractedAt" in event
      ? {
          version: facet("facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet", {
            datasetVersion: event.extractedAt,
          }),
        }
      : {},
  inputFacets: {
    dataQualityMetrics: facet(
      "facets/1-0-3/DataQualityMetricsInputDatasetFacet.json#/$defs/DataQualityMetricsInputDatasetFacet",
      { rowCount: rows, columnMetrics: {} },
    ),
    dataQualityAssertions: facet(
      "facets/1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet",
      { assertions: [{ assertion: "every record and every cell could be taken", success: rejects === 0 }] },
    ),
  },
})

const outputOf = (target: string, table: Table, fields: ReadonlyArray<LineageField>): Facet => ({
  namespace: target,
  name: table.table,
  facets:
    fields.length === 0
      ? {}
      : { schema: facet("facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet", { fields }) },
  outputFacets: {
    outputStatistics: facet(
      "facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
      { rowCount: table.rows },
    ),
  },
})

const messageOf = (failure: Readonly<Record<string, unknown>>): string =>
  typeof failure["message"] === "string" ? failure["message"] : "failed"

/** What an event of a resource says: nothing, or that a look at it ended. */
const ending = (
  event: OfResource,
): { readonly type: Ended; readonly status: string; readonly why?: string } | undefined => {
  switch (event._tag) {
    case "Loaded":
      return { type: "COMPLETE", status: event.outcome === "committed" ? "loaded" : "unchanged" }
    case "Seen":
      return { type: "COMPLETE", status: "unchanged" }
    case "LoadRefused":
      return { type: "FAIL", status: "rejected", why: messageOf(event.failure) }
    case "Failed":
      return { type: "FAIL", status: "failed", why: messageOf(event.failure) }
    default:
      return undefined
  }
}

/**
 * START and the end of one resource, both told when it ended: only the run of the command can be left open by a kill.
 * `fieldsOf` are the columns of a table in the destination of a load.
 */
export const resourceEvents = (
  names: Names,
  command: string,
  startedAt: string,
  event: RunEvent,
  fieldsOf: (table: string) => ReadonlyArray<LineageField>,
) => {
  if (!("resource" in event) || event.resource === undefined || event._tag === "Gone") return []
  const one: OfResource = event
  const end = ending(one)
  if (end === undefined) return []
  const target = one._tag === "Loaded" || one._tag === "LoadRefused" ? one.target : ""
  const run = {
    namespace: names.namespace,
    name: `${one.source}.${one.dataset}.${one.resource}`,
    runId: runUuid(one.run, one.resource, one._tag, "extractedAt" in one ? one.extractedAt : one.at, target),
  }
  const own = ownRun(names, one.run, command)
  const parent = { parent: parentFacet(own, names.root ?? names.parent) }
  const tables = one._tag === "Loaded" ? one.tables : []
  const sum = (of: (table: Table) => number): number => tables.reduce((total, table) => total + of(table), 0)
  const about = {
    run,
    jobType: "RESOURCE",
    inputs: [
      inputOf(
        one,
        sum((table) => table.rows),
        sum((table) => table.rejects),
      ),
    ],
    outputs: tables.map((table) => outputOf(target, table, fieldsOf(table.table))),
  }
  return [
    runEvent({ ...about, at: startedAt, type: "START", runFacets: parent }),
    runEvent({
      ...about,
      at: one.at,
      type: end.type,
      runFacets: {
        ...parent,
        tags: statusFacet(end.status),
        ...(end.why === undefined ? {} : { errorMessage: errorFacet(end.why) }),
      },
    }),
  ]
}
