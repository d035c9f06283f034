/** The ledger: which loads the file holds, by key and by slice. */
import type { LedgerEntry, Slice } from "@opendatahub-sql/core"
import { type Connection, listLiteral, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import { dropExtraction, findTimeline, tablesAt } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"

const ofSlice = (slice: Slice): string =>
  `source = ${literal(slice.source)} and dataset_id = ${literal(slice.dataset)} and resource_id = ${literal(slice.resource)} and extracted_at = ${literal(slice.extractedAt)}::timestamptz`

/** Rows of a slice in a bronze table or in the rejects. */
export const rowsOfSlice = (slice: Slice): string =>
  `_dataset_id = ${literal(slice.dataset)} and _resource_id = ${literal(slice.resource)} and _extracted_at = ${literal(slice.extractedAt)}::timestamptz`

const select = (where: string): string =>
  `select l.load_key, l.source, l.dataset_id, l.resource_id, strftime(l.extracted_at::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') as extracted_at, t.table_name, t.rows, t.rejects
   from odh.loads l left join odh.load_tables t using (load_key) where ${where} order by l.extracted_at, l.load_key, t.table_name`

const readEntries = Effect.fnUntraced(function* (connection: Connection, where: string) {
  const entries = new Map<
    string,
    { key: string; slice: Slice; tables: Array<{ table: string; rows: number; rejects: number }> }
  >()
  for (const row of yield* connection.all(select(where), "read the ledger")) {
    const key = String(row["load_key"])
    const entry = entries.get(key) ?? {
      key,
      slice: {
        source: String(row["source"]),
        dataset: String(row["dataset_id"]),
        resource: String(row["resource_id"]),
        extractedAt: String(row["extracted_at"]),
      },
      tables: [],
    }
    entries.set(key, entry)
    if (row["table_name"] !== null)
      entry.tables.push({
        table: String(row["table_name"]),
        rows: Number(row["rows"]),
        rejects: Number(row["rejects"]),
      })
  }
  return [...entries.values()] satisfies ReadonlyArray<LedgerEntry>
})

/** Entries by key or by resource; all without a filter. Oldest extraction first. */
export const ledgerEntries = (
  connection: Connection,
  filter: { readonly keys?: ReadonlyArray<string>; readonly resource?: string },
) =>
  readEntries(
    connection,
    [
      ...(filter.keys === undefined
        ? []
        : [filter.keys.length === 0 ? "false" : `list_contains(${listLiteral(filter.keys)}, l.load_key)`]),
      ...(filter.resource === undefined ? [] : [`l.resource_id = ${literal(filter.resource)}`]),
      "true",
    ].join(" and "),
  )

/** Entries of the other slices that put rows into a table. */
export const entriesOfTable = (connection: Connection, table: string, except: Slice) =>
  readEntries(
    connection,
    `l.load_key in (select load_key from odh.load_tables where table_name = ${literal(table)}) and not (${ofSlice(except)})`,
  )

/** The newest extraction that a resource has in a table, as ISO text. */
export const newestInTable = Effect.fnUntraced(function* (connection: Connection, slice: Slice, table: string) {
  const entries = yield* readEntries(
    connection,
    `l.source = ${literal(slice.source)} and l.dataset_id = ${literal(slice.dataset)} and l.resource_id = ${literal(slice.resource)}
     and l.load_key in (select load_key from odh.load_tables where table_name = ${literal(table)})`,
  )
  return entries.at(-1)?.slice.extractedAt
})

/** Takes keys out of the ledger. */
export const forgetKeys = (connection: Connection, keys: ReadonlyArray<string>) =>
  connection.run(
    `delete from odh.load_tables where list_contains(${listLiteral(keys)}, load_key); delete from odh.loads where list_contains(${listLiteral(keys)}, load_key)`,
    "take keys out of the ledger",
  )

/** Takes a slice out: its rows in every table it was loaded into, its rejects, its keys. */
export const deleteSlice = Effect.fnUntraced(function* (connection: Connection, slice: Slice) {
  const tables = yield* connection.all(`select table_name, mode from odh.tables order by table_name`, "list the tables")
  const histories = new Set(tables.filter((row) => row["mode"] === "history").map((row) => String(row["table_name"])))
  const timeline = yield* findTimeline(connection, slice)
  const entries = yield* readEntries(connection, ofSlice(slice))
  // Stale slices have rows without a key, so every table is looked at when the ledger says nothing.
  const named =
    entries.length > 0
      ? entries.flatMap((entry) => entry.tables.map((table) => table.table))
      : tables.map((row) => String(row["table_name"]))
  for (const table of new Set(named)) {
    if (!histories.has(table))
      yield* connection.run(
        `delete from ${qualified("bronze", table)} where ${rowsOfSlice(slice)}`,
        `replace a slice of ${table}`,
      )
  }
  if (timeline !== undefined) {
    for (const table of yield* tablesAt(connection, timeline, slice.extractedAt))
      yield* dropExtraction(connection, { table, id: timeline }, slice.extractedAt)
  }
  yield* connection.run(`delete from odh.rejects where ${rowsOfSlice(slice)}`, "replace the rejects of a slice")
  if (entries.length > 0)
    yield* forgetKeys(
      connection,
      entries.map((entry) => entry.key),
    )
})
