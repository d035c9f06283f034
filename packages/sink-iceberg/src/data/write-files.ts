/** Data files: the engine writes them with field ids, and says what is in them. */
import type { SinkError } from "@opendatahub-sql/core"
import { type Connection, identifier, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { fromEngine } from "../failure.ts"
import type { StructType } from "../table/metadata/schema.ts"
import type { TableMetadata } from "../table/metadata/metadata.ts"
import type { DataFile } from "../table/snapshot/manifest.ts"
import { dateOf } from "../table/values/instants.ts"
import type { WrittenFile } from "../table/values/column-statistics.ts"

/** Data files are cut at about this many bytes. */
export const FILE_BYTES = 256_000_000

/** A finished file on the local disk. */
export interface WrittenParquet extends WrittenFile {
  readonly path: string
}

/** A location for a new data file of a partition. `label` says who wrote it. */
export const dataLocation = (metadata: TableMetadata, partition: DataFile["partition"], label: string): string => {
  const [[name, day] = ["", null]] = Object.entries(partition)
  return `${metadata.location}/data/${name}=${day === null ? "null" : dateOf(Number(day))}/odh-${label}-${randomUUID()}.parquet`
}

/** Writes the rows of a query, whose columns are named as those of the schema, to files in `folder`. None when there are no rows. */
export const writeFiles = Effect.fnUntraced(function* (
  connection: Connection,
  folder: string,
  query: string,
  schema: StructType,
  columns: ReadonlyArray<string>,
): Effect.fn.Return<ReadonlyArray<WrittenParquet>, SinkError> {
  const ids = schema.fields
    .filter((field) => columns.includes(field.name))
    .map((field) => `${identifier(field.name)}: ${field.id}`)
  const target = join(folder, randomUUID())
  const rows = yield* connection
    .all(
      `copy (${query}) to ${literal(target)} (format parquet, compression zstd, field_ids {${ids.join(", ")}}, file_size_bytes ${FILE_BYTES}, return_stats)`,
      `write data files to ${target}`,
    )
    .pipe(Effect.mapError(fromEngine("write")))
  const written = rows.map((row): WrittenParquet => ({
    path: String(row["filename"]),
    rows: Number(row["count"]),
    bytes: Number(row["file_size_bytes"]),
    columns: JSON.parse(String(row["column_statistics"])) as WrittenFile["columns"],
  }))
  yield* Effect.promise(() =>
    Promise.all(written.filter((file) => file.rows === 0).map((file) => rm(file.path, { force: true }))),
  )
  return written.filter((file) => file.rows > 0)
})
