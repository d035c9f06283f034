/** Typed rows into an Iceberg table: against the engine's own COPY, against pyiceberg, and on a table that has a long past. */
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { findPythonEnvironment } from "../../scripts/python-environment.ts"
import { ask, askOne, literal } from "../measure/duckdb.ts"
import { interleave, median, ratioOf } from "../measure/pairs.ts"
import { measure, measureWithOutput } from "../measure/usage.ts"
import { megabytes, orFailure, type Outcome, type Setting } from "../outcome.ts"

const benchmark = "iceberg"
const OLD_LOADS = 1000
const FILES_A_LOAD = 10
/** Bytes of a row as CSV. */
const ROW_BYTES = 88

const here = (name: string): string => join(import.meta.dirname, name)
const node = (script: string, ...args: ReadonlyArray<string>): ReadonlyArray<string> => [
  process.execPath,
  "--conditions=@opendatahub-sql/source",
  here(script),
  ...args,
]

/** Rows of an administration's file, typed, as the hub hands them to a sink. */
const generate = async (path: string, rows: number): Promise<void> => {
  await ask([
    `copy (select range as id, lpad((range % 36000)::varchar, 5, '0') as commune, 'Ville de ' || md5((range % 36000)::varchar)[:12] as nom, (hash(range) % 10000000 / 100)::decimal(9,2) as montant,
      date '2020-01-01' + (hash(range, 1) % 2000)::integer as jour, timestamp '2020-01-01' + interval (range % 100000) minute as maj, (hash(range, 2) % 9000000)::double / 100000 as lon,
      hash(range, 3) % 2 = 0 as actif, md5(range::varchar)[:10] as reference from range(${rows})) to ${literal(path)} (format parquet, compression zstd)`,
  ])
}

const counted = async (folder: string, expected: number): Promise<ReadonlyArray<string>> => {
  const { n } = await askOne(
    `select count(*)::double as n from read_parquet(${literal(join(folder, "bronze/t/data/*/*.parquet"))})`,
  )
  return Number(n) === expected ? [] : [`${Number(n)} rows instead of ${expected}`]
}

/** Each run has a folder of its own. */
const fresh = async (parent: string, name: string): Promise<string> => {
  const folder = join(parent, `${name}-${Math.random().toString(36).slice(2)}`)
  await mkdir(folder, { recursive: true })
  return folder
}

const againstCopy = async ({ folder, pairs, csvBytes }: Setting): Promise<Outcome> => {
  const rows = Math.round(csvBytes / ROW_BYTES)
  const file = join(folder, "typed.parquet")
  await generate(file, rows)
  let last = ""
  const run = await interleave(
    pairs,
    async () => measure(node("load.ts", (last = await fresh(folder, "ours")), "t", "0", "1", "1", file)),
    async () => measure(node("copy.ts", file, join(await fresh(folder, "copy"), "out.parquet"))),
  )
  return {
    benchmark,
    subject: `${rows} typed rows into a table`,
    pairs: run,
    runs: [],
    promises: [
      {
        what: "CPU of DuckDB's COPY at its best",
        value: median(run.map(({ ours }) => ours.cpu)) / Math.min(...run.map(({ reference }) => reference.cpu)),
        limit: 1.1,
        unit: "x",
      },
      {
        what: "peak memory above DuckDB's COPY",
        value: megabytes(median(run.map(({ ours, reference }) => ours.peak - reference.peak))),
        limit: 100,
        unit: "MB",
      },
    ],
    problems: await counted(last, rows),
  }
}

const againstPyiceberg = async ({ folder, pairs }: Setting): Promise<Outcome> => {
  const subject = "1000000 rows, against pyiceberg's append"
  const environment = await findPythonEnvironment("iceberg", "packages/sink-iceberg/test/python/requirements.txt")
  if (environment._tag === "Missing")
    return { benchmark, subject, pairs: [], runs: [], promises: [], problems: [environment.why] }
  const file = join(folder, "million.parquet")
  await generate(file, 1_000_000)
  let last = ""
  const run = await interleave(
    pairs,
    async () => measure(node("load.ts", (last = await fresh(folder, "ours")), "t", "0", "1", "1", file)),
    async () => measure([environment.python, here("append.py"), await fresh(folder, "py"), file]),
  )
  return {
    benchmark,
    subject,
    pairs: run,
    runs: [],
    promises: [{ what: "CPU of pyiceberg's append", value: ratioOf(run, ({ cpu }) => cpu), limit: 1, unit: "x" }],
    problems: await counted(last, 1_000_000),
  }
}

const longPast = async ({ folder, note }: Setting): Promise<Outcome> => {
  const file = join(folder, "small.parquet")
  await generate(file, 10)
  const lake = await fresh(folder, "past")
  const load = async (table: string, first: number, count: number, parts: number): Promise<ReadonlyArray<number>> => {
    const { output } = await measureWithOutput(
      node("load.ts", lake, table, String(first), String(count), String(parts), file),
    )
    return JSON.parse(output) as ReadonlyArray<number>
  }
  note(`iceberg: ${OLD_LOADS} loads of ${FILES_A_LOAD} files each come first`)
  await load("t", 0, OLD_LOADS, FILES_A_LOAD)
  // The first load of a process starts the engine.
  const [, ...old] = await load("t", OLD_LOADS, 10, 1)
  const [, ...young] = await load("u", 0, 10, 1)
  return {
    benchmark,
    subject: `a commit to a table of ${OLD_LOADS} snapshots and ${OLD_LOADS * FILES_A_LOAD} files`,
    pairs: [],
    runs: [],
    promises: [{ what: "CPU of a commit to an empty table", value: median(old) / median(young), limit: 10, unit: "x" }],
    problems: await counted(lake, (OLD_LOADS * FILES_A_LOAD + 10) * 10),
  }
}

/** All three. */
export const iceberg = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => [
  await orFailure(benchmark, "typed rows into a table", againstCopy(setting)),
  await orFailure(benchmark, "against pyiceberg's append", againstPyiceberg(setting)),
  await orFailure(benchmark, "a commit to a table with a long past", longPast(setting)),
]
