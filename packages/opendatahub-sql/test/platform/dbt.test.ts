/** The dbt project on what the pipeline loads: generated, built, built again, grown, wrong data caught, and compiled for Snowflake. */
import { assert, describe, it } from "@effect/vitest"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterAll, beforeAll } from "vitest"
import { findPythonEnvironment } from "../../../../scripts/python-environment.ts"
import { type DbtHub, dbtEnvironment, run, startDbtHub } from "../support/dbt-hub.ts"
import { ask as askFile, corpus } from "../support/place.ts"

const hospital = "63352e38-d353-4b54-bfd1-f1b3ee1cabd7"

/** Datasets that no model was written for: seven of the replica, three made of real files to be unpleasant. */
const unseen = `
  { id: "code-officiel-geographique-parquet", into: "cog" },
  { id: "5448d3e0c751df01f85d0572", resources: { format: "csv" }, into: "irve" },
  { id: "contours-des-departements-francais", into: "contours" },
  { id: "communes-et-epci-du-tarn", into: "tarn" },
  { id: "plan-de-prevention-des-risques-technologiques-69", into: "pprt" },
  { id: "plan-local-durbanisme-30014", into: "plu" },
  { id: "indice-de-durabilite-lave-linge", into: "lave_linge" },
  { id: "communes-abimees", into: "communes_abimees" },
  { id: "schemas", into: "schemas" },
  { id: "marches-xml", into: "marches_xml" },`

/** Communes of Ain as a spreadsheet saves them: codes without their zero, columns called as SQL is written. */
const damagedCommunes = async (): Promise<string> => {
  const lines = (await readFile(join(corpus, "insee-cog-communes-2026/communes.csv"), "utf8")).split("\r\n")
  const rows = lines.map((line) => line.split(",")).filter(([kind, , , dep]) => kind === "COM" && dep === "01")
  return [
    "code_insee;Select;Order;Nom",
    ...rows.map((cells, index) => `${Number(cells[1])};${index};${index % 7};${cells[9]}`),
  ].join("\n")
}

const fill = (damaged: string) => (portal: Portal) => {
  for (const [slug, title, content] of [
    ["communes-abimees", 'Communes {{ config(enabled=false) }} d\'"Ain"', { bytes: damaged }],
    ["schemas", "Catalogue {% raw %} des schémas", { file: "api-schema-catalogue/schemas.json" }],
    ["marches-xml", "Un marché", { file: "decp-marches-json-xml/Marche.xml" }],
  ] as const)
    portal.add(
      dataset({
        slug,
        title,
        resources: [
          {
            title: slug === "schemas" ? `${slug}.json` : slug === "marches-xml" ? `${slug}.xml` : `${slug}.csv`,
            content,
          },
        ],
      }),
    )
}

let hub: DbtHub | undefined
const theHub = (): DbtHub => hub ?? assert.fail("the hub did not start")
let firstBuild = ""

describe.skipIf(dbtEnvironment._tag === "Missing")("dbt", () => {
  beforeAll(async () => {
    hub = await startDbtHub({ at: "2020-06-29", more: unseen, fill: fill(await damagedCommunes()) })
    firstBuild = await hub.build()
  }, 1_200_000)
  afterAll(() => hub?.close())

  it("builds ten datasets that no model was written for", async () => {
    const { ask, project } = theHub()
    for (const table of [
      "cog",
      "irve",
      "contours",
      "tarn",
      "plu",
      "lave_linge",
      "communes_abimees",
      "schemas",
      "marches_xml",
    ]) {
      const [counts] = await ask(
        `select (select count(*) from bronze.${table}) as bronze, (select count(*) from silver.slv_${table}) as silver`,
      )
      assert.strictEqual(counts?.["bronze"], counts?.["silver"], table)
    }
    assert.deepStrictEqual(
      await ask(
        "select table_name, column_name, code, repaired > 300 as many from silver.slv_odh_repair where table_name = 'communes_abimees'",
      ),
      [{ table_name: "communes_abimees", column_name: "code_insee", code: "commune", many: true }],
    )
    assert.deepStrictEqual(
      await ask(
        "select count(*) as n from silver.slv_communes_abimees a left join silver.slv_communes c on a.code_insee = c.com where c.com is null",
      ),
      [{ n: 0n }],
    )
    assert.include(await readFile(join(project, "models/generated/sources.yml"), "utf8"), "Catalogue {\u200b% raw")
  })

  it("says nothing that is deprecated, and keeps what every test said", async () => {
    assert.notMatch(firstBuild, /deprecat/i)
    const said = await theHub().ask("select status, count(*) as n from quality.test_results group by 1 order by 1")
    assert.isAbove(Number(said.find(({ status }) => status === "pass")?.["n"]), 250)
    assert.strictEqual(
      said.find(({ status }) => status === "fail"),
      undefined,
    )
  })

  it("built again changes nothing; generated again neither, and --check says so until a file is touched", async () => {
    const { build, goldHashes, odh, project } = theHub()
    const before = await goldHashes()
    await build("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    assert.deepStrictEqual(await goldHashes(), before)
    assert.strictEqual((await odh("dbt", "generate", "--check")).code, 0)
    const file = join(project, "models/generated/silver/slv_communes.sql")
    const text = await readFile(file, "utf8")
    await writeFile(file, `${text}-- by hand\n`)
    await writeFile(join(project, "models/generated/silver/slv_gone.sql"), text)
    const drift = await odh("dbt", "generate", "--check")
    assert.strictEqual(drift.code, 65)
    assert.include(drift.out, "changed: silver/slv_communes.sql")
    assert.include(drift.out, "orphan: silver/slv_gone.sql")
    await odh("dbt", "generate")
    assert.strictEqual(await readFile(file, "utf8"), text)
    assert.notInclude(await readdir(join(project, "models/generated/silver")), "slv_gone.sql")
  })

  it("after a new extraction builds only what depends on it, equal to a full refresh", async () => {
    const { ask, build, dbt, goldHashes, must, portal, project } = theHub()
    assert.strictEqual((await dbt("source", "freshness")).code, 0)
    await cp(join(project, "target"), join(project, "state"), { recursive: true })
    portal.moveTo("2020-06-30")
    await must("sync")
    assert.strictEqual((await dbt("source", "freshness")).code, 0)
    const output = await build("--select", "source_status:fresher+", "--state", "state")
    const built = [...output.matchAll(/OK created sql (?:incremental|table) model gold\.(\w+)/g)].map(
      ([, name]) => name,
    )
    assert.deepStrictEqual(built.toSorted(), ["fct_extraction", "fct_hospitalisation", "fct_load"])
    const grown = await goldHashes()
    await build("--full-refresh", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    assert.deepStrictEqual(await goldHashes(), grown)
    const current = await ask("select count(*) as n from silver.versions_hospitalisations where is_current")
    assert.deepStrictEqual(current, await ask("select count(*) as n from bronze.hospitalisations"))
  })

  it("reads bronze out of Parquet files just as well", async () => {
    const { ask, dbtWith, folder, python, warehouse } = theHub()
    const tables = join(folder, "tables")
    await mkdir(tables)
    const script = join(import.meta.dirname, "export_tables.py")
    const exported = await run(python, [script, warehouse, tables], { cwd: folder })
    assert.strictEqual(exported.code, 0, exported.output)
    const other = join(folder, "other.duckdb")
    const bronze = JSON.stringify({ odh_bronze: `read_parquet('${tables}/bronze.{table}.parquet')` })
    const { code, output } = await dbtWith({ ODH_WAREHOUSE: other })("run", "--select", "+dim_gare", "--vars", bronze)
    assert.strictEqual(code, 0, output.slice(-2_000))
    const hash = "select count(*) || ' ' || bit_xor(md5_number(to_json(x)::varchar)) as hash from gold.dim_gare x"
    assert.deepStrictEqual(await Effect.runPromise(askFile(other, hash)), await ask(hash))
  })

  it("gives the numbers that Python reads in the files", async () => {
    const numbers = await run("python3", [join(import.meta.dirname, "mart_numbers.py"), corpus], { cwd: corpus })
    const [answer] = await theHub().ask(
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

  it("catches planted defects, each by the test that names it, and the late dimension is found when it comes", async () => {
    const { ask, build, dbt, goldHashes, must, portal, project } = theHub()
    const text = gunzipSync(await readFile(join(corpus, "history-covid-hospit/2020-06-30.csv.gz"))).toString("utf8")
    const [head = "", first = "", second = "", ...rest] = text.trimEnd().split(/\r?\n/)
    // A column less (rad), a key twice, a code that is none, and two months where days should be.
    const without = (line: string): string => line.split(";").toSpliced(5, 1).join(";")
    const damaged = [head, first, first, second.replace(/^"[^"]*"/, '"9Z"'), ...rest]
      .map(without)
      .map((line, i) => (i === 10 || i === 20 ? line.replace(/"?(2020)-(\d\d)-(\d\d)"?/, '"$2/31/$1"') : line))
    portal.replace(hospital, { bytes: `${damaged.join("\n")}\n` })
    const seed = join(project, "seeds/departements.csv")
    const departements = await readFile(seed, "utf8")
    await writeFile(seed, departements.replace(/^976,.*\r?\n/m, ""))
    await must("sync")
    // A build would stop at the first failure.
    await build("--select", "departements", "--exclude-resource-type", "test")
    assert.strictEqual((await dbt("run", "--select", "departements+")).code, 0)
    const { output } = await dbt("test", "--select", "slv_hospitalisations", "fct_hospitalisation")
    assert.match(output, /FAIL \d+ unique_together_fct_hospitalisation_/, "duplicate key")
    assert.match(output, /WARN \d+ matches_form_slv_hospitalisations_dep/, "wrong code")
    assert.match(output, /WARN \d+ known_member_fct_hospitalisation_departement_key/, "late dimension")
    assert.match(output, /FAIL \d+ not_null_slv_hospitalisations_rad/, "removed column")
    assert.match(output, /FAIL \d+ not_null_slv_hospitalisations_jour/, "mixed dates")
    const unknown = () =>
      ask(
        "select distinct code_departement as code from gold.fct_hospitalisation where departement_key = md5('_odh_unknown_') order by 1",
      )
    const codes = async () => (await unknown()).map(({ code }) => code)
    assert.includeMembers(await codes(), ["976", "9Z"])
    await writeFile(seed, departements)
    await build("--select", "departements+", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    assert.notInclude(await codes(), "976")
    assert.include(await codes(), "9Z")

    portal.replace(hospital, { bytes: text })
    await must("sync")
    await build("--select", "departements+", "slv_hospitalisations+")
    // The wrong rows are closed, not lost.
    const [closed] = await ask(
      "select count(*) > 0 as wrong from silver.versions_hospitalisations where dep = '9Z' and valid_to > valid_from",
    )
    assert.deepStrictEqual(closed, { wrong: true })
    const healed = await goldHashes()
    await build(
      "--full-refresh",
      "--select",
      "departements+",
      "--exclude-resource-type",
      "test",
      "--exclude-resource-type",
      "unit_test",
    )
    assert.deepStrictEqual(await goldHashes(), healed)
  })

  it("draws its documentation, whose bus matrix is what the models refer to", async () => {
    const { dbt, project } = theHub()
    const { code, output } = await dbt("docs", "generate", "--static")
    assert.strictEqual(code, 0, output.slice(-2_000))
    assert.isTrue((await readdir(join(project, "target"))).includes("static_index.html"))
    const manifest = JSON.parse(await readFile(join(project, "target/manifest.json"), "utf8")) as {
      readonly nodes: Readonly<
        Record<
          string,
          {
            readonly name: string
            readonly attached_node?: string
            readonly depends_on: { readonly nodes?: ReadonlyArray<string> }
          }
        >
      >
    }
    const page = await readFile(join(project, "models/gold/overview.md"), "utf8")
    const table = page
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").map((cell) => cell.trim()))
    const [dimensions = [], , ...facts] = table
    for (const [, fact = "", ...cells] of facts) {
      const related = Object.values(manifest.nodes).filter(
        ({ name, attached_node }) => name.startsWith("relationships_") && attached_node === `model.opendatahub.${fact}`,
      )
      const named = new Set(
        related.flatMap(({ depends_on }) => (depends_on.nodes ?? []).map((node) => node.split(".").at(-1) ?? "")),
      )
      const marked = dimensions.slice(2).filter((dimension, i) => dimension !== "" && cells[i] === "×")
      assert.deepStrictEqual([...named].filter((name) => name.startsWith("dim_")).toSorted(), marked.toSorted(), fact)
    }
  })

  it("compiles for Snowflake without an account, full and incremental, into SQL of that dialect", async () => {
    const { dbt, project, python } = theHub()
    for (const how of ["full", "incremental"]) {
      await rm(join(project, "target/compiled"), { recursive: true, force: true })
      const { code, output } = await dbt(
        "compile",
        "--no-introspect",
        "--no-populate-cache",
        "--target",
        "snowflake",
        "--vars",
        `{odh_offline: ${how}}`,
      )
      assert.strictEqual(code, 0, output.slice(-3_000))
      const parsed = await run(
        python,
        [
          "-c",
          `import pathlib, sqlglot
files = [file for file in pathlib.Path("target/compiled/opendatahub/models").rglob("*.sql")]
for file in files: sqlglot.parse_one(file.read_text(), dialect="snowflake", error_level=sqlglot.ErrorLevel.RAISE)
print(len(files))`,
        ],
        { cwd: project },
      )
      assert.strictEqual(parsed.code, 0, parsed.output)
      assert.isAbove(Number(parsed.output), 40)
    }
    const fakesnow = await findPythonEnvironment("fakesnow", "dbt/fakesnow/requirements.txt")
    if (fakesnow._tag === "Missing") return console.log(`sqlfluff was not asked: ${fakesnow.why}`)
    const strict = await run(
      join(fakesnow.folder, "bin", "sqlfluff"),
      ["parse", "--dialect", "snowflake", "--format", "none", "target/compiled/opendatahub/models/gold"],
      { cwd: project },
    )
    assert.strictEqual(strict.code, 0, strict.output.slice(-2_000))
  })
})
