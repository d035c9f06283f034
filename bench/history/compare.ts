/**
 * `node compare.ts FOLDER DAYS`: what plain DuckDB does to find the same: of each day and the day before, the rows that only one of them has, by an
 * anti join over all columns in each direction. Prints CPU seconds of each day as JSON.
 */
import { DuckDBInstance } from "@duckdb/node-api"
import { literal } from "../measure/duckdb.ts"
import { columnsOn, fileOn } from "./generate.ts"

const [, , folder = "", days = "30"] = process.argv
const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "1GB" })
const connection = await instance.connect()
const cpu: Array<number> = []
for (let day = 1; day < Number(days); day++) {
  const before = process.cpuUsage()
  const now = columnsOn(day).filter(({ name }) => name !== "remarque")
  const was = columnsOn(day - 1)
  const nameBefore = (name: string): string => (was.some((column) => column.name === name) ? name : "commune")
  const [a, b] = [literal(fileOn(folder, day)), literal(fileOn(folder, day - 1))]
  const same = now.map(({ name }) => `a.${name} is not distinct from b.${nameBefore(name)}`).join(" and ")
  await connection.run(
    `create or replace temp table came as select a.* from ${a} a where not exists (select 1 from ${b} b where ${same})`,
  )
  await connection.run(
    `create or replace temp table went as select b.* from ${b} b where not exists (select 1 from ${a} a where ${same})`,
  )
  const used = process.cpuUsage(before)
  cpu.push((used.user + used.system) / 1e6)
}
process.stdout.write(`${JSON.stringify(cpu)}\n`)
