/** DuckDB told everything of a wide file. `node reference.ts FILE.csv OUT.parquet COLUMNS` */
import { DuckDBInstance } from "@duckdb/node-api"
import { literal } from "../measure/duckdb.ts"
import { kindOf } from "./generate.ts"

const [file = "", out = "", count = "0"] = process.argv.slice(2)
const columns = Array.from({ length: Number(count) }, (_, column) => `'colonne_${column}': '${kindOf(column)}'`)

const instance = await DuckDBInstance.create(":memory:", { threads: "2" })
const connection = await instance.connect()
await connection.run(`
  copy (
    select * from read_csv(${literal(file)}, auto_detect = false, header = true, delim = ';', quote = '"', escape = '"',
      decimal_separator = ',', dateformat = '%d/%m/%Y', columns = {${columns.join(", ")}})
  ) to ${literal(out)} (format parquet, compression zstd)`)
connection.closeSync()
instance.closeSync()
