/**
 * `node anti-join.ts DATABASE FILE…`: the same by plain DuckDB, for one who writes the SQL: a hash of each row and its occurrence, and an anti join with the
 * state before in each direction. The tables have the same columns in every state.
 */
import { DuckDBInstance } from "@duckdb/node-api"
import { literal } from "../../measure/duckdb.ts"

const [, , database = "", ...files] = process.argv
const instance = await DuckDBInstance.create(database, { threads: "2", memory_limit: "1GB" })
const connection = await instance.connect()
const [first = ""] = files
const stateOf = (file: string): string =>
  `select *, row_number() over (partition by h) as occurrence from (select md5(x::varchar) as h, x.* from read_parquet(${literal(file)}) x)`
await connection.run(`create temp table before as from (${stateOf(first)}) limit 0`)
await connection.run(
  "create table came as select 0 as day, * from before; create table went as select 0 as day, h, occurrence from before",
)
for (const [day, file] of files.entries()) {
  await connection.run(`create temp table now as ${stateOf(file)}`)
  await connection.run(`insert into came select ${day}, * from now anti join before using (h, occurrence)`)
  await connection.run(`insert into went select ${day}, h, occurrence from before anti join now using (h, occurrence)`)
  await connection.run("drop table before; alter table now rename to before")
}
connection.closeSync()
instance.closeSync()
