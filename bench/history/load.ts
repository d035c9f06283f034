/**
 * `node load.ts WAREHOUSE FILE…`: loads Parquet files into a table with a history, one extraction a day from 1 January 2026, as the hub does once a
 * file is typed. Prints CPU seconds of each load as JSON.
 */
import { type ColumnType, type TypedTable, WorkFolder } from "@opendatahub-sql/core"
import { duckdb } from "@opendatahub-sql/sink-duckdb"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { DuckDBInstance } from "@duckdb/node-api"
import { dirname } from "node:path"
import { literal } from "../measure/duckdb.ts"

const [, , warehouse = "", ...files] = process.argv

const instance = await DuckDBInstance.create(":memory:", { threads: "1" })
const connection = await instance.connect()
const ask = async (query: string) => (await connection.runAndReadAll(query)).getRows()

const tableOf = async (path: string): Promise<TypedTable> => {
  const file = `read_parquet(${literal(path)}, file_row_number = true)`
  const described = await ask(`describe from read_parquet(${literal(path)})`)
  const columns = described.map(([name, type]) => ({
    name: String(name),
    type: (type === "VARCHAR" ? "text" : String(type).toLowerCase()) as ColumnType,
  }))
  const [counts = []] = await ask(
    `select count(*)::double, ${columns.map(({ name }) => `(count(*) - count(${name}))::double`).join(", ")} from ${file}`,
  )
  const [rows = 0, ...nulls] = counts.map(Number)
  return {
    name: "t",
    columns: columns.map(({ name, type }, index) => ({ name, original: name, type, nulls: nulls[index] ?? 0 })),
    rows,
    rowRejects: 0,
    cellRejects: 0,
    rejectedRows: 0,
    facts: {},
    relation: `select file_row_number + 1 as _row, ${columns.map(({ name }) => name).join(", ")} from ${file}`,
    rejects: "select 1 where false",
    parquet: () => Effect.die("not asked for"),
    batches: () => Stream.die("not asked for"),
  }
}

const cpu: Array<number> = []
const tables: Array<TypedTable> = []
for (const file of files) tables.push(await tableOf(file))
connection.closeSync()
instance.closeSync()
await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const sink = yield* duckdb({ path: warehouse }).decode
      const session = yield* sink.open
      for (const [day, table] of tables.entries()) {
        const before = process.cpuUsage()
        const slice = {
          source: "bench",
          dataset: "d",
          resource: "r",
          extractedAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
        }
        yield* Effect.scoped(
          Effect.gen(function* () {
            const schema = yield* session.prepare({ ...table, slice, parts: [table] }, "history")
            const writer = yield* session.begin({ key: `day ${day}`, slice, sha256: "0", tables: [schema] })
            yield* writer.write(table)
            yield* writer.commit
          }),
        )
        const used = process.cpuUsage(before)
        cpu.push((used.user + used.system) / 1e6)
      }
    }),
  ).pipe(Effect.provideService(WorkFolder, dirname(files[0] ?? warehouse))),
)
process.stdout.write(`${JSON.stringify(cpu)}\n`)
