/**
 * What this project does, on this machine, without the internet: a replica of data.gouv.fr serves real files, `odh sync` brings them into a
 * lake and a DuckDB file, the portal moves to a later day, and a second sync loads exactly what changed.
 */
import { startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import { spawn } from "node:child_process"
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join, relative, resolve } from "node:path"

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
    datasets: [
      { id: "5b3cc551c751df4822526c1c", resources: { format: "csv" }, into: "jours_feries" },
      { id: "5e7e104ace2080d9162b61d8", into: "hospitalisations" },
      { id: "53698f4ca3a729239d2036df", into: "accidents_lieux" },
      { id: "621df2954fa5a3b5a023e23c", into: "delinquance" },
      { id: "code-officiel-geographique-cog", resources: { title: "communes*" }, into: "communes" },
      { id: "communes-simplifie-2014", into: "communes_2014" },
      { id: "5cd57bf68b4c4179299eb0e9", resources: { format: "json" }, into: "marches" },
      { id: "base-nationale-des-lieux-de-covoiturage", into: "covoiturage" },
      { id: "reseaux-de-transports-en-commun-de-la-metropole-daix-marseille-provence", into: "gtfs_frioul" },
      { id: "velib-velos-et-bornes-disponibilite-temps-reel", into: "velib" },
      { id: "liste-des-gares", into: "gares" },
      { id: "base-officielle-des-codes-postaux", into: "codes_postaux" },
    ],
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

await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
const portal = await startDatagouv({ files: join(root, "fixtures/corpus"), at: "2020-06-27" })
try {
  await writeFile(join(folder, "odh.config.ts"), config(portal.url))
  title(`A replica of data.gouv.fr answers at ${portal.url}, on 27 June 2020`)
  console.log(`configuration: ${join(relative(process.cwd(), folder), "odh.config.ts")}, twelve datasets`)

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
