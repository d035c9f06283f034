/** `odh star` on the pilots: the joins of the star schema that was written by hand, and models that dbt builds. */
import { assert, describe, it } from "@effect/vitest"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { type DbtHub, dbtEnvironment, startDbtHub } from "../support/dbt-hub.ts"

/**
 * What the models of `gold` join, by the columns of bronze, seeds and ledger that they join on. `station_service` finds a département by the head of a
 * postal code, which is no join of columns.
 */
const writtenByHand = [
  "hospitalisations.dep → departements.code_departement",
  "hospitalisations.jour → dim_date.jour",
  "delinquance.code_departement → departements.code_departement",
  "communes.dep → departements.code_departement",
  "departements.code_region → regions.code_region",
  "prix_carburants__prix._parent_id → prix_carburants._id",
  "prix_carburants__prix.maj → dim_date.jour",
  "marches__titulaires._parent_id → marches._id",
  "marches.datenotification → dim_date.jour",
  "odh.load_tables.load_key → odh.loads.load_key",
  "odh.loads.dataset_id → slv_odh_dataset.dataset_id",
]

interface Suggested {
  readonly proposals: ReadonlyArray<{
    readonly number: number
    readonly kind: string
    readonly name: string
    readonly evidence: ReadonlyArray<string>
  }>
}

let hub: DbtHub | undefined
const theHub = (): DbtHub => hub ?? assert.fail("the hub did not start")

describe.skipIf(dbtEnvironment._tag === "Missing")("odh star", () => {
  beforeAll(async () => {
    hub = await startDbtHub({ at: "2020-06-30" })
  }, 600_000)
  afterAll(() => hub?.close())

  it("finds the joins of gold, with their evidence", async () => {
    const { proposals } = JSON.parse(await theHub().must("star", "suggest", "--json")) as Suggested
    const names = proposals.map(({ name }) => name)
    for (const join of writtenByHand) assert.include(names, join)
    const dimensions = proposals.filter(({ kind }) => kind === "dimension")
    // Fuels are a code and a name inside the prices; buyers and holders share SIRET numbers.
    for (const name of ["dim_departements", "dim_regions", "dim_prix_carburants__prix_id", "dim_etablissement"])
      assert.include(
        dimensions.map((one) => one.name),
        name,
      )
    const join = proposals.find(({ name }) => name === "communes_2014.dep → departements.code_departement")
    assert.match(join?.evidence[0] ?? "", /^101 of 101 values found \(100 %\)/)
    assert.deepStrictEqual(JSON.parse(await theHub().must("star", "suggest", "--json")), { proposals })
  }, 600_000)

  it("writes models and tests that build, by number and by name, and writes nothing twice", async () => {
    const { must, build, odh, ask, project } = theHub()
    const { proposals } = JSON.parse(await must("star", "suggest", "--json")) as Suggested
    const facts = proposals.filter(({ kind, name }) => kind === "fact" && name !== "fct_delinquance")
    assert.isAbove(facts.length, 5)
    await must(
      "star",
      "accept",
      String(proposals.find(({ name }) => name === "dim_etablissement")?.number),
      ...facts.map(({ name }) => name),
      "covoiturage.insee → communes.com",
    )
    const again = await odh("star", "accept", facts[0]?.name ?? "")
    assert.strictEqual(again.code, 64)
    assert.include(again.said, "in the project already")
    const output = await build()
    assert.include(output, "relationships_fct_hospitalisations_dep_key")
    assert.include(output, "covoiturage_insee_in_communes_com")
    const [row] = await ask(
      "select count(*) as rows, count(*) filter (nom is not null) as found from gold.fct_hospitalisations join gold.dim_departements d on dep_key = departements_key",
    )
    const [source] = await ask("select count(*) as rows, count(dep) as found from bronze.hospitalisations")
    assert.deepStrictEqual(row, source)
    assert.include(await readFile(join(project, "models/star/fct_hospitalisations.sql"), "utf8"), "yours to change")
  }, 600_000)
})
