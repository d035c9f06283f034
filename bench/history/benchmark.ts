/** A month of extractions of one file without a key, against plain DuckDB: change sets, storage, and the state of any day. */
import { DuckDBInstance } from "@duckdb/node-api"
import { statSync } from "node:fs"
import { join } from "node:path"
import { ask, literal } from "../measure/duckdb.ts"
import { median } from "../measure/pairs.ts"
import { measureWithOutput } from "../measure/usage.ts"
import { megabytes, type Outcome, type Setting } from "../outcome.ts"
import { columnsOn, fileOn, generate } from "./generate.ts"
import { manyExtractions } from "./many.ts"

const DAYS = 30
const benchmark = "history"

const instantOf = (day: number): string => `'${new Date(Date.UTC(2026, 0, 1 + day)).toISOString()}'`

/** The columns of a day as the warehouse calls them today. */
const nameToday = (name: string): string => (name === "commune" ? "nom_commune" : name)
const columnList = (day: number, rename: (name: string) => string): string =>
  columnsOn(day)
    .map(({ name }) => `${name} as ${rename(name)}`)
    .join(", ")

/** Days whose state is not the file of that day, as a multiset: the number of rows and two sums of their hashes, by plain DuckDB. */
const wrongDays = async (folder: string, warehouse: string): Promise<ReadonlyArray<string>> => {
  const [types = []] = await ask([`describe from as_of('t', ${instantOf(0)})`], warehouse)
  const typeOf = new Map(types.map((row) => [row["column_name"], String(row["column_type"])]))
  const problems: Array<string> = []
  for (let day = 0; day < DAYS; day++) {
    const cells = (nameThere: (name: string) => string): string =>
      columnsOn(day)
        .toSorted((a, b) => (nameToday(a.name) < nameToday(b.name) ? -1 : 1))
        .map(({ name }) => `${nameThere(name)}::${typeOf.get(nameToday(name)) ?? "varchar"}`)
        .join(", ")
    const digest = (row: string, from: string): string =>
      `select concat_ws(' ', count(*), sum(hash(${row})), sum(hash('again', ${row}))) as digest from ${from}`
    const answers = await ask(
      [
        digest(cells(nameToday), `as_of('t', ${instantOf(day)})`),
        digest(
          cells((name) => name),
          literal(fileOn(folder, day)),
        ),
      ],
      warehouse,
    )
    const [state, file] = answers.map(([row]) => String(row?.["digest"]))
    if (state !== file) problems.push(`day ${day}: ${state} instead of ${file}`)
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

/** CPU of bringing the state of a day into a table in memory against that of the day's file: the median of the ratios of turns. */
const readRatio = async (state: string, file: string, warehouse: string): Promise<number> => {
  const instance = await DuckDBInstance.create(warehouse, {
    threads: "2",
    memory_limit: "1GB",
    access_mode: "READ_ONLY",
  })
  const connection = await instance.connect()
  const cpuOf = async (query: string): Promise<number> => {
    const before = process.cpuUsage()
    await connection.run(`create or replace temp table day as ${query}`)
    const used = process.cpuUsage(before)
    return used.user + used.system
  }
  const ratios: Array<number> = []
  for (let turn = 0; turn < 6; turn++) {
    const first = turn % 2 === 0 ? await cpuOf(state) : undefined
    const plain = await cpuOf(file)
    ratios.push((first ?? (await cpuOf(state))) / plain)
  }
  connection.closeSync()
  instance.closeSync()
  // The first turn reads both from the disk.
  return median(ratios.slice(1))
}

const script = (name: string): string => join(import.meta.dirname, name)

/** One run of each side over all days; ratios are medians over the days. */
export const history = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => {
  const { folder, note, historyRows } = setting
  note(`history: writing ${DAYS} days of ${historyRows} rows`)
  const written = await generate(folder, historyRows, DAYS)
  const warehouse = join(folder, "warehouse.duckdb")
  note("history: loads")
  const ours = await measureWithOutput([
    process.execPath,
    "--conditions=@opendatahub-sql/source",
    script("load.ts"),
    warehouse,
    ...Array.from({ length: DAYS }, (_, day) => fileOn(folder, day)),
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
    const names = columnsOn(day).map(({ name }) => nameToday(name))
    const state = `select ${names.join(", ")} from as_of('t', ${instantOf(day)})`
    reads.push(await readRatio(state, `from ${literal(fileOn(folder, day))}`, warehouse))
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
    await manyExtractions(setting),
  ]
}
