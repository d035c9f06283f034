/** `odh convert` of a workbook, told nothing, against the fastest reader measured and DuckDB told the types. */
import { join } from "node:path"
import { makePythonEnvironment } from "../../scripts/python-environment.ts"
import { askOne, literal } from "../measure/duckdb.ts"
import { interleave, ratioOf } from "../measure/pairs.ts"
import { measure } from "../measure/usage.ts"
import { megabytes, orFailure, type Outcome, type Setting } from "../outcome.ts"
import { generate, type Oracle } from "./generate.ts"

const benchmark = "xlsx"
const subject = "a workbook whose sheet is half of --json-size of XML"
/** CPU of the median of the pairs; MB, of 10^6 bytes. */
const limits = { cpu: 1, peak: 500 }

const check = async (path: string, oracle: Oracle): Promise<ReadonlyArray<string>> => {
  const found = await askOne(
    `select count(*)::varchar as rows, (sum(montant) * 100)::decimal(38, 0)::varchar as "amountCents",
       sum(date_decision - date '1970-01-01')::varchar as days, (count(*) filter (code_commune = '2A004'))::varchar as "inAjaccio",
       sum(length(commune))::varchar as letters
     from read_parquet(${literal(path)})`,
  )
  return Object.entries(oracle).flatMap(([name, expected]) =>
    found[name] === String(expected) ? [] : [`${name} is ${String(found[name])} instead of ${String(expected)}`],
  )
}

const run = async ({ folder, odh, pairs: count, jsonBytes, note }: Setting): Promise<Outcome> => {
  const environment = await makePythonEnvironment("bench-xlsx", "bench/xlsx/requirements.txt")
  if (environment._tag === "Missing") throw new Error(environment.why)
  const [file, ours, reference] = [join(folder, "s.xlsx"), join(folder, "s.parquet"), join(folder, "reference.parquet")]
  note(`xlsx: writing ${megabytes(jsonBytes / 2).toFixed(0)} MB of XML`)
  const oracle = generate(file, jsonBytes / 2, 5)
  note(`xlsx: ${count} pairs over ${oracle.rows} rows`)
  const pairs = await interleave(
    count,
    () => measure([...odh, "convert", file, "--to", ours], folder),
    () => measure([environment.python, join(import.meta.dirname, "reference.py"), file, reference], folder),
  )
  const wrong = (await check(reference, oracle)).map((problem) => `reference: ${problem}`)
  return {
    benchmark,
    subject,
    pairs,
    runs: [],
    promises: [
      { what: "CPU", value: ratioOf(pairs, ({ cpu }) => cpu), limit: limits.cpu, unit: "x" },
      {
        what: "peak memory",
        value: megabytes(Math.max(...pairs.map((pair) => pair.ours.peak))),
        limit: limits.peak,
        unit: "MB",
      },
    ],
    problems: [...(await check(ours, oracle)), ...wrong],
  }
}

/** One workbook. */
export const xlsx = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => [
  await orFailure(benchmark, subject, run(setting)),
]
