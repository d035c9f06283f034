/**
 * `node load.ts FOLDER TABLE FIRST COUNT PARTS FILE`: loads a Parquet file into an Iceberg table COUNT times, as the extractions of different
 * days, each as PARTS members of an archive. Prints CPU seconds of each load as JSON.
 */
import { DuckDBInstance } from "@duckdb/node-api"
import { type ColumnType, type TypedTable, WorkFolder } from "@opendatahub-sql/core"
import { iceberg } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { dirname } from "node:path"
import { literal } from "../measure/duckdb.ts"

const [, , folder = "", name = "", first = "0", count = "1", parts = "1", file = ""] = process.argv

const tableOf = async (path: string): Promise<TypedTable> => {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" })
  const connection = await instance.connect()
  const ask = async (query: string) => (await connection.runAndReadAll(query)).getRows()
  const described = await ask(`describe from read_parquet(${literal(path)})`)
  const [[rows = 0] = []] = await ask(`select count(*)::double from read_parquet(${literal(path)})`)
  connection.closeSync()
  instance.closeSync()
  return {
    name,
    columns: described.map(([column, type]) => ({
      name: String(column),
      original: String(column),
      type: (type === "VARCHAR" ? "text" : String(type).toLowerCase()) as ColumnType,
      nulls: 0,
    })),
    rows: Number(rows),
    rowRejects: 0,
    cellRejects: 0,
    rejectedRows: 0,
    facts: {},
    relation: `select file_row_number + 1 as _row, * exclude (file_row_number) from read_parquet(${literal(path)}, file_row_number = true)`,
    rejects: "select 1 where false",
    parquet: () => Effect.die("not asked for"),
    batches: () => Stream.die("not asked for"),
  }
}

const cpu: Array<number> = []
const table = await tableOf(file)
await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const sink = yield* iceberg({ path: folder }).decode
      const session = yield* sink.open
      for (let index = Number(first); index < Number(first) + Number(count); index++) {
        const before = process.cpuUsage()
        const slice = {
          source: "bench",
          dataset: "d",
          resource: "r",
          extractedAt: new Date(Date.UTC(2020, 0, 1 + index)).toISOString(),
        }
        yield* Effect.scoped(
          Effect.gen(function* () {
            const schema = yield* session.prepare(table, "snapshots")
            const writer = yield* session.begin({ key: `load ${index}`, slice, sha256: "0", tables: [schema] })
            for (let part = 0; part < Number(parts); part++) yield* writer.write(table)
            yield* writer.commit
          }),
        )
        const used = process.cpuUsage(before)
        cpu.push((used.user + used.system) / 1e6)
      }
    }).pipe(Effect.provideService(WorkFolder, dirname(file))),
  ),
)
console.log(JSON.stringify(cpu))
