/** An incremental fact of ten million rows: dbt against the same SQL, run directly by the same DuckDB. */
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import { findPythonEnvironment } from "../../scripts/python-environment.ts"
import { askOne } from "../measure/duckdb.ts"
import { interleave, median, ratioOf } from "../measure/pairs.ts"
import { measure } from "../measure/usage.ts"
import type { Outcome, Setting } from "../outcome.ts"

const benchmark = "dbt"
const ROWS = 10_000_000
const project = join(import.meta.dirname, "../../dbt")
const MODEL = "fct_hospitalisation"

const write = async (path: string, statements: ReadonlyArray<string>): Promise<void> => {
  const instance = await DuckDBInstance.create(path, { threads: "2", memory_limit: "1GB" })
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
}

const lines = (load: string, from: number, to: number): string =>
  `select '${load}' as _load_id, range as _row, lpad((range % 96)::varchar, 2, '0') as dep, range % 3 as sexe, date '2020-01-01' + (range // 300)::integer as jour,
     (hash(range) % 1000)::bigint as hosp, (hash(range, 1) % 1000)::bigint as rea, (hash(range, 2) % 1000)::bigint as rad, (hash(range, 3) % 1000)::bigint as dc from range(${from}, ${to})`

/** Of the project, what the fact needs; bronze is a table of generated lines. */
const prepare = async (folder: string): Promise<string> => {
  const to = join(folder, "project")
  const kept =
    /dbt(\/(dbt_project\.yml|profiles\.yml|macros.*|seeds.*|models(\/gold(\/(fct_hospitalisation|dim_departement|dim_region)\.sql)?)?))?$/
  await cp(project, to, { recursive: true, filter: (path) => kept.test(path) })
  const gold = await readFile(join(project, "models/gold/_gold.yml"), "utf8")
  const models = gold.slice(0, gold.indexOf("\nexposures:")).split(/^(?= {2}- name: )/m)
  const needed = models.filter((text) =>
    /^version|^ {2}- name: (fct_hospitalisation|dim_departement|dim_region)\n/.test(text),
  )
  await writeFile(
    join(to, "models/gold/_gold.yml"),
    needed.join("").replaceAll(/\n +- relationships: .*dim_date.*/g, ""),
  )
  await mkdir(join(to, "models/silver"))
  await writeFile(join(to, "models/silver/slv_hospitalisations.sql"), "select * from bronze.hospitalisations")
  return to
}

/** The fact after a run, as one text: rows, and what they hold. */
const contents = async (database: string, table: string): Promise<string> =>
  String(
    (
      await askOne(
        `select count(*) || ' ' || sum(hash(jour, departement_key, code_departement, sexe, hospitalises, en_reanimation, retours_a_domicile, deces, load_id, ligne)::hugeint) as contents from ${table}`,
        database,
      )
    )["contents"],
  )

export const dbtFact = async ({ folder, pairs, note }: Setting): Promise<ReadonlyArray<Outcome>> => {
  const subject = `a fact of ${ROWS} rows`
  const environment = await findPythonEnvironment("dbt", "dbt/requirements.txt")
  if (environment._tag === "Missing")
    return [{ benchmark, subject, pairs: [], runs: [], promises: [], problems: [environment.why] }]
  const inProject = await prepare(folder)
  const database = join(folder, "run.duckdb")
  const dbt = (...args: ReadonlyArray<string>): ReadonlyArray<string> => [
    "env",
    `ODH_WAREHOUSE=${database}`,
    `DBT_PROFILES_DIR=${inProject}`,
    join(environment.folder, "bin", "dbt"),
    "--quiet",
    ...args,
  ]
  const base = { first: join(folder, "first.duckdb"), second: join(folder, "second.duckdb") }

  note("dbt: ten million lines")
  await write(base.first, [`create schema bronze`, `create table bronze.hospitalisations as ${lines("a", 0, ROWS)}`])
  await copyFile(base.first, database)
  await measure(dbt("build", "--exclude", MODEL, "slv_hospitalisations"), inProject).catch(() => undefined)
  await measure(dbt("run", "--select", "slv_hospitalisations"), inProject)
  await copyFile(database, base.first)
  await measure(dbt("run", "--select", MODEL), inProject)
  await copyFile(database, base.second)
  // One line of a hundred is gone, as many are new.
  await write(base.second, [
    "delete from bronze.hospitalisations where _row % 100 = 7",
    `insert into bronze.hospitalisations ${lines("b", ROWS, ROWS + ROWS / 100)}`,
  ])

  /** What dbt uses before it sends a statement: it compiles the same model and ends. */
  const starts: Array<number> = []
  const compiled = async (how: "full" | "incremental"): Promise<string> => {
    const { cpu } = await measure(dbt("compile", "--select", MODEL, "--vars", `{odh_offline: ${how}}`), inProject)
    starts.push(cpu)
    return readFile(join(inProject, `target/compiled/opendatahub/models/gold/${MODEL}.sql`), "utf8")
  }
  const fact = "gold.fct_hospitalisation"
  const statements = {
    first: `create table ${fact} as ${await compiled("full")}`,
    second: `delete from ${fact} where not exists (select 1 from bronze.hospitalisations as kept where kept._load_id = ${fact}.load_id and kept._row = ${fact}.ligne)
       or (departement_key = md5('_odh_unknown_') and code_departement in (select code_departement from gold.dim_departement));
insert into ${fact} ${await compiled("incremental")}`,
  }

  const outcomes: Array<Outcome> = []
  for (const [step, what] of [
    ["first", "all rows"],
    ["second", "one line of a hundred new, one gone"],
  ] as const) {
    const sql = join(folder, `${step}.sql`)
    await writeFile(sql, statements[step])
    const results = new Set<string>()
    const run = await interleave(
      pairs,
      async () => {
        await copyFile(base[step], database)
        const used = await measure(dbt("run", "--select", MODEL), inProject)
        results.add(await contents(database, fact))
        return used
      },
      async () => {
        await copyFile(base[step], database)
        const used = await measure([environment.python, join(import.meta.dirname, "direct.py"), database, sql])
        results.add(await contents(database, fact))
        return used
      },
    )
    const start = median(starts)
    note(
      `dbt, ${what}: the whole command ${ratioOf(run, ({ cpu }) => cpu).toFixed(2)} x the CPU, ${start.toFixed(1)} s of it to start`,
    )
    outcomes.push({
      benchmark,
      subject: `${subject}: ${what}`,
      pairs: run,
      runs: [],
      promises: [
        {
          what: "CPU of the same SQL, without dbt's start",
          value: median(run.map(({ ours, reference }) => (ours.cpu - start) / reference.cpu)),
          limit: 1.3,
          unit: "x",
        },
      ],
      problems: results.size === 1 ? [] : [`the results differ: ${[...results].join(", ")}`],
    })
  }
  return outcomes
}
