/** `odh convert` of a French CSV file, told nothing, against DuckDB told everything. */
import { join } from "node:path"
import { interleave, ratioOf } from "../measure/pairs.ts"
import { measure } from "../measure/usage.ts"
import { type Outcome, orFailure, type Setting, megabytes } from "../outcome.ts"
import { check, countRows } from "./check.ts"
import { checkRejects } from "./check-rejects.ts"
import { generate, type Oracle } from "./generate.ts"

/** Of the median of the pairs. */
const limits = { cpu: 1.5, peak: 1 }

interface Variant {
  readonly subject: string
  /** What ours reads. */
  readonly file: string
  /** What the reference reads: it does not know windows-1252, so it gets the same rows in UTF-8. */
  readonly referenceFile: string
  readonly oracle: Oracle
}

const compare = async ({ subject, file, referenceFile, oracle }: Variant, setting: Setting): Promise<Outcome> => {
  const out = join(setting.folder, "ours.parquet")
  const rejects = join(setting.folder, "rejects.parquet")
  const referenceOut = join(setting.folder, "reference.parquet")
  const reference = [process.execPath, join(import.meta.dirname, "reference.ts"), referenceFile, referenceOut]
  const bad = oracle.badCells > 0
  setting.note(`french-csv, ${subject}: ${setting.pairs} pairs over ${oracle.rows} rows`)
  const pairs = await interleave(
    setting.pairs,
    () =>
      measure([...setting.odh, "convert", file, "--to", out, ...(bad ? ["--rejects", rejects] : [])], setting.folder),
    () => measure([...reference, ...(bad ? ["--drop-bad-rows"] : [])]),
  )
  setting.note(`french-csv, ${subject}: comparing with the oracle`)
  const found = await check(out, oracle)
  const foundInReference = bad
    ? await rowsLeft(referenceOut, oracle.rows - oracle.rowsWithBadCells)
    : await check(referenceOut, oracle)
  return {
    benchmark: "french-csv",
    subject,
    pairs,
    runs: [],
    promises: [
      { what: "CPU", value: ratioOf(pairs, ({ cpu }) => cpu), limit: limits.cpu, unit: "x" },
      { what: "peak memory", value: ratioOf(pairs, ({ peak }) => peak), limit: limits.peak, unit: "x" },
    ],
    problems: [
      ...found,
      ...(bad ? await checkRejects(rejects, oracle) : []),
      ...foundInReference.map((problem) => `reference: ${problem}`),
    ],
  }
}

const rowsLeft = async (path: string, expected: number): Promise<ReadonlyArray<string>> => {
  const rows = await countRows(path)
  return rows === expected ? [] : [`${rows} rows instead of ${expected}`]
}

/** Three files: UTF-8, the same rows in windows-1252, and UTF-8 with 0.01 % bad cells. */
export const frenchCsv = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => {
  const utf8 = join(setting.folder, "utf-8.csv")
  const windows1252 = join(setting.folder, "windows-1252.csv")
  const badCells = join(setting.folder, "bad-cells.csv")
  setting.note(`french-csv: writing ${megabytes(setting.csvBytes).toFixed(0)} MB, three times`)
  const clean = generate({ utf8, windows1252, bytes: setting.csvBytes, badCells: 0, seed: 7 })
  const dirty = generate({ utf8: badCells, bytes: setting.csvBytes, badCells: 0.0001, seed: 11 })
  const outcomes: Array<Outcome> = []
  for (const variant of [
    { subject: "UTF-8", file: utf8, referenceFile: utf8, oracle: clean },
    { subject: "windows-1252", file: windows1252, referenceFile: utf8, oracle: clean },
    { subject: "0.01 % bad cells", file: badCells, referenceFile: badCells, oracle: dirty },
  ]) {
    outcomes.push(await orFailure("french-csv", variant.subject, compare(variant, setting)))
  }
  return outcomes
}
