import type { LakeError } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
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
SELECT target, t.value ->> 'table' AS name, count(DISTINCT source || char(0) || dataset || char(0) || resource) AS resources,
  count(*) AS slices, sum(t.value ->> 'rows') AS row_count, sum(t.value ->> 'rejects') AS rejects, t.value ->> 'columns' AS columns,
  max(at) AS loaded_at, (SELECT max(extracted_at) FROM loads o, json_each(o.tables) u WHERE o.target = l.target AND u.value ->> 'table' = t.value ->> 'table') AS extracted_at
FROM loads l, json_each(l.tables) t GROUP BY 1, 2 ORDER BY 1, 2`

/** All tables that were loaded, by destination and name. */
export const tables = (folder: string): Effect.Effect<ReadonlyArray<TableSummary>, LakeError> =>
  look(folder, (query) =>
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
