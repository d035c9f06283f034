import type { LakeError } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import type { LakePlace } from "../open-lake.ts"
import { look } from "./look.ts"

/** A table of a destination, by what was loaded into it: `rows` and `rejects` over all slices, `columns` of the newest load. Instants are ISO text in UTC. */
export interface TableSummary {
  readonly target: string
  readonly table: string
  readonly resources: number
  readonly slices: number
  readonly rows: number
  readonly rejects: number
  readonly columns: number
  readonly loadedAt: string
  /** Of the newest extraction in it. */
  readonly extractedAt: string
}

// A bare column beside the one max() is of the row that holds the maximum (sqlite.org/lang_select.html, "bare columns").
const SQL = `
WITH loaded AS (
  SELECT target, t.value ->> 'table' AS name, json_array(source, dataset, resource) AS resource, extracted_at, at,
    t.value ->> 'rows' AS row_count, t.value ->> 'rejects' AS rejects, t.value ->> 'columns' AS columns
  FROM loads, json_each(loads.tables) t
), newest AS (SELECT target, name, max(at) AS loaded_at, columns FROM loaded GROUP BY target, name)
SELECT target, name, count(DISTINCT resource) AS resources, count(*) AS slices, sum(row_count) AS row_count, sum(rejects) AS rejects,
  newest.columns, loaded_at, max(extracted_at) AS extracted_at
FROM loaded JOIN newest USING (target, name) GROUP BY target, name ORDER BY target, name`

/** All tables that were loaded, by destination and name. */
export const tables = (place: LakePlace): Effect.Effect<ReadonlyArray<TableSummary>, LakeError> =>
  look(place, (query) =>
    query(SQL).map((row) => ({
      target: row.text("target"),
      table: row.text("name"),
      resources: row.number("resources"),
      slices: row.number("slices"),
      rows: row.number("row_count"),
      rejects: row.number("rejects"),
      columns: row.number("columns"),
      loadedAt: row.text("loaded_at"),
      extractedAt: row.text("extracted_at"),
    })),
  )
