/**
 * What this project does, on this machine, without the internet: a replica of data.gouv.fr serves real files, `odh sync` brings them into a
 * lake and a DuckDB file, the portal moves to a later day, a second sync loads exactly what changed, and dbt makes marts of it.
 */
import { startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import { spawn } from "node:child_process"
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join, relative, resolve } from "node:path"
import { pilots } from "./pilots.ts"
import { findPythonEnvironment, makePythonEnvironment } from "./python-environment.ts"

const root = resolve(import.meta.dirname, "..")
const folder = join(root, ".demo")
const odh = join(root, "packages/opendatahub-sql/dist/odh.js")
const started = Date.now()

const title = (text: string): void => console.log(`\n\u001b[1m── ${text}\u001b[0m`)

const run = (args: ReadonlyArray<string>, quiet = false): Promise<string> =>
  new Promise((done, fail) => {
    if (!quiet) console.log(`$ odh ${args.map((arg) => (/[\s"']/.test(arg) ? `"${arg}"` : arg)).join(" ")}`)
    const child = spawn(process.execPath, [odh, ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", quiet ? "ignore" : "inherit"],
    })
    let output = ""
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString()
      if (!quiet) process.stdout.write(chunk)
    })
    child.on("error", fail)
    child.on("close", (code) =>
      code === 0 ? done(output) : fail(new Error(`odh ${args.join(" ")} ended with ${code}`)),
    )
  })

/** Folders and files of the lake; a folder with one entry shares its line; the work folder and the state are left out. */
const tree = async (path: string, indent = ""): Promise<void> => {
  const listed = async (at: string): Promise<ReadonlyArray<string>> =>
    (await readdir(at)).filter((name) => !name.startsWith("state.sqlite") && name !== "work").toSorted()
  const names = await listed(path)
  for (const [index, first] of names.entries()) {
    let full = join(path, first)
    let found = await stat(full)
    for (
      let only = found.isDirectory() ? await listed(full) : [];
      found.isDirectory() && only.length === 1;
      only = found.isDirectory() ? await listed(full) : []
    ) {
      full = join(full, only[0] ?? "")
      found = await stat(full)
    }
    const last = index === names.length - 1
    console.log(
      `${indent}${last ? "└ " : "├ "}${relative(path, full)}${found.isDirectory() ? "/" : `  ${found.size} bytes`}`,
    )
    if (found.isDirectory()) await tree(full, `${indent}${last ? "  " : "│ "}`)
  }
}

const config = (portal: string): string => `import { datagouv, defineConfig, duckdb } from "opendatahub-sql"

export default defineConfig({
  lake: "./lake",
  network: { allowPrivate: ["127.0.0.1"] }, // the replica; the real portal needs no such word
  sources: [datagouv({
    url: ${JSON.stringify(portal)},
    datasets: ${pilots},
  })],
  sinks: [duckdb({ path: "./warehouse.duckdb" })],
})
`

const questions: ReadonlyArray<readonly [string, string]> = [
  [
    "What did the hospital figures for COVID-19 say as published by 28 June 2020, and what do they say now?",
    `select 'published by 28 June' as state, count(*) as rows, max(jour) as last_day, sum(hosp) as days_in_hospital from as_of('hospitalisations', '2020-06-28', clock := 'published') where sexe = 0
     union all select 'now', count(*), max(jour), sum(hosp) from bronze.hospitalisations where sexe = 0`,
  ],
  [
    "Which departments have the most communes in 2026? (codes keep their zeros and letters)",
    `select dep, count(*) as communes, min(com) as first_code from bronze.communes where typecom = 'COM' group by dep order by communes desc limit 5`,
  ],
  [
    "Who holds the public contracts of the JSON file, with the amount? (a nested list, joined to its parent)",
    `select m.id, m.montant, t.* exclude (_row, _parent_id, _parent_row, _member, _extracted_at, _extraction_date, _dataset_id, _resource_id, _file_sha256, _load_id)
     from bronze.marches m join bronze.marches__titulaires t on t._parent_id = m._id order by m.id limit 5`,
  ],
]

/** What analysts ask of the star schema in `gold`. */
const martQuestions: ReadonlyArray<readonly [string, string]> = [
  [
    "Where is E10 cheapest, by département?",
    `select d.nom as departement, round(avg(prix_euros), 3) as prix_moyen, count(*) as stations
     from gold.fct_prix_carburant join gold.dim_station_service using (station_key) join gold.dim_departement d using (departement_key)
     join gold.dim_carburant c using (carburant_key) where c.nom = 'E10' group by d.nom having count(*) >= 20 order by prix_moyen limit 5`,
  ],
  [
    "How many people were in hospital for COVID-19, by region, on two days?",
    `select nom_region, sum(hospitalises) filter (where jour = '2020-04-15') as le_15_avril, sum(hospitalises) filter (where jour = '2020-06-15') as le_15_juin
     from gold.fct_hospitalisation join gold.dim_departement using (departement_key) where sexe = 0 group by nom_region order by le_15_avril desc limit 5`,
  ],
  [
    "Where are most burglaries recorded for 1,000 inhabitants in 2022?",
    `select d.nom as departement, round(1000.0 * sum(faits) / max(population), 2) as pour_mille
     from gold.fct_delinquance join gold.dim_departement d using (departement_key)
     where annee = 2022 and classe = 'Cambriolages de logement' group by d.nom order by pour_mille desc limit 5`,
  ],
]

/** Seeds and models; their tests are in the platform lane. */
const dbt = (program: string): Promise<void> =>
  new Promise((done, fail) => {
    console.log("$ dbt build --exclude-resource-type test --exclude-resource-type unit_test")
    const child = spawn(
      program,
      [
        "--no-use-colors",
        "--quiet",
        "build",
        "--exclude-resource-type",
        "test",
        "--exclude-resource-type",
        "unit_test",
      ],
      {
        cwd: join(root, "dbt"),
        env: { ...process.env, ODH_WAREHOUSE: join(folder, "warehouse.duckdb"), DBT_PROFILES_DIR: join(root, "dbt") },
        stdio: ["ignore", "inherit", "inherit"],
      },
    )
    child.on("error", fail)
    child.on("close", (code) => (code === 0 ? done() : fail(new Error(`dbt build ended with ${code}`))))
  })

await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
const portal = await startDatagouv({ files: join(root, "fixtures/corpus"), at: "2020-06-27" })
try {
  await writeFile(join(folder, "odh.config.ts"), config(portal.url))
  title(`A replica of data.gouv.fr answers at ${portal.url}, on 27 June 2020`)
  console.log(`configuration: ${join(relative(process.cwd(), folder), "odh.config.ts")}, thirteen datasets`)

  title("First sync: everything is new")
  await run(["sync"])

  title(
    "Three days later: new hospital figures (one file, in place), a replaced list of car-pooling places, the rest as before",
  )
  portal.moveTo("2020-06-30", "5e7e104ace2080d9162b61d8")
  const places = portal.datasets.find((dataset) => dataset.slug === "base-nationale-des-lieux-de-covoiturage")
    ?.resources[0]
  if (places === undefined) throw new Error("the replica lacks the car-pooling places")
  const before = await readFile(join(root, "fixtures/corpus/covoiturage-aires-latin1/csv_latin1.csv"))
  const lines = before.toString("latin1").split("\n")
  portal.replace(places.id, { bytes: Buffer.from([...lines.slice(0, 1), ...lines.slice(2)].join("\n"), "latin1") })
  await run(["sync"])

  title("The lake: every file as received, for ever")
  await tree(join(folder, "lake"))

  title("The tables")
  await run(["tables"])

  title("What could not be taken, with its raw text")
  await run(["rejects"])

  title("What each extraction changed")
  await run(["history", "covoiturage"])
  await run(["history", "hospitalisations", "--key", "dep,sexe,jour"])

  title("Three questions")
  for (const [question, sql] of questions) {
    console.log(`\n${question}`)
    await run(["query", sql.replaceAll(/\s+/g, " ")])
  }

  title("On to the marts: dbt writes silver and gold into the same file")
  const known = await findPythonEnvironment("dbt", "dbt/requirements.txt")
  if (known._tag === "Missing") console.log("dbt is installed into .venvs/dbt first, this once: a minute or two")
  const environment = await makePythonEnvironment("dbt", "dbt/requirements.txt")
  if (environment._tag === "Missing") console.log(`left out: ${environment.why}`)
  else {
    await run(["dbt", "generate", "--project", join(root, "dbt")], true)
    await dbt(join(environment.folder, "bin", "dbt"))
    for (const [question, sql] of martQuestions) {
      console.log(`\n${question}`)
      await run(["query", sql.replaceAll(/\s+/g, " ")])
    }
  }

  title("Is the lake what its records say?")
  await run(["lake", "verify"])

  const at = (name: string): string => relative(process.cwd(), join(folder, name)) || name
  title(`Done in ${((Date.now() - started) / 1000).toFixed(0)} s. Where everything is`)
  console.log(`lake           ${at("lake")}
warehouse      ${at("warehouse.duckdb")}   (a DuckDB file: tables in the schema bronze, ledger and rejects in odh)
configuration  ${at("odh.config.ts")}

Sync from the real data.gouv.fr:
  node packages/opendatahub-sql/dist/odh.js sync jours-feries-en-france`)
} finally {
  await portal.close()
}
