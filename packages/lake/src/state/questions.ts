/** What core asks the state. */
import type { OfferedResource, RefusedLoad, ResourceKey, TableName, Verdict } from "@opendatahub-sql/core"
import type { DatabaseSync } from "node:sqlite"

const namesWhere = (
  database: DatabaseSync,
  where: string,
  ...values: ReadonlyArray<string>
): ReadonlyArray<TableName> =>
  database
    .prepare(
      `SELECT resource, member, local, name, columns FROM table_names ${where} ORDER BY named_at, source, dataset, resource, member, local`,
    )
    .all(...values)
    .map((row) => ({
      resource: String(row["resource"]),
      member: String(row["member"]),
      local: String(row["local"]),
      table: String(row["name"]),
      columns: JSON.parse(String(row["columns"])) as ReadonlyArray<string>,
    }))

/** All names given to tables. */
export const tableNames = (database: DatabaseSync): ReadonlyArray<TableName> => namesWhere(database, "")

/** The names given to the tables of a resource. */
export const tableNamesOf = (database: DatabaseSync, resource: string): ReadonlyArray<TableName> =>
  namesWhere(database, "WHERE resource = ?", resource)

/** Refused loads of a resource that were not made good since. */
export const refusedLoads = (
  database: DatabaseSync,
  { source, dataset, resource }: ResourceKey,
): ReadonlyArray<RefusedLoad> =>
  database
    .prepare(`SELECT key, target, failure FROM refusals r WHERE source = ? AND dataset = ? AND resource = ? AND NOT EXISTS (
      SELECT * FROM loads l WHERE (l.target, l.source, l.dataset, l.resource, l.key) = (r.target, r.source, r.dataset, r.resource, r.key) AND l.at > r.at
    ) ORDER BY at, target, key`)
    .all(source, dataset, resource)
    .map((row) => ({
      key: String(row["key"]),
      target: String(row["target"]),
      message: (JSON.parse(String(row["failure"])) as { readonly message?: string }).message ?? "refused",
    }))

/** What people said of the extractions of a resource. */
export const verdicts = (database: DatabaseSync, { source, dataset, resource }: ResourceKey): ReadonlyArray<Verdict> =>
  database
    .prepare(
      "SELECT extracted_at, verdict, why FROM verdicts WHERE source = ? AND dataset = ? AND resource = ? ORDER BY extracted_at",
    )
    .all(source, dataset, resource)
    .map((row) => ({
      extractedAt: String(row["extracted_at"]),
      verdict: row["verdict"] === "rejected" ? "rejected" : "accepted",
      why: String(row["why"]),
    }))

/** What a source last said of each of its resources. */
export const offers = (database: DatabaseSync, source: string): ReadonlyArray<Omit<OfferedResource, "how">> =>
  database
    .prepare("SELECT dataset, resource, portal_id, title, url FROM offers WHERE source = ?")
    .all(source)
    .map((row) => ({
      dataset: String(row["dataset"]),
      resource: String(row["resource"]),
      portalId: String(row["portal_id"]),
      title: String(row["title"]),
      url: String(row["url"]),
    }))

/** A resource that the lake has an extraction of, and whether it is gone now. */
export interface KnownResource extends ResourceKey {
  readonly gone: boolean
}

/** A resource is gone when that was said, of it or of its dataset, after it was last seen. */
export const GONE_NOW = `EXISTS (
  SELECT * FROM gone g WHERE (g.source, g.dataset) = (r.source, r.dataset) AND g.resource IN (r.resource, '') AND g.at > r.seen_at
)`

/** All resources with an extraction. */
export const knownResources = (database: DatabaseSync): ReadonlyArray<KnownResource> =>
  database
    .prepare(`SELECT source, dataset, resource, ${GONE_NOW} AS gone FROM resources r
    WHERE EXISTS (SELECT * FROM extractions e WHERE (e.source, e.dataset, e.resource) = (r.source, r.dataset, r.resource)) ORDER BY source, dataset, resource`)
    .all()
    .map((row) => ({
      source: String(row["source"]),
      dataset: String(row["dataset"]),
      resource: String(row["resource"]),
      gone: row["gone"] === 1,
    }))
