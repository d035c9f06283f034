import type { LakeError, ResourceKey } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import type { LakePlace } from "../open-lake.ts"
import { grouped, look, type Query, type Row } from "./look.ts"

/** The newest extraction of a resource. Instants are ISO text in UTC, `bytes` the size of its main file. */
export interface LastExtraction {
  readonly extractedAt: string
  readonly sha256: string
  readonly bytes: number
}

/** What was said of a resource, or of a whole dataset, that is no longer there. */
export interface GoneNotice {
  readonly state: string
  readonly message: string
  readonly at: string
}

/** The newest load of a resource into one destination; `isCurrent`: of its newest extraction. */
export interface LoadStatus {
  readonly target: string
  readonly extractedAt: string
  readonly at: string
  readonly outcome: string
  readonly rows: number
  readonly rejects: number
  /** Rejects of the load that this one replaced which it took. */
  readonly closed: number
  readonly isCurrent: boolean
}

/** Something that failed, and was not made good since. */
export interface Trouble {
  readonly stage: string
  readonly at: string
  readonly message: string
  readonly target?: string
}

/** A resource as it stands: what is kept, what is loaded, what is wrong. */
export interface ResourceStatus extends ResourceKey {
  readonly title: string
  readonly datasetTitle: string
  readonly datasetSlug: string
  readonly extractions: number
  readonly last?: LastExtraction
  readonly seenAt?: string
  /** When other contents were found, the last twelve times, oldest first. */
  readonly changes: ReadonlyArray<string>
  /** The period of updates that the publisher declares, in milliseconds. */
  readonly declaredEvery?: number
  /** The tables that are made of it. */
  readonly tables: ReadonlyArray<string>
  readonly gone?: GoneNotice
  readonly loads: ReadonlyArray<LoadStatus>
  readonly trouble: ReadonlyArray<Trouble>
}

// Resources that never came further than a failure are listed too.
const RESOURCES = `
WITH known AS (SELECT source, dataset, resource FROM resources UNION SELECT source, dataset, resource FROM failures)
SELECT k.*, r.seen_at, e.extracted_at, e.record ->> '$.file.sha256' AS sha256, e.record ->> '$.file.bytes' AS bytes,
  e.record ->> '$.resource.title' AS title, e.record ->> '$.resource.dataset.title' AS dataset_title,
  e.record ->> '$.resource.dataset.slug' AS dataset_slug,
  e.record ->> '$.resource.dataset.updateEvery' AS declared_every,
  (SELECT json_group_array(extracted_at) FROM (SELECT extracted_at FROM extractions c
    WHERE (c.source, c.dataset, c.resource) = (k.source, k.dataset, k.resource) ORDER BY extracted_at DESC LIMIT 12)) AS changes,
  (SELECT json_group_array(DISTINCT name) FROM table_names t WHERE (t.source, t.dataset, t.resource) = (k.source, k.dataset, k.resource)) AS tables,
  (SELECT count(*) FROM extractions c WHERE (c.source, c.dataset, c.resource) = (k.source, k.dataset, k.resource)) AS extractions
FROM known k
LEFT JOIN resources r ON (r.source, r.dataset, r.resource) = (k.source, k.dataset, k.resource)
LEFT JOIN extractions e ON (e.source, e.dataset, e.resource) = (k.source, k.dataset, k.resource) AND e.extracted_at =
  (SELECT max(extracted_at) FROM extractions m WHERE (m.source, m.dataset, m.resource) = (k.source, k.dataset, k.resource))
ORDER BY k.source, k.dataset, title, k.resource`

const GONE = "SELECT * FROM gone ORDER BY at"

const LOADS = `
SELECT source, dataset, resource, target, extracted_at, at, outcome,
  (SELECT sum(value ->> 'rows') FROM json_each(l.tables)) AS row_count, (SELECT sum(value ->> 'rejects') FROM json_each(l.tables)) AS rejects,
  (SELECT sum(value ->> 'closed') FROM json_each(l.tables)) AS closed
FROM loads l WHERE extracted_at = (SELECT max(extracted_at) FROM loads m
  WHERE (m.target, m.source, m.dataset, m.resource) = (l.target, l.source, l.dataset, l.resource))
ORDER BY target`

const TROUBLE = `
SELECT source, dataset, resource, stage, at, failure ->> '$.message' AS message, NULL AS target FROM failures f
WHERE at > coalesce(iif(stage = 'load',
  (SELECT max(at) FROM loads l WHERE (l.source, l.dataset, l.resource) = (f.source, f.dataset, f.resource)),
  (SELECT seen_at FROM resources r WHERE (r.source, r.dataset, r.resource) = (f.source, f.dataset, f.resource))), '')
UNION ALL
SELECT source, dataset, resource, 'load', at, failure ->> '$.message', target FROM refusals r
WHERE NOT EXISTS (SELECT * FROM loads l
  WHERE (l.target, l.source, l.dataset, l.resource) = (r.target, r.source, r.dataset, r.resource) AND l.at > r.at)
AND NOT EXISTS (SELECT * FROM verdicts v
  WHERE (v.source, v.dataset, v.resource, v.extracted_at, v.verdict) = (r.source, r.dataset, r.resource, r.extracted_at, 'rejected'))
ORDER BY at`

const texts = (row: Row, column: string): ReadonlyArray<string> => row.json(column) as ReadonlyArray<string>

const keyIn = (row: Row): ResourceKey => ({
  source: row.text("source"),
  dataset: row.text("dataset"),
  resource: row.text("resource"),
})

const address = ({ source, dataset, resource }: ResourceKey): string => JSON.stringify([source, dataset, resource])

const byResource = (rows: ReadonlyArray<Row>): ReadonlyMap<string, ReadonlyArray<Row>> =>
  grouped(rows, (row) => address(keyIn(row)))

const noticeOf = (row: Row): GoneNotice => ({
  state: row.text("state"),
  message: row.text("message"),
  at: row.text("at"),
})

const statusOf = (query: Query): ReadonlyArray<ResourceStatus> => {
  const gone = byResource(query(GONE))
  const loads = byResource(query(LOADS))
  const trouble = byResource(query(TROUBLE))
  return query(RESOURCES).map((row) => {
    const key = keyIn(row)
    const seenAt = row.maybe("seen_at")
    const extractedAt = row.maybe("extracted_at")
    const notice = [...(gone.get(address(key)) ?? []), ...(gone.get(address({ ...key, resource: "" })) ?? [])]
      .map(noticeOf)
      .findLast((one) => one.at > (seenAt ?? ""))
    return {
      ...key,
      title: row.maybe("title") ?? key.resource,
      datasetTitle: row.maybe("dataset_title") ?? key.dataset,
      datasetSlug: row.maybe("dataset_slug") ?? key.dataset,
      extractions: row.number("extractions"),
      ...(extractedAt === undefined
        ? {}
        : { last: { extractedAt, sha256: row.text("sha256"), bytes: row.number("bytes") } }),
      ...(seenAt === undefined ? {} : { seenAt }),
      changes: texts(row, "changes").toReversed(),
      ...(row.number("declared_every") > 0 ? { declaredEvery: row.number("declared_every") } : {}),
      tables: texts(row, "tables"),
      ...(notice === undefined ? {} : { gone: notice }),
      loads: (loads.get(address(key)) ?? []).map((load) => ({
        target: load.text("target"),
        extractedAt: load.text("extracted_at"),
        at: load.text("at"),
        outcome: load.text("outcome"),
        rows: load.number("row_count"),
        rejects: load.number("rejects"),
        closed: load.number("closed"),
        isCurrent: load.text("extracted_at") === extractedAt,
      })),
      trouble: (trouble.get(address(key)) ?? []).map((one) => {
        const target = one.maybe("target")
        return {
          stage: one.text("stage"),
          at: one.text("at"),
          message: one.text("message"),
          ...(target === undefined ? {} : { target }),
        }
      }),
    }
  })
}

/** Every resource of the lake as it stands, by source, dataset and title. */
export const status = (place: LakePlace): Effect.Effect<ReadonlyArray<ResourceStatus>, LakeError> =>
  look(place, statusOf)
