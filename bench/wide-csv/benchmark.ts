/** `odh convert` of CSV files with many columns, and of a small one, against DuckDB told everything. */
import { join } from "node:path"
import { askOne, literal } from "../measure/duckdb.ts"
import { interleave, ratioOf } from "../measure/pairs.ts"
import { measure } from "../measure/usage.ts"
import { megabytes, type Outcome, orFailure, type Setting } from "../outcome.ts"
import { generate } from "./generate.ts"

/** Of CPU, and of peak memory. The small file is measured and promises nothing: it costs what the process costs. */
interface Case {
  readonly subject: string
  readonly columns: number
  readonly bytes: (setting: Setting) => number
  readonly limits: { readonly cpu: number; readonly peak: number } | undefined
}

const limits = { cpu: 1.5, peak: 1 }
const cases: ReadonlyArray<Case> = [
  { subject: "200 columns", columns: 200, bytes: ({ csvBytes }) => csvBytes / 4, limits },
  { subject: "1,000 columns", columns: 1000, bytes: ({ csvBytes }) => csvBytes / 4, limits },
  { subject: "4 columns, 10 kB", columns: 4, bytes: () => 10_000, limits: undefined },
]

/** A hash of every column: of its name, and of its values with their places. Values of another type hash otherwise. */
const digest = async (path: string): Promise<string> => {
  const { digest: found } = await askOne(`
    select md5(string_agg(name || ' ' || value, chr(10) order by name)) as digest
    from (unpivot (select bit_xor(hash(columns(*), file_row_number)) from read_parquet(${literal(path)}, file_row_number = true))
      on columns(*) into name name value value)`)
  return String(found)
}

const compare = async ({ subject, columns, bytes, limits: wanted }: Case, setting: Setting): Promise<Outcome> => {
  const file = join(setting.folder, "wide.csv")
  const out = join(setting.folder, "ours.parquet")
  const referenceOut = join(setting.folder, "reference.parquet")
  const size = bytes(setting)
  setting.note(`wide-csv, ${subject}: ${megabytes(size).toFixed(2)} MB`)
  generate(file, columns, size)
  const pairs = await interleave(
    setting.pairs,
    () => measure([...setting.odh, "convert", file, "--to", out], setting.folder),
    () => measure([process.execPath, join(import.meta.dirname, "reference.ts"), file, referenceOut, String(columns)]),
  )
  return {
    benchmark: "wide-csv",
    subject,
    pairs,
    runs: [],
    promises:
      wanted === undefined
        ? []
        : [
            { what: "CPU", value: ratioOf(pairs, ({ cpu }) => cpu), limit: wanted.cpu, unit: "x" },
            { what: "peak memory", value: ratioOf(pairs, ({ peak }) => peak), limit: wanted.peak, unit: "x" },
          ],
    problems:
      (await digest(out)) === (await digest(referenceOut)) ? [] : ["the columns are not those of the reference"],
  }
}

/** Files of 200 and 1,000 columns, a quarter as large as the French one, and one of 10 kB. */
export const wideCsv = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => {
  const outcomes: Array<Outcome> = []
  for (const one of cases) outcomes.push(await orFailure("wide-csv", one.subject, compare(one, setting)))
  return outcomes
}
