import type { JsonObject, LakeError } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import type { LakePlace } from "../open-lake.ts"
import { look } from "./look.ts"

/** A run, from its events. Without `outcome` it still works, or was killed. Instants are ISO text in UTC. */
export interface RunSummary {
  readonly run: string
  readonly command?: string
  readonly version?: string
  readonly startedAt?: string
  readonly endedAt?: string
  readonly outcome?: string
  readonly counts: JsonObject
}

const SQL = `SELECT run, command, version, started_at, ended_at, outcome, counts FROM runs
  ORDER BY coalesce(started_at, ended_at) DESC, run DESC LIMIT ?`

/** The newest runs first, at most `limit` (100). */
export const runs = (place: LakePlace, limit = 100): Effect.Effect<ReadonlyArray<RunSummary>, LakeError> =>
  look(place, (query) =>
    query(SQL, limit).map((row) => {
      const optional = {
        command: "command",
        version: "version",
        startedAt: "started_at",
        endedAt: "ended_at",
        outcome: "outcome",
      }
      const known = Object.entries(optional).flatMap(([name, column]) => {
        const value = row.maybe(column)
        return value === undefined ? [] : [[name, value]]
      })
      return { run: row.text("run"), ...Object.fromEntries(known), counts: (row.json("counts") ?? {}) as JsonObject }
    }),
  )
