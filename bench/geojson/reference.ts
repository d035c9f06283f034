/**
 * The reference: DuckDB told the schema, the geometry left as JSON text, in a process of its own. `node reference.ts FILE.geojson OUT.parquet`
 *
 * The collection is one object for it, so the size of an object must be allowed for, and all of it be in memory.
 */
import { DuckDBInstance } from "@duckdb/node-api"
import { statSync } from "node:fs"
import { literal } from "../measure/duckdb.ts"

const [file = "", out = ""] = process.argv.slice(2)

const feature = `STRUCT("type" VARCHAR, properties STRUCT(id VARCHAR, nature VARCHAR, commune VARCHAR, contenance BIGINT, arpente BOOLEAN, created DATE), geometry VARCHAR)`

const instance = await DuckDBInstance.create(":memory:", { threads: "2" })
const connection = await instance.connect()
await connection.run(`
  copy (
    select unnest(feature.properties), feature.geometry
    from (select unnest(features) as feature from read_json(${literal(file)}, format = 'unstructured',
      maximum_object_size = ${statSync(file).size + 1}, columns = {'features': '${feature}[]'}))
  ) to ${literal(out)} (format parquet, compression zstd)`)
connection.closeSync()
instance.closeSync()
