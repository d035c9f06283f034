/** A thousand small extractions: does the last one cost what the first ones did? */
import { DuckDBInstance } from "@duckdb/node-api"
import { join } from "node:path"
import { ask, literal } from "../measure/duckdb.ts"
import { median } from "../measure/pairs.ts"
import { measureWithOutput } from "../measure/usage.ts"
import { megabytes, type Outcome, type Setting } from "../outcome.ts"

const EXTRACTIONS = 1_000
const ROWS = 1_000
const AT_ONCE = 100

/** Of each extraction, one row in a hundred is new and every file is in an order of its own. */
const stateOf = (n: number): string =>
  `select 'code ' || i as code, ((i + ${n}) // 100)::bigint as version, date '2026-01-01' + (i % 30)::integer as jour, 'libellé ' || (i % 17) as libelle
   from range(${ROWS}) t(i) order by hash(i, ${n})`

const digest = (from: string): string =>
  `select concat_ws(' ', count(*), sum(hash(code, version, jour, libelle)), sum(hash(libelle, code, version, jour))) as digest from ${from}`

/** CPU of the last hundred loads against that of the first hundred, the first few apart; three states against their files. */
export const manyExtractions = async ({ folder, note }: Setting): Promise<Outcome> => {
  note(`history: ${EXTRACTIONS} extractions of ${ROWS} rows`)
  const files = Array.from({ length: EXTRACTIONS }, (_, n) => join(folder, `state-${n}.parquet`))
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" })
  const connection = await instance.connect()
  for (const [n, file] of files.entries())
    await connection.run(`copy (${stateOf(n)}) to ${literal(file)} (format parquet)`)
  connection.closeSync()
  instance.closeSync()
  const warehouse = join(folder, "many.duckdb")
  const load = join(import.meta.dirname, "load.ts")
  const ours = await measureWithOutput([
    process.execPath,
    "--conditions=@opendatahub-sql/source",
    load,
    warehouse,
    ...files,
  ])
  const cpu = JSON.parse(ours.output) as ReadonlyArray<number>
  const problems: Array<string> = []
  for (const n of [0, 500, EXTRACTIONS - 1]) {
    const at = new Date(Date.UTC(2026, 0, 1 + n)).toISOString()
    const answers = await ask([digest(`as_of('t', '${at}')`), digest(literal(files[n] ?? ""))], warehouse)
    const [state, file] = answers.map(([row]) => row?.["digest"])
    if (state !== file) problems.push(`extraction ${n} is not its file`)
  }
  return {
    benchmark: "history",
    subject: `${EXTRACTIONS} extractions, ${ROWS} rows, 1 % changed`,
    pairs: [],
    runs: [ours],
    promises: [
      {
        what: `CPU of the last ${AT_ONCE} extractions against the first`,
        value: median(cpu.slice(-AT_ONCE)) / median(cpu.slice(5, 5 + AT_ONCE)),
        limit: 2,
        unit: "x",
      },
      { what: "peak memory", value: megabytes(ours.peak), limit: 600, unit: "MB" },
    ],
    problems,
  }
}
