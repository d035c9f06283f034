/** What a run says when it ends: published as JSON, read by orchestrators. */
import type { JsonObject } from "../contracts/json.ts"

/** What became of an item or a resource. `partial`: some destinations or tables have it, some do not. */
export type Status = "loaded" | "unchanged" | "partial" | "rejected" | "failed"

/** One table of a loaded resource. */
export interface TableResult {
  readonly name: string
  readonly rows: number
  readonly rejects: number
  /** Rejects of the load before, of the same extraction, which this one took: after a change of options and a replay. */
  readonly closedRejects?: number
  readonly columns: number
  readonly schemaChange: "none" | "create" | "evolve" | "rewrite"
  readonly destinations: ReadonlyArray<string>
}

/** One resource of an item. `extraction` is the ISO instant (UTC) of the newest one touched; `failure` says what went wrong. */
export interface ResourceResult {
  readonly resource: string
  readonly title: string
  readonly dataset: string
  readonly status: Status
  readonly extraction?: string
  readonly bytes?: number
  readonly tables: ReadonlyArray<TableResult>
  readonly warnings: ReadonlyArray<string>
  readonly failure?: JsonObject
}

/** The result of one work item. Instants are ISO text, UTC. */
export interface RunResult {
  readonly schemaVersion: 1
  readonly status: Status
  readonly source: string
  readonly resources: ReadonlyArray<ResourceResult>
  readonly warnings: ReadonlyArray<string>
  readonly startedAt: string
  readonly endedAt: string
}

/** One word for many: what failed weighs most, what loaded next; `partial` when both happened. */
export const overallStatus = (statuses: ReadonlyArray<Status>): Status => {
  const has = (status: Status): boolean => statuses.includes(status)
  const good = has("loaded") || has("unchanged")
  if (has("partial") || (good && (has("failed") || has("rejected")))) return "partial"
  if (has("failed")) return "failed"
  if (has("rejected")) return "rejected"
  return has("loaded") ? "loaded" : "unchanged"
}

/** Exit code of a command with this status, as documented: 75 when trying again can help, 65 when data was refused, 78 for the configuration. */
export const exitCodeOf = (resources: ReadonlyArray<ResourceResult>): number => {
  const status = overallStatus(resources.map((resource) => resource.status))
  if (status !== "failed" && status !== "rejected") return 0
  const reasons = resources.map((resource) => resource.failure?.["reason"])
  if (reasons.includes("Transient")) return 75
  if (reasons.includes("Config")) return 78
  if (status === "rejected" || reasons.includes("DataQuality")) return 65
  return 75
}
