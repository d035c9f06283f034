/** The dbt project on what the pipeline loads: generated, built, built again, wrong data caught, and compiled for Snowflake. */
import { assert, describe, it } from "@effect/vitest"
import { startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { pilots } from "../../../../scripts/pilots.ts"
import { findPythonEnvironment } from "../../../../scripts/python-environment.ts"
import { odh, writeConfig } from "../support/command.ts"
import { ask, corpus } from "../support/place.ts"

const environment = await findPythonEnvironment("dbt", "dbt/requirements.txt")
if (environment._tag === "Missing") console.log(`skipped: ${environment.why}`)
const bin = environment._tag === "Ready" ? join(environment.folder, "bin") : ""
const root = new URL("../../../../", import.meta.url).pathname

let folder = ""
let warehouse = ""
let project = ""

interface Ran {
  readonly code: number
  readonly output: string
}

const run = (program: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { cwd: project, env: { ...process.env, ...env }, maxBuffer: 2 ** 28 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    )
  })

const dbt = (...args: ReadonlyArray<string>): Promise<Ran> =>
  run(join(bin, "dbt"), ["--no-use-colors", ...args], { ODH_WAREHOUSE: warehouse, DBT_PROFILES_DIR: project })

const inHub = async (...args: ReadonlyArray<string>) => {
  const ended = await Effect.runPromise(odh(args, { cwd: folder }))
  return { ...ended, said: `${ended.out}\n${ended.err}` }
}

/** Every table of gold, as one hash each. */
const goldHashes = async () => {
  const tables = await Effect.runPromise(
    ask(warehouse, "select table_name as t from duckdb_tables() where schema_name = 'gold' order by 1"),
  )
  const hashes: Record<string, unknown> = {}
  for (const { t } of tables) {
    const [row] = await Effect.runPromise(
      ask(
        warehouse,
        `select count(*) || ' ' || bit_xor(md5_number(to_json(x)::varchar)) as hash from gold.${String(t)} x`,
      ),
    )
    hashes[String(t)] = row?.["hash"]
  }
  return hashes
}

describe.skipIf(environment._tag === "Missing")("dbt", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "odh-dbt-"))
    warehouse = join(folder, "data", "warehouse.duckdb")
    project = join(folder, "dbt")
    await cp(join(root, "dbt"), project, {
      recursive: true,
      filter: (path) => !/dbt\/(target|logs|models\/generated)/.test(path),
    })
    const portal = await startDatagouv({ files: corpus, at: "2020-06-30" })
    try {
      await Effect.runPromise(
        writeConfig(
          folder,
          portal.url,
          `{ network: { allowPrivate: ["127.0.0.1"] }, sources: [datagouv({ url: portal, datasets: ${pilots} })], sinks: [duckdb({ path: "./data/warehouse.duckdb" })] }`,
        ),
      )
      const { code, said } = await inHub("sync")
      assert.strictEqual(code, 0, said)
    } finally {
      await portal.close()
    }
    const generated = await inHub("dbt", "generate")
    assert.strictEqual(generated.code, 0, generated.said)
    const built = await dbt("build")
    assert.strictEqual(built.code, 0, built.output.slice(-4_000))
  }, 600_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it("gives the numbers that Python reads in the files", async () => {
    const numbers = await run("python3", [join(import.meta.dirname, "mart_numbers.py"), corpus])
    const [answer] = await Effect.runPromise(
      ask(
        warehouse,
        `select
          (select count(*) from gold.dim_commune where est_actuelle and code_commune <> '?') as "communes",
          (select count(*) from gold.dim_commune where est_actuelle and code_departement in ('2A', '2B')) as "communes of Corsica",
          (select sum(hospitalises)::bigint from gold.fct_hospitalisation where sexe = 0 and jour = '2020-06-15') as "in hospital on 15 June",
          (select sum(deces)::bigint from gold.fct_hospitalisation join gold.dim_departement using (departement_key)
           where sexe = 0 and jour = '2020-06-15' and nom = 'Paris') as "deaths by 15 June in Paris",
          (select sum(faits)::bigint from gold.fct_delinquance where annee = 2022 and classe = 'Cambriolages de logement') as "burglaries of 2022",
          (select sum(faits)::bigint from gold.fct_delinquance) as "offences of all years",
          (select count(*) from gold.dim_station_service where code_station <> -1) as "stations",
          (select count(*) from gold.fct_prix_carburant) as "prices",
          (select sum(prix_euros) from gold.fct_prix_carburant join gold.dim_carburant using (carburant_key) where nom = 'SP98') as "sum of SP98",
          (select count(*) from gold.fct_accident_lieu where categorie_route = 4) as "places of accidents on communal roads"`,
      ),
    )
    const plain = (value: unknown) =>
      String(value)
        .replace(/(\.\d*?)0+$/, "$1")
        .replace(/\.$/, "")
    const texts = (values: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)]))
    assert.deepStrictEqual(
      texts(answer ?? {}),
      texts(JSON.parse(numbers.output) as Readonly<Record<string, unknown>>),
      numbers.output,
    )
  })

  it("built again changes nothing; generated again neither, and --check says so until a file is touched", async () => {
    const before = await goldHashes()
    const again = await dbt("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    assert.strictEqual(again.code, 0, again.output.slice(-4_000))
    assert.deepStrictEqual(await goldHashes(), before)
    assert.strictEqual((await inHub("dbt", "generate", "--check")).code, 0)
    const file = join(project, "models/generated/silver/slv_communes.sql")
    const text = await readFile(file, "utf8")
    await writeFile(file, `${text}-- by hand\n`)
    await writeFile(join(project, "models/generated/silver/slv_gone.sql"), text)
    const drift = await inHub("dbt", "generate", "--check")
    assert.strictEqual(drift.code, 65)
    assert.include(drift.out, "changed: silver/slv_communes.sql")
    assert.include(drift.out, "orphan: silver/slv_gone.sql")
    await inHub("dbt", "generate")
    assert.strictEqual(await readFile(file, "utf8"), text)
    assert.notInclude(await readdir(join(project, "models/generated/silver")), "slv_gone.sql")
  }, 600_000)

  it("catches planted defects, each by the test that names it", async () => {
    const seed = join(project, "seeds/departements.csv")
    const text = await readFile(seed, "utf8")
    await writeFile(seed, `${text.trimEnd()}\n75,11,Paris\n99,77,Nulle part\n`)
    const { code, output } = await dbt("build", "--select", "departements", "regions")
    await writeFile(seed, text)
    assert.notStrictEqual(code, 0)
    assert.match(output, /FAIL 1 unique_departements_code_departement/)
    assert.match(output, /FAIL 1 relationships_departements_code_region/)
    const restored = await dbt("build", "--select", "departements", "regions")
    assert.strictEqual(restored.code, 0, restored.output.slice(-2_000))
  }, 600_000)

  it("compiles for Snowflake without an account, into SQL of that dialect", async () => {
    const { code, output } = await run(
      join(bin, "dbt"),
      [
        "--no-use-colors",
        "compile",
        "--no-introspect",
        "--no-populate-cache",
        "--target",
        "snowflake",
        "--vars",
        "{odh_offline: full}",
      ],
      { DBT_PROFILES_DIR: project },
    )
    assert.strictEqual(code, 0, output.slice(-3_000))
    const parsed = await run(join(bin, "python"), [
      "-c",
      `import pathlib, sqlglot
files = [file for file in pathlib.Path("target/compiled/opendatahub/models").rglob("*.sql")]
for file in files: sqlglot.parse_one(file.read_text(), dialect="snowflake", error_level=sqlglot.ErrorLevel.RAISE)
print(len(files))`,
    ])
    assert.strictEqual(parsed.code, 0, parsed.output)
    assert.isAbove(Number(parsed.output), 40)
  }, 600_000)
})
