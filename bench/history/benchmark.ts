/** A month of extractions of one file without a key, against plain DuckDB: change sets, storage, and the state of any day. */
import { DuckDBInstance } from "@duckdb/node-api"
import { statSync } from "node:fs"
import { join } from "node:path"
import { ask, literal } from "../measure/duckdb.ts"
import { median } from "../measure/pairs.ts"
import { measureWithOutput } from "../measure/usage.ts"
import { megabytes, type Outcome, type Setting } from "../outcome.ts"
import { columnsOn, fileOn, generate } from "./generate.ts"

const DAYS = 30
const benchmark = "history"

const instantOf = (day: number): string => `'${new Date(Date.UTC(2026, 0, 1 + day)).toISOString()}'`

/** The columns of a day as the warehouse calls them today. */
const nameToday = (name: string): string => (name === "commune" ? "nom_commune" : name)
const columnList = (day: number, rename: (name: string) => string): string =>
  columnsOn(day)
    .map(({ name }) => `${name} as ${rename(name)}`)
    .join(", ")

/** Days whose state is not the file of that day, as a multiset: a query of plain DuckDB over the two. */
const wrongDays = async (folder: string, warehouse: string): Promise<ReadonlyArray<string>> => {
  const wanted = (day: number): string =>
    columnsOn(day)
      .map(({ name }) => nameToday(name))
      .join(", ")
  const problems: Array<string> = []
  for (let day = 0; day < DAYS; day++) {
    const state = `select ${wanted(day)} from as_of('t', ${instantOf(day)})`
    const file = `select ${columnList(day, nameToday)} from ${literal(fileOn(folder, day))}`
    const [[row] = []] = await ask(
      [
        `select (select count(*) from (${state} except all ${file})) + (select count(*) from (${file} except all ${state})) as n`,
      ],
      warehouse,
    )
    if (Number(row?.["n"]) !== 0) problems.push(`day ${day}: ${String(row?.["n"])} rows differ`)
  }
  return problems
}

/** Bytes of the blocks in use: a column that was widened leaves free ones, which later loads fill. */
const usedBytes = async (path: string): Promise<number> => {
  const [[row] = []] = await ask(
    ["select (used_blocks * block_size)::double as bytes from pragma_database_size()"],
    path,
  )
  return Number(row?.["bytes"])
}

/** Bytes of a plain DuckDB table of every row that ever came into being, with the columns of the last day: what cannot be stored with less. */
const changedRowsBytes = async (folder: string, warehouse: string): Promise<number> => {
  const plain = join(folder, "changed-rows.duckdb")
  const instance = await DuckDBInstance.create(plain, { threads: "2", memory_limit: "1GB" })
  const connection = await instance.connect()
  await connection.run(`attach ${literal(warehouse)} as w (read_only)`)
  await connection.run(
    `create table t as select ${columnList(DAYS - 1, nameToday)} from w.history_added.t; detach w; checkpoint`,
  )
  connection.closeSync()
  instance.closeSync()
  return usedBytes(plain)
}

/** CPU seconds to bring a day into a table of a database in memory. */
const cpuOf = async (query: string, warehouse: string): Promise<number> => {
  const instance = await DuckDBInstance.create(warehouse, {
    threads: "2",
    memory_limit: "1GB",
    access_mode: "READ_ONLY",
  })
  const connection = await instance.connect()
  const run = async (): Promise<number> => {
    const before = process.cpuUsage()
    await connection.run(`create or replace temp table day as ${query}`)
    const used = process.cpuUsage(before)
    return (used.user + used.system) / 1e6
  }
  await run()
  const seconds = [await run(), await run(), await run()]
  connection.closeSync()
  instance.closeSync()
  return median(seconds)
}

const script = (name: string): string => join(import.meta.dirname, name)

/** One run of each side over all days; ratios are medians over the days. */
export const history = async ({ folder, note, historyRows }: Setting): Promise<ReadonlyArray<Outcome>> => {
  note(`history: writing ${DAYS} days of ${historyRows} rows`)
  const written = await generate(folder, historyRows, DAYS)
  const warehouse = join(folder, "warehouse.duckdb")
  note("history: loads")
  const ours = await measureWithOutput([
    process.execPath,
    "--conditions=@opendatahub-sql/source",
    script("load.ts"),
    folder,
    String(DAYS),
    warehouse,
  ])
  note("history: plain DuckDB")
  const reference = await measureWithOutput([process.execPath, script("compare.ts"), folder, String(DAYS)])
  const theirs = JSON.parse(reference.output) as ReadonlyArray<number>
  const loads = (JSON.parse(ours.output) as ReadonlyArray<number>).slice(1)
  note("history: the state of every day against its file")
  const problems = await wrongDays(folder, warehouse)
  const days = [0, 7, 15, 22, 29]
  const reads: Array<number> = []
  for (const day of days) {
    const state = await cpuOf(
      `select ${columnsOn(day)
        .map(({ name }) => nameToday(name))
        .join(", ")} from as_of('t', ${instantOf(day)})`,
      warehouse,
    )
    reads.push(state / (await cpuOf(`from ${literal(fileOn(folder, day))}`, warehouse)))
  }
  const storage = (await usedBytes(warehouse)) / (await changedRowsBytes(folder, warehouse))
  note(
    `history: ${written.changedRows} rows came into being in ${written.rows.reduce((sum, rows) => sum + rows, 0)} rows of ${DAYS} files; warehouse ${megabytes(statSync(warehouse).size).toFixed(0)} MB`,
  )
  return [
    {
      benchmark,
      subject: `${DAYS} extractions, ${historyRows} rows, no key`,
      pairs: [{ ours, reference }],
      runs: [],
      promises: [
        {
          what: "CPU of an extraction",
          value: median(loads.map((seconds, day) => seconds / (theirs[day] ?? Number.NaN))),
          limit: 2,
          unit: "x",
        },
        { what: "storage", value: storage, limit: 1.5, unit: "x" },
        { what: "CPU of a state", value: Math.max(...reads), limit: 2, unit: "x" },
        { what: "peak memory", value: megabytes(ours.peak), limit: 600, unit: "MB" },
      ],
      problems,
    },
  ]
}
