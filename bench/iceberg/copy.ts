/** `node copy.ts FROM TO`: the reference, one COPY of DuckDB to Parquet with zstd, of the same columns: the file's and those that every table of ours has. */
import { DuckDBInstance } from "@duckdb/node-api"
import { literal } from "../measure/duckdb.ts"

const [, , from = "", to = ""] = process.argv
const instance = await DuckDBInstance.create(":memory:", {
  memory_limit: "256MB",
  // In the order of the file it takes twice the CPU under such a limit: an easier reference.
  preserve_insertion_order: "false",
  allocator_flush_threshold: "1MB",
  allocator_bulk_deallocation_flush_threshold: "1MB",
  allocator_background_threads: "true",
})
const connection = await instance.connect()
await connection.run(
  `copy (select file_row_number + 1 as _row, null::varchar as _member, timestamptz '2020-01-01' as _extracted_at, date '2020-01-01' as _extraction_date,
     'd' as _dataset_id, 'r' as _resource_id, '0' as _file_sha256, 'load 0' as _load_id, * exclude (file_row_number)
   from read_parquet(${literal(from)}, file_row_number = true)) to ${literal(to)} (format parquet, compression zstd)`,
)
