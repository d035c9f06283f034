/**
 * Rows that must not be kept, out of the files of the lake. A file is read as a load reads it; what stays is written as a new file of our own
 * (CSV, or Parquet where the file itself carries types), which takes the old one's place for good.
 */
import {
  baseName,
  type Extraction,
  Lake,
  readTables,
  replayResource,
  resolve as resolveFile,
  type ResourceResult,
  RunId,
  type TypedTable,
  WorkFolder,
} from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { type Connection, identifier, literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import { hashFile, redact, type RedactedFile } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { recorded, runOptions } from "./hub.ts"
import { lakePlace } from "./lake-place.ts"

/** Values by column name, compared as text: a row goes when all are equal. */
export type PurgeKey = Readonly<Record<string, string>>

/** A kept file that lost rows. */
export interface PurgedFile {
  readonly dataset: string
  readonly resource: string
  readonly extractedAt: string
  readonly rows: number
}

/** A kept file that holds such rows and could not be written again. */
export interface UnreachedFile {
  readonly path: string
  readonly why: string
}

/** What became of the files. */
export interface PurgedFiles {
  readonly files: ReadonlyArray<PurgedFile>
  readonly unreached: ReadonlyArray<UnreachedFile>
  readonly loads: ReadonlyArray<ResourceResult>
}

/** The records that match, as typed or as they are written; no SQL where a column of the key is not in the file. */
const matching = Effect.fnUntraced(function* (table: TypedTable, key: PurgeKey) {
  const columns = Object.keys(key)
  if (columns.some((column) => table.columns.every(({ name }) => name !== column))) return undefined
  const files = yield* table.parquet({ columns: ["_row", ...columns] })
  const where = Object.entries(key).map(([column, value]) => `${identifier(column)}::varchar = ${literal(value)}`)
  return `select _row from read_parquet([${files.map(({ path }) => literal(path)).join(", ")}]) where ${where.join(" and ")}`
})

/** Records that could not be cut into cells, and hold the values in their raw text. */
const matchingRaw = ({ rejects }: TypedTable, key: PurgeKey): string => {
  const holds = Object.values(key).map((value) => `contains(raw, ${literal(value)})`)
  return `select _row from (${rejects}) where column_name is null and ${holds.join(" and ")}`
}

const isText = (table: TypedTable): boolean => table.columns.every(({ type }) => type === "text" || type === "null")

/** Writes the table without the records: text to CSV, where it is typed again as it was; else to Parquet, with the types that it has. */
const write = Effect.fnUntraced(function* (
  connection: Connection,
  table: TypedTable,
  gone: string,
  folder: string,
  stem: string,
) {
  const format = isText(table) ? "csv" : "parquet"
  const path = join(folder, `redacted-${randomUUID()}.${format}`)
  const files = yield* table.parquet({ columns: ["_row", ...table.columns.map(({ name }) => name)] })
  const columns = table.columns.map(({ name, original }) => `${identifier(name)} as ${identifier(original)}`)
  yield* connection.run(
    `copy (select ${columns.join(", ")} from read_parquet([${files.map((file) => literal(file.path)).join(", ")}]) where _row not in (${gone}) order by _row)
    to ${literal(path)} (${format === "csv" ? "format csv, header true, delimiter ',', quote '\"', escape '\"'" : "format parquet, compression zstd"})`,
    "write a file without the rows",
  )
  return {
    path,
    name: `${stem}.${format}`,
    mediaType: format === "csv" ? "text/csv" : "application/vnd.apache.parquet",
    ...(yield* Effect.promise(() => hashFile(path))),
  } satisfies RedactedFile
})

/** The file of an extraction without the rows and how many there were; `undefined` when it holds none; why not, when it cannot be written again. */
const withoutRows = Effect.fnUntraced(function* (hub: Hub, extraction: Extraction, table: string, key: PurgeKey) {
  const lake = yield* Lake
  const folder = yield* WorkFolder
  const pinned = yield* lake.tableNamesOf(extraction.resource.id)
  const base = baseName(extraction, pinned)
  const resolved = yield* resolveFile(lake.open(extraction), extraction.resource.format, hub.readers)
  const reading = { base, pinned, existing: () => Effect.succeed({}) }
  const typed = yield* readTables(resolved.leaves, { ...reading, settings: hub.settings, types: "auto" })
  const asText = yield* readTables(resolved.leaves, {
    ...reading,
    settings: (name) => ({ ...hub.settings(name), columns: {} }),
    types: "text",
  })
  const database = yield* openDatabase({ workFolder: folder, memoryLimit: hub.memoryLimit })
  const connection = yield* database.connect
  const mine = [...typed.tables, ...asText.tables].filter(({ name }) => name === table)
  const parts = yield* Effect.forEach(mine, (part) => matching(part, key))
  const raw = asText.tables.filter(({ name }) => name === table).map((part) => matchingRaw(part, key))
  const matches = [...parts.filter((part) => part !== undefined), ...raw]
  if (matches.length === 0) return undefined
  const gone = matches.join(" union ")
  const counted = yield* connection.one(`select count(*) as n from (${gone})`, "look for the rows")
  const rows = Number(counted["n"])
  if (rows === 0) return undefined
  const [only, ...others] = asText.tables
  if (only === undefined || others.length > 0)
    return `it holds ${asText.tables.length} tables: one of several cannot be written again alone`
  if (Object.keys(extraction.siblings).length > 0) return "it is one of several files that belong together"
  const whole = isText(only) ? only : (typed.tables[0] ?? only)
  return { rows, file: yield* write(connection, whole, gone, folder, base) }
}, Effect.scoped)

/** Takes the rows of a key out of every kept file of a table, then loads the new files into every destination. */
export const purgeFiles = Effect.fn("purgeFiles")(function* (hub: Hub, table: string, key: PurgeKey) {
  const files: Array<PurgedFile> = []
  const unreached: Array<UnreachedFile> = []
  const loads: Array<ResourceResult> = []
  yield* recorded(
    "purge",
    Effect.gen(function* () {
      const lake = yield* Lake
      const run = yield* RunId
      const owners = new Set((yield* lake.tableNames).filter((name) => name.table === table).map((one) => one.resource))
      const options = yield* runOptions(hub)
      for (const resource of (yield* lake.resources).filter((one) => owners.has(one.resource))) {
        const changed: Array<Extraction> = []
        const looked = new Set<string>()
        for (const extraction of yield* lake.extractions(resource)) {
          const { path } = extraction.file
          if (looked.has(path)) continue
          looked.add(path)
          const found = yield* withoutRows(hub, extraction, table, key)
          if (found === undefined) continue
          if (typeof found === "string") {
            unreached.push({ path, why: found })
            continue
          }
          const audit = { run, columns: Object.keys(key), rows: found.rows, record: lake.record }
          const now = yield* redact(lakePlace(hub), extraction, found.file, audit)
          changed.push(...now)
          for (const { extractedAt } of now) {
            const { dataset } = resource
            files.push({ dataset, resource: resource.resource, extractedAt, rows: found.rows })
          }
        }
        const inOrder = changed.toSorted((a, b) => (a.extractedAt < b.extractedAt ? -1 : 1))
        if (inOrder.length > 0) loads.push(...(yield* replayResource(inOrder, options)))
      }
      return loads
    }),
  )
  return { files, unreached, loads } satisfies PurgedFiles
})
