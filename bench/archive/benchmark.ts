/** `odh convert` of a zip of 12 CSV files, told nothing, against `unzip -p` piped into DuckDB told everything, member by member. */
import { execFile } from "node:child_process"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { check } from "../french-csv/check.ts"
import { generate, type Oracle } from "../french-csv/generate.ts"
import { ask, literal } from "../measure/duckdb.ts"
import { interleave, ratioOf } from "../measure/pairs.ts"
import { measure } from "../measure/usage.ts"
import { megabytes, orFailure, type Outcome, type Setting } from "../outcome.ts"

const benchmark = "archive"
const subject = "zip of 12 CSV files"
/** Of the median of the pairs. */
const limit = 1.5
const members = 12

interface Member {
  readonly name: string
  readonly oracle: Oracle
}

/** Writes the archive; the CSV files go as soon as they are in it. */
const archive = async (zip: string, { folder, csvBytes, note }: Setting): Promise<ReadonlyArray<Member>> => {
  const written: Array<Member> = []
  const bytes = Math.round(csvBytes / 10)
  note(`${benchmark}: packing ${members} times ${megabytes(bytes).toFixed(0)} MB`)
  for (let number = 1; number <= members; number++) {
    const name = `depot_${String(number).padStart(2, "0")}.csv`
    const file = join(folder, name)
    const oracle = generate({ utf8: file, bytes, badCells: 0, seed: 100 + number })
    await promisify(execFile)("zip", ["-q", "-j", zip, file])
    await rm(file)
    written.push({ name, oracle })
  }
  return written
}

const run = async (setting: Setting): Promise<Outcome> => {
  const zip = join(setting.folder, "depots.zip")
  const written = await archive(zip, setting)
  const ours = join(setting.folder, "ours.parquet")
  const referenceOf = (name: string): string => join(setting.folder, `${name}.parquet`)
  const program = `"${process.execPath}" "${join(import.meta.dirname, "../french-csv/reference.ts")}"`
  const lines = written.map(
    ({ name }) => `unzip -p "${zip}" "${name}" | ${program} /dev/stdin "${referenceOf(name)}" || exit 1`,
  )
  setting.note(`${benchmark}: ${setting.pairs} pairs`)
  const pairs = await interleave(
    setting.pairs,
    () => measure([...setting.odh, "convert", zip, "--to", ours], setting.folder),
    () => measure(["bash", "-c", lines.join("\n")], setting.folder),
  )
  setting.note(`${benchmark}: comparing with the oracles`)
  const problems: Array<string> = []
  for (const { name, oracle } of written) {
    const part = join(setting.folder, "part.parquet")
    await ask([
      `copy (select * exclude (_member) from read_parquet(${literal(ours)}) where _member = ${literal(name)}) to ${literal(part)} (format parquet)`,
    ])
    problems.push(...(await check(part, oracle)).map((problem) => `${name}: ${problem}`))
    problems.push(...(await check(referenceOf(name), oracle)).map((problem) => `reference, ${name}: ${problem}`))
  }
  return {
    benchmark,
    subject,
    pairs,
    runs: [],
    promises: [{ what: "CPU", value: ratioOf(pairs, ({ cpu }) => cpu), limit, unit: "x" }],
    problems,
  }
}

/** One archive: its members are a tenth of the size of the CSV file each, so 100 MB at full size. */
export const archives = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => [
  await orFailure(benchmark, subject, run(setting)),
]
