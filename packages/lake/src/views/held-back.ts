import type { LakeError, ResourceKey, Verdict } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import type { LakePlace } from "../open-lake.ts"
import { look } from "./look.ts"

/** An extraction that was refused for what is in it, or that a person rejected. Instants are ISO text in UTC, `bytes` the size of its file. */
export interface HeldBack extends ResourceKey {
  readonly title: string
  readonly datasetSlug: string
  readonly extractedAt: string
  readonly path: string
  readonly bytes: number
  /** What is wrong with it, where it was refused. */
  readonly message?: string
  readonly verdict?: Verdict["verdict"]
  /** What the person said. */
  readonly why?: string
}

const SQL = `
WITH refused AS (
  SELECT source, dataset, resource, extracted_at, failure ->> '$.message' AS message, max(at) AS at FROM refusals r
  WHERE failure ->> '$.reason' = 'DataQuality' AND NOT EXISTS (SELECT * FROM loads l
    WHERE (l.target, l.source, l.dataset, l.resource, l.extracted_at) = (r.target, r.source, r.dataset, r.resource, r.extracted_at) AND l.at > r.at)
  GROUP BY source, dataset, resource, extracted_at
)
SELECT e.source, e.dataset, e.resource, e.extracted_at, r.message, v.verdict, v.why, e.record ->> '$.resource.title' AS title,
  e.record ->> '$.resource.dataset.slug' AS slug, e.record ->> '$.file.path' AS path, e.record ->> '$.file.bytes' AS bytes
FROM extractions e
LEFT JOIN refused r ON (r.source, r.dataset, r.resource, r.extracted_at) = (e.source, e.dataset, e.resource, e.extracted_at)
LEFT JOIN verdicts v ON (v.source, v.dataset, v.resource, v.extracted_at) = (e.source, e.dataset, e.resource, e.extracted_at)
WHERE r.message IS NOT NULL OR v.verdict = 'rejected'
ORDER BY e.extracted_at, e.source, e.dataset, e.resource`

/** What is held back or rejected, oldest first. */
export const heldBack = (place: LakePlace): Effect.Effect<ReadonlyArray<HeldBack>, LakeError> =>
  look(place, (query) =>
    query(SQL).map((row) => {
      const message = row.maybe("message")
      const verdict = row.maybe("verdict")
      const why = row.maybe("why")
      return {
        source: row.text("source"),
        dataset: row.text("dataset"),
        resource: row.text("resource"),
        title: row.text("title"),
        datasetSlug: row.text("slug"),
        extractedAt: row.text("extracted_at"),
        path: row.text("path"),
        bytes: row.number("bytes"),
        ...(message === undefined ? {} : { message }),
        ...(verdict === undefined ? {} : { verdict: verdict === "rejected" ? "rejected" : "accepted" }),
        ...(why === undefined ? {} : { why }),
      }
    }),
  )
