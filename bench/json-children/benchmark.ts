/** `odh convert` of a JSON array with a nested list to a table and its child against DuckDB's own queries for both. */
import { join } from "node:path"
import { generate, type Oracle } from "../json-memory/generate.ts"
import { askOne, literal } from "../measure/duckdb.ts"
import { interleave, ratioOf } from "../measure/pairs.ts"
import { measure } from "../measure/usage.ts"
import { megabytes, orFailure, type Outcome, type Setting } from "../outcome.ts"

const benchmark = "json-children"
const subject = "an array with a nested list, to two tables"
/** CPU of the median of the pairs; MB, of 10^6 bytes. */
const limits = { cpu: 1.5, peak: 500 }

/** What differs between two Parquet files and the oracle, one sentence each. */
const check = async (
  parents: string,
  children: string,
  place: string,
  oracle: Oracle,
): Promise<ReadonlyArray<string>> => {
  const found = await askOne(`
    select * from
      (select count(*)::varchar as contracts, cast(sum(montant) * 100 as decimal(38, 0))::varchar as "amountCents",
         sum("dureeMois")::varchar as months, (count(*) filter (${place} = '2A004'))::varchar as "inAjaccio"
       from read_parquet(${literal(parents)})),
      (select count(*)::varchar as holders, sum(child.rang * parent."dureeMois")::varchar as "rankTimesMonths"
       from read_parquet(${literal(children)}) as child join read_parquet(${literal(parents)}) as parent on child._parent_row = parent._row)`)
  return Object.entries(oracle).flatMap(([name, expected]) =>
    found[name] === String(expected) ? [] : [`${name} is ${String(found[name])} instead of ${String(expected)}`],
  )
}

const run = async ({ folder, odh, pairs: count, jsonBytes, note }: Setting): Promise<Outcome> => {
  const file = join(folder, "marches.json")
  const out = join(folder, "out")
  const [parents, children] = [join(folder, "parents.parquet"), join(folder, "children.parquet")] as const
  note(`json-children: writing ${megabytes(jsonBytes).toFixed(0)} MB`)
  const oracle = generate(file, jsonBytes, 5)
  note(`json-children: ${count} pairs over ${oracle.contracts} contracts with ${oracle.holders} holders`)
  const pairs = await interleave(
    count,
    () => measure([...odh, "convert", file, "--to", out], folder),
    () => measure([process.execPath, join(import.meta.dirname, "reference.ts"), file, parents, children]),
  )
  const ours = await check(
    join(out, "marches.parquet"),
    join(out, "marches__titulaires.parquet"),
    '"lieuExecution_code"',
    oracle,
  )
  const reference = await check(parents, children, "code", oracle)
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
    problems: [...ours, ...reference.map((problem) => `reference: ${problem}`)],
  }
}

/** One file, both sides. */
export const jsonChildren = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => [
  await orFailure(benchmark, subject, run(setting)),
]
