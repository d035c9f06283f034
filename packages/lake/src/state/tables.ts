/**
 * The tables of the state. Whatever the order in which the events of several runs arrive, the rows are the same: each is the newest of its
 * kind by (`at`, `run`), or the first where a name is pinned.
 */
import type { DatabaseSync } from "node:sqlite"

/** Raised when tables, events or their meaning change: an older or newer state is then made anew from the lake. */
export const STATE_VERSION = 3

const CREATE = `
CREATE TABLE event_files (path TEXT PRIMARY KEY, applied INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
  run TEXT PRIMARY KEY, started_at TEXT, command TEXT, version TEXT, ended_at TEXT, outcome TEXT, counts TEXT
) WITHOUT ROWID;
CREATE TABLE resources (
  source TEXT, dataset TEXT, resource TEXT, seen_at TEXT NOT NULL, PRIMARY KEY (source, dataset, resource)
) WITHOUT ROWID;
CREATE TABLE gone (
  source TEXT, dataset TEXT, resource TEXT, at TEXT NOT NULL, run TEXT NOT NULL, state TEXT NOT NULL, message TEXT NOT NULL,
  PRIMARY KEY (source, dataset, resource)
) WITHOUT ROWID;
CREATE TABLE extractions (
  source TEXT, dataset TEXT, resource TEXT, extracted_at TEXT, path TEXT NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (source, dataset, resource, extracted_at)
);
CREATE TABLE loads (
  target TEXT, source TEXT, dataset TEXT, resource TEXT, extracted_at TEXT,
  at TEXT NOT NULL, run TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL, tables TEXT NOT NULL,
  PRIMARY KEY (target, source, dataset, resource, extracted_at)
) WITHOUT ROWID;
CREATE INDEX loads_of_resource ON loads (source, dataset, resource);
CREATE TABLE refusals (
  target TEXT, source TEXT, dataset TEXT, resource TEXT, key TEXT,
  at TEXT NOT NULL, run TEXT NOT NULL, extracted_at TEXT NOT NULL, failure TEXT NOT NULL,
  PRIMARY KEY (target, source, dataset, resource, key)
) WITHOUT ROWID;
CREATE TABLE table_names (
  source TEXT, dataset TEXT, resource TEXT, member TEXT, local TEXT,
  named_at TEXT NOT NULL, named_by TEXT NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL, run TEXT NOT NULL, columns TEXT NOT NULL,
  PRIMARY KEY (source, dataset, resource, member, local)
) WITHOUT ROWID;
CREATE TABLE verdicts (
  source TEXT, dataset TEXT, resource TEXT, extracted_at TEXT, at TEXT NOT NULL, run TEXT NOT NULL, verdict TEXT NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (source, dataset, resource, extracted_at)
) WITHOUT ROWID;
CREATE TABLE offers (
  source TEXT, dataset TEXT, resource TEXT, at TEXT NOT NULL, run TEXT NOT NULL, portal_id TEXT NOT NULL, title TEXT NOT NULL, url TEXT NOT NULL,
  PRIMARY KEY (source, dataset, resource)
) WITHOUT ROWID;
CREATE TABLE failures (
  source TEXT, dataset TEXT, resource TEXT, stage TEXT, at TEXT NOT NULL, run TEXT NOT NULL, failure TEXT NOT NULL,
  PRIMARY KEY (source, dataset, resource, stage)
) WITHOUT ROWID;
`

/** Who works on a resource now: the one table that the lake cannot tell again, so it survives a rebuild. */
const CREATE_LEASES = `
CREATE TABLE IF NOT EXISTS leases (
  source TEXT, dataset TEXT, resource TEXT, token TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
  run TEXT NOT NULL, since INTEGER NOT NULL, heartbeat INTEGER NOT NULL, PRIMARY KEY (source, dataset, resource)
) WITHOUT ROWID;
`

/** All projected tables, with the columns that order a dump. */
export const PROJECTED: ReadonlyArray<string> = [
  "event_files",
  "runs",
  "resources",
  "gone",
  "extractions",
  "loads",
  "refusals",
  "table_names",
  "failures",
  "verdicts",
  "offers",
]

/** Whether the file holds the tables of this version. */
export const isCurrent = (database: DatabaseSync): boolean =>
  database.prepare("PRAGMA user_version").get()?.["user_version"] === STATE_VERSION

/** Empty tables, in place of all that was there but the leases. Inside a transaction. */
export const createTables = (database: DatabaseSync): void => {
  for (const table of database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'leases' AND name NOT LIKE 'sqlite_%'")
    .all()) {
    database.exec(`DROP TABLE "${String(table["name"]).replaceAll('"', '""')}"`)
  }
  database.exec(`${CREATE}${CREATE_LEASES}PRAGMA user_version = ${STATE_VERSION};`)
}
