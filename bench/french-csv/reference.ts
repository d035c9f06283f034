/**
 * The reference: DuckDB told everything beforehand, in a process of its own. `node reference.ts FILE.csv OUT.parquet [--drop-bad-rows] [--latin-1]`
 *
 * It has no way to read `oui` and `non` as booleans while it parses, so a CASE does it; of a row with a bad cell it keeps nothing.
 */
import { DuckDBInstance } from "@duckdb/node-api"
import { columns } from "./columns.ts"
import { literal } from "../measure/duckdb.ts"

const [file = "", out = "", ...options] = process.argv.slice(2)
const dropBadRows = options.includes("--drop-bad-rows")
const encoding = options.includes("--latin-1") ? "latin-1" : "utf-8"

const typeNames = {
  integer: "BIGINT",
  decimal: "DECIMAL",
  date: "DATE",
  timestamp: "TIMESTAMP",
  boolean: "VARCHAR",
  text: "VARCHAR",
} as const

const declared = columns.map(
  ({ name, type, scale }) => `'${name}': '${type === "decimal" ? `DECIMAL(18, ${scale})` : typeNames[type]}'`,
)
const selected = columns.map(({ name, type }) =>
  type === "boolean" ? `case ${name} when 'oui' then true when 'non' then false end as ${name}` : name,
)

const instance = await DuckDBInstance.create(":memory:", { threads: "2" })
const connection = await instance.connect()
await connection.run(`
  copy (
    select ${selected.join(", ")}
    from read_csv(${literal(file)}, auto_detect = false, header = true, delim = ';', quote = '"', escape = '"',
      decimal_separator = ',', dateformat = '%d/%m/%Y', timestampformat = '%Y-%m-%dT%H:%M:%S',
      ignore_errors = ${dropBadRows}, encoding = '${encoding}', columns = {${declared.join(", ")}})
    ${dropBadRows ? "where versement_unique is null or versement_unique in ('oui', 'non')" : ""}
  ) to ${literal(out)} (format parquet, compression zstd)`)
connection.closeSync()
instance.closeSync()
