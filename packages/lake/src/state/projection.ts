/** What each event and each record does to the state. */
import type { Extraction, RunEvent } from "@opendatahub-sql/core"
import type { DatabaseSync, SQLInputValue } from "node:sqlite"
import { keyOf, recordPath } from "../layout.ts"

/** The newest of its key wins; of two equally new ones the later line of the same run. */
const newest = (table: string, key: ReadonlyArray<string>, values: ReadonlyArray<string>): string => {
  const columns = [...key, "at", "run", ...values]
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})
    ON CONFLICT DO UPDATE SET ${["at", "run", ...values].map((column) => `${column} = excluded.${column}`).join(", ")}
    WHERE (excluded.at, excluded.run) >= (${table}.at, ${table}.run)`
}

const RESOURCE = ["source", "dataset", "resource"]

const RUN_STARTED = `INSERT INTO runs (run, started_at, command, version) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET started_at = excluded.started_at, command = excluded.command, version = excluded.version
  WHERE runs.started_at IS NULL OR excluded.started_at < runs.started_at`
const RUN_ENDED = `INSERT INTO runs (run, ended_at, outcome, counts) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, counts = excluded.counts
  WHERE runs.ended_at IS NULL OR excluded.ended_at >= runs.ended_at`
const SEEN = `INSERT INTO resources (source, dataset, resource, seen_at) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)`
const GONE = newest("gone", RESOURCE, ["state", "message"])
const LOADED = newest("loads", ["target", ...RESOURCE, "extracted_at"], ["key", "outcome", "tables"])
const REFUSED = newest("refusals", ["target", ...RESOURCE, "key"], ["extracted_at", "failure"])
const FAILED = newest("failures", [...RESOURCE, "stage"], ["failure"])
const JUDGED = newest("verdicts", [...RESOURCE, "extracted_at"], ["verdict", "why"])
const OFFERED = newest("offers", RESOURCE, ["portal_id", "title", "url"])
/** The first name stays for ever, the columns are the newest. */
const NAMED = `INSERT INTO table_names (source, dataset, resource, member, local, named_at, named_by, name, at, run, columns)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    name = iif((excluded.named_at, excluded.named_by) < (named_at, named_by), excluded.name, name),
    named_by = iif((excluded.named_at, excluded.named_by) < (named_at, named_by), excluded.named_by, named_by),
    named_at = min(named_at, excluded.named_at),
    columns = iif((excluded.at, excluded.run) >= (at, run), excluded.columns, columns),
    run = iif((excluded.at, excluded.run) >= (at, run), excluded.run, run),
    at = max(at, excluded.at)`
const EXTRACTED = `INSERT INTO extractions (source, dataset, resource, extracted_at, path, record) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET record = excluded.record`
const PRUNED = "DELETE FROM extractions WHERE (source, dataset, resource, extracted_at) = (?, ?, ?, ?)"

/** Puts an extraction record into the state; `json` is the record's text. */
export const projectRecord = (database: DatabaseSync, extraction: Extraction, json: string): void => {
  const { source, dataset, resource, extractedAt } = keyOf(extraction)
  database.prepare(EXTRACTED).run(source, dataset, resource, extractedAt, recordPath(keyOf(extraction)), json)
  database.prepare(SEEN).run(source, dataset, resource, extraction.endedAt)
}

/** Puts an event into the state. `onRecord` brings in the record that it announces, as it is now. */
export const projectEvent = (
  database: DatabaseSync,
  event: RunEvent,
  onRecord: (event: RunEvent & { readonly _tag: "Extracted" | "Redacted" }) => void,
): void => {
  const run = (sql: string, ...values: ReadonlyArray<SQLInputValue>): unknown => database.prepare(sql).run(...values)
  const { at, run: by } = event
  switch (event._tag) {
    case "RunStarted":
      return void run(RUN_STARTED, by, at, event.command, event.version)
    case "RunEnded":
      return void run(RUN_ENDED, by, at, event.outcome, JSON.stringify(event.counts))
    case "Gone":
      return void run(GONE, event.source, event.dataset, event.resource ?? "", at, by, event.state, event.message)
    case "Extracted":
      onRecord(event)
      return void run(SEEN, event.source, event.dataset, event.resource, at)
    case "Seen":
      return void run(SEEN, event.source, event.dataset, event.resource, at)
    case "Offered":
      for (const { dataset, resource, portalId, title, url } of event.resources)
        run(OFFERED, event.source, dataset, resource, at, by, portalId, title, url)
      return
    case "Judged":
      return void run(
        JUDGED,
        event.source,
        event.dataset,
        event.resource,
        event.extractedAt,
        at,
        by,
        event.verdict,
        event.why,
      )
    // For those who look back; the file of identities is what is asked.
    case "Identified":
      return
    case "Redacted":
      return onRecord(event)
    case "Pruned":
      return void run(PRUNED, event.source, event.dataset, event.resource, event.extractedAt)
    case "TablesNamed":
      for (const { member, local, table, columns } of event.names) {
        run(
          NAMED,
          event.source,
          event.dataset,
          event.resource,
          member,
          local,
          at,
          by,
          table,
          at,
          by,
          JSON.stringify(columns),
        )
      }
      return
    case "Loaded":
      return void run(
        LOADED,
        event.target,
        event.source,
        event.dataset,
        event.resource,
        event.extractedAt,
        at,
        by,
        event.key,
        event.outcome,
        JSON.stringify(event.tables),
      )
    case "LoadRefused":
      return void run(
        REFUSED,
        event.target,
        event.source,
        event.dataset,
        event.resource,
        event.key,
        at,
        by,
        event.extractedAt,
        JSON.stringify(event.failure),
      )
    case "Failed":
      return void run(
        FAILED,
        event.source,
        event.dataset,
        event.resource,
        event.stage,
        at,
        by,
        JSON.stringify(event.failure),
      )
  }
}
