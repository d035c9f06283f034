/** What the peers are given: 20 real states of one file, and a series of small traps, as typed Parquet. */
import { DuckDBInstance } from "@duckdb/node-api"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { gunzipSync } from "node:zlib"
import { literal } from "../../measure/duckdb.ts"

const corpus = resolve(import.meta.dirname, "../../../fixtures/corpus/history-covid-hospit")
const figures = ["hosp", "rea", "rad", "dc"] as const

/** The number of identical rows goes 2, 1, 3; then a column is added, empty. */
const traps = [
  "select * from (values ('a', 1), ('a', 1), ('b', 2)) v(code, n)",
  "select * from (values ('a', 1), ('b', 2)) v(code, n)",
  "select * from (values ('a', 1), ('a', 1), ('a', 1), ('b', 2)) v(code, n)",
  "select *, null::varchar as note from (values ('a', 1), ('a', 1), ('a', 1), ('b', 2)) v(code, n)",
]

/** Writes the states and gives their files, oldest first. */
export const writeStates = async (
  folder: string,
): Promise<{ readonly real: ReadonlyArray<string>; readonly traps: ReadonlyArray<string> }> => {
  await mkdir(folder, { recursive: true })
  const instance = await DuckDBInstance.create(":memory:")
  const connection = await instance.connect()
  const write = async (name: string, query: string): Promise<string> => {
    const file = join(folder, `${name}.parquet`)
    await connection.run(`copy (${query}) to ${literal(file)} (format parquet)`)
    return file
  }
  const real: Array<string> = []
  const names = (await readdir(corpus)).filter((name) => name.endsWith(".csv.gz")).toSorted()
  for (const name of names.slice(0, 20)) {
    const text = gunzipSync(await readFile(join(corpus, name))).toString("utf8")
    const lines = text.replaceAll('"', "").split(/[\r\n]+/)
    const csv = join(folder, `${name}.csv`)
    await writeFile(csv, `${lines.slice(1).join("\n")}\n`)
    const columns = `{dep: 'varchar', sexe: 'bigint', jour: 'date', ${figures.map((one) => `${one}: 'bigint'`).join(", ")}}`
    real.push(
      await write(
        name.slice(0, 10),
        `from read_csv(${literal(csv)}, delim = ';', header = false, auto_detect = false, columns = ${columns})`,
      ),
    )
  }
  const trapFiles: Array<string> = []
  for (const [index, query] of traps.entries()) trapFiles.push(await write(`trap-${index}`, query))
  connection.closeSync()
  instance.closeSync()
  return { real, traps: trapFiles }
}
