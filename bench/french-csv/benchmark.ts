/** `odh convert` of a French CSV file, told nothing, against DuckDB told everything. */
import { join } from "node:path"
import { interleave, ratioOf } from "../measure/pairs.ts"
import { askOne, literal } from "../measure/duckdb.ts"
import { measure } from "../measure/usage.ts"
import { type Outcome, orFailure, type Setting, megabytes } from "../outcome.ts"
import { check, countRows } from "./check.ts"
import { checkRejects } from "./check-rejects.ts"
import { generate, type Oracle, type Recipe, type Respell } from "./generate.ts"
import { blanksAroundQuotes, halfInOtherForms, lateDecimals } from "./respell.ts"

interface Variant {
  readonly subject: string
  /** Of CPU, the median of the pairs. */
  readonly limit: number
  /** What ours reads. */
  readonly file: string
  /** What the reference reads: it does not know windows-1252, so it gets the same rows in UTF-8. */
  readonly referenceFile: string
  readonly oracle: Oracle
  /** The number of each record is kept too. */
  readonly rowNumbers?: boolean
  /** The reference is told the encoding. */
  readonly isLatin1?: boolean
}

const compare = async (
  { subject, limit, file, referenceFile, oracle, rowNumbers = false, isLatin1 = false }: Variant,
  setting: Setting,
): Promise<Outcome> => {
  const out = join(setting.folder, "ours.parquet")
  const rejects = join(setting.folder, "rejects.parquet")
  const referenceOut = join(setting.folder, "reference.parquet")
  const reference = [process.execPath, join(import.meta.dirname, "reference.ts"), referenceFile, referenceOut]
  const bad = oracle.badCells > 0
  const options = [...(bad ? ["--rejects", rejects] : []), ...(rowNumbers ? ["--row-numbers"] : [])]
  setting.note(`french-csv, ${subject}: ${setting.pairs} pairs over ${oracle.rows} rows`)
  const pairs = await interleave(
    setting.pairs,
    () => measure([...setting.odh, "convert", file, "--to", out, ...options], setting.folder),
    () => measure([...reference, ...(bad ? ["--drop-bad-rows"] : []), ...(isLatin1 ? ["--latin-1"] : [])]),
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
      { what: "CPU", value: ratioOf(pairs, ({ cpu }) => cpu), limit, unit: "x" },
      { what: "peak memory", value: ratioOf(pairs, ({ peak }) => peak), limit: 1, unit: "x" },
    ],
    problems: [
      ...found,
      ...(bad ? await checkRejects(rejects, oracle) : []),
      ...(rowNumbers ? await checkRowNumbers(out) : []),
      ...foundInReference.map((problem) => `reference: ${problem}`),
    ],
  }
}

const rowsLeft = async (path: string, expected: number): Promise<ReadonlyArray<string>> => {
  const rows = await countRows(path)
  return rows === expected ? [] : [`${rows} rows instead of ${expected}`]
}

const checkRowNumbers = async (path: string): Promise<ReadonlyArray<string>> => {
  const { wrong } = await askOne(
    `select count(*)::integer as wrong from read_parquet(${literal(path)}, file_row_number = true) where _row is distinct from file_row_number + 1`,
  )
  return wrong === 0 ? [] : [`${String(wrong)} records have another number`]
}

/** Each variant has its file written, measured and removed. */
export const frenchCsv = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => {
  const path = (name: string): string => join(setting.folder, `${name}.csv`)
  const write = (recipe: Partial<Recipe> = {}): Oracle => {
    setting.note(`french-csv: writing ${megabytes(setting.csvBytes).toFixed(0)} MB`)
    return generate({ utf8: path("utf-8"), bytes: setting.csvBytes, badCells: 0, seed: 7, ...recipe })
  }
  const outcomes: Array<Outcome> = []
  const run = async (subject: string, limit: number, oracle: Oracle, file = path("utf-8"), referenceFile = file) => {
    outcomes.push(
      await orFailure("french-csv", subject, compare({ subject, limit, file, referenceFile, oracle }, setting)),
    )
  }

  const clean = write({ windows1252: path("windows-1252") })
  await run("UTF-8", 1.2, clean)
  const stored = { subject: "UTF-8, with _row", limit: 1.5, file: path("utf-8"), referenceFile: path("utf-8") }
  outcomes.push(
    await orFailure("french-csv", stored.subject, compare({ ...stored, oracle: clean, rowNumbers: true }, setting)),
  )
  await run("windows-1252, against the UTF-8 reference", 1.4, clean, path("windows-1252"), path("utf-8"))
  // The reference is told one form of dates and no spaces, so it gets the clean file of the same rows.
  const other = (name: string, respell: Respell) => write({ utf8: path(name), rows: clean.rows, respell })
  await run(
    "half in other forms, against the clean file",
    1.7,
    other("half", halfInOtherForms),
    path("half"),
    path("utf-8"),
  )
  const late = other("late", lateDecimals(Math.floor(clean.rows * 0.77)))
  await run("a wrong first guess, against the clean file", 1.8, late, path("late"), path("utf-8"))
  const dirty = other("dirty", blanksAroundQuotes)
  await run("tolerant reader, against the clean file", 1.7, dirty, path("dirty"), path("utf-8"))
  const latin1 = {
    subject: "latin-1, against DuckDB told so",
    limit: 1.2,
    oracle: write({ latin1: path("latin-1") }),
    file: path("latin-1"),
    referenceFile: path("latin-1"),
    isLatin1: true,
  }
  outcomes.push(await orFailure("french-csv", latin1.subject, compare(latin1, setting)))
  await run("0.01 % bad cells", 1.7, write({ badCells: 0.0001, seed: 11 }))
  return outcomes
}
