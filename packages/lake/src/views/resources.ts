import type { LakeError, ResourceKey } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import { GONE_NOW } from "../state/questions.ts"
import type { LakePlace } from "../open-lake.ts"
import { look } from "./look.ts"

/** A resource as its newest record describes it. `bytes` is the size of its main file, instants are ISO text in UTC. */
export interface ResourceSummary extends ResourceKey {
  readonly title: string
  readonly datasetTitle: string
  readonly datasetSlug: string
  readonly url: string
  readonly format?: string
  readonly license?: string
  readonly organization?: string
  readonly page?: string
  readonly bytes: number
  readonly extractions: number
  readonly firstExtractedAt: string
  readonly lastExtractedAt: string
  readonly gone: boolean
}

// A bare column beside the one max() is of the row that holds the maximum (sqlite.org/lang_select.html, "bare columns").
const SQL = `
WITH newest AS (
  SELECT source, dataset, resource, max(extracted_at) AS last_at, count(*) AS extractions, record FROM extractions GROUP BY source, dataset, resource
)
SELECT r.source, r.dataset, r.resource, last_at, extractions, ${GONE_NOW} AS gone,
  (SELECT min(extracted_at) FROM extractions e WHERE (e.source, e.dataset, e.resource) = (r.source, r.dataset, r.resource)) AS first_at,
  record ->> '$.resource.title' AS title, record ->> '$.resource.dataset.title' AS dataset_title, record ->> '$.resource.dataset.slug' AS dataset_slug, record ->> '$.resource.url' AS url,
  record ->> '$.resource.format' AS format, record ->> '$.resource.dataset.license' AS license,
  record ->> '$.resource.dataset.organization' AS organization, record ->> '$.resource.dataset.page' AS page, record ->> '$.file.bytes' AS bytes
FROM resources r JOIN newest n ON (n.source, n.dataset, n.resource) = (r.source, r.dataset, r.resource)
ORDER BY r.source, r.dataset, title, r.resource`

const OPTIONAL = ["format", "license", "organization", "page"]

/** Every resource that the lake has an extraction of, by source, dataset and title. */
export const resources = (place: LakePlace): Effect.Effect<ReadonlyArray<ResourceSummary>, LakeError> =>
  look(place, (query) =>
    query(SQL).map((row) => ({
      source: row.text("source"),
      dataset: row.text("dataset"),
      resource: row.text("resource"),
      title: row.text("title"),
      datasetTitle: row.text("dataset_title"),
      datasetSlug: row.text("dataset_slug"),
      url: row.text("url"),
      ...Object.fromEntries(
        OPTIONAL.flatMap((column) => (row.maybe(column) === undefined ? [] : [[column, row.text(column)]])),
      ),
      bytes: row.number("bytes"),
      extractions: row.number("extractions"),
      firstExtractedAt: row.text("first_at"),
      lastExtractedAt: row.text("last_at"),
      gone: row.number("gone") === 1,
    })),
  )
