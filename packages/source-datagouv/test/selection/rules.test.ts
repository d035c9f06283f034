import { assert, describe, it } from "@effect/vitest"
import type { ResourceRules } from "../../src/options.ts"
import { offered, select } from "../../src/selection/rules.ts"
import { candidate, recordedDatasets, resourcesOf } from "../recorded.ts"

const titles = (slug: string, rules?: ResourceRules) =>
  select("d", [{ rules }], resourcesOf(slug)).selected.map(({ primary }) => primary.answer.title ?? "")
const file = (name: string, fields: Record<string, string | null> = {}) =>
  candidate({
    id: name,
    title: name,
    url: `https://static.data.gouv.fr/resources/x/20240101-000000/${name}`,
    type: "main",
    format: name.split(".").at(-1) ?? null,
    ...fields,
  })

const SIRENE = "base-sirene-des-entreprises-et-de-leurs-etablissements-siren-siret"
const BAROMETER = "barometre-des-resultats-de-laction-publique"
const DVF = "demandes-de-valeurs-foncieres"

describe("without rules", () => {
  it("takes the main files with rows of each recorded dataset, and no page, document or image", () => {
    const counts = Object.fromEntries(
      recordedDatasets.map(({ dataset }) => [dataset.slug, titles(dataset.slug).length]),
    )
    assert.deepStrictEqual(counts, {
      [BAROMETER]: 13,
      [SIRENE]: 6,
      "donnees-relatives-aux-personnes-vaccinees-contre-la-covid-19-1": 27,
      [DVF]: 5,
      "logements-sociaux-et-bailleurs-par-region": 2,
      "base-adresse-locale-de-la-commune-de-garein": 2,
      "cuisses-de-grenouille-et-escargots-frogs-legs-and-snails": 1,
      // Its files are declared `other`.
      "marches-publics-de-la-metropole-de-lyon": 0,
      "defibrillateurs-presents-sur-la-commune-de-sixt-sur-aff-en-2018": 1,
      // Pages only.
      "dpe-logements-avant-juillet-2021": 0,
      "mairie-de-montluel-borne-de-recharge-pour-vehicules-electriques": 1,
      "vehicules-a-faibles-et-a-tres-faibles-emissions-de-la-prefecture-de-region-auvergne-rhones-alpes": 1,
      "base-adresse-nationale": 0,
      "reseau-de-transport-en-commun-transagglo-de-dlva": 1,
      "nombre-de-personnes-rickrollees-sur-data-gouv-fr": 1,
    })
  })

  it.each([
    ["a format nobody knows", { format: "netcdf", mime: null }, false],
    ["no format, a known media type", { format: null, mime: "text/csv;charset=utf-8" }, true],
    ["a media type in the place of the format", { format: "application/json", mime: null }, true],
    ["a double extension", { format: "csv.gz", mime: null }, true],
    ["capitals and a dot", { format: ".CSV", mime: null }, true],
    [
      "no declaration, a title with an extension",
      { format: null, mime: null, url: "https://example.org/download?id=3", title: "Communes.XLSX" },
      true,
    ],
    ["a page with the URL of a file", { format: "page web", url: "https://example.org/communes.csv" }, false],
    [
      "octet-stream and the URL of an image",
      { format: null, mime: "application/octet-stream", url: "https://example.org/plan.png", title: "Plan" },
      false,
    ],
  ])("judges %s", (_, fields, taken) => {
    assert.strictEqual(select("d", [{}], [file("x.bin", fields)]).selected.length === 1, taken)
  })
})

describe("rules", () => {
  it.each<[string, string, ResourceRules, number]>([
    ["one format", BAROMETER, { format: "csv" }, 6],
    ["any of several formats", BAROMETER, { format: ["csv", "xlsx"] }, 7],
    ["a title and a format", BAROMETER, { title: "*synthese*", format: "json" }, 3],
    ["an exclusion", BAROMETER, { format: "csv", exclude: { title: ["*regional*", "*national*"] } }, 2],
    ["another type", SIRENE, { type: "documentation", format: "csv" }, 6],
    ["documentation without a format leaves the PDF out", SIRENE, { type: "documentation" }, 6],
    ["PDF when it is asked for", SIRENE, { type: "documentation", format: "pdf" }, 6],
    ["every type", "marches-publics-de-la-metropole-de-lyon", { type: "*" }, 3],
    ["a media type", BAROMETER, { type: "*", mime: "text/csv" }, 6],
    ["a regular expression", DVF, { title: "re:20(19|20)$" }, 2],
    ["nothing that matches", DVF, { title: "communes*" }, 0],
  ])("take %s", (_, slug, rules, count) => assert.strictEqual(titles(slug, rules).length, count))

  it("take a resource by its id whatever its type and format", () => {
    const pdf = resourcesOf(DVF).find(({ answer }) => answer.type === "documentation")
    assert.deepStrictEqual(titles(DVF, { id: pdf?.answer.id ?? "" }), [pdf?.answer.title])
  })

  it("take by declared schema, and nothing that declares none", () => {
    const irve = candidate({
      id: "a",
      url: "https://example.org/a.csv",
      format: "csv",
      schema: { name: "etalab/schema-irve-statique", version: "2.3.1" },
    })
    const none = candidate({ id: "b", url: "https://example.org/b.csv", format: "csv", schema: null })
    for (const schema of ["etalab/schema-irve*", "*"]) {
      assert.deepStrictEqual(
        select("d", [{ rules: { schema } }], [irve, none]).selected.map(({ id }) => id),
        ["a"],
      )
    }
  })

  it("keep the newest, under an id that outlives it", () => {
    const rules = { title: "valeurs foncieres*", newest: 1 }
    const [before] = select("d", [{ rules }], resourcesOf(DVF)).selected
    const next = candidate({
      id: "new",
      title: "Valeurs foncières 2024",
      url: "https://example.org/2024.txt",
      format: "txt",
    })
    const [after] = select("d", [{ rules }], [next, ...resourcesOf(DVF)]).selected
    assert.strictEqual(before?.primary.answer.title, "Valeurs foncières 2023")
    assert.strictEqual(after?.primary.answer.id, "new")
    assert.strictEqual(after?.id, before?.id)
  })

  it("keep portal ids when they keep more than one", () => {
    const two = select("d", [{ rules: { title: "valeurs*", newest: 2 } }], resourcesOf(DVF)).selected
    assert.deepStrictEqual(
      two.map(({ primary }) => primary.answer.title),
      ["Valeurs foncières 2023", "Valeurs foncières 2022"],
    )
    assert.deepStrictEqual(
      two.map(({ id }) => id),
      two.map(({ primary }) => primary.answer.id),
    )
  })

  it("give a resource that two entries want to the first, and count what each matched", () => {
    const entries = [
      { rules: { title: "*2023" }, into: "last" },
      { rules: { title: "valeurs*" }, into: "all" },
    ]
    const { selected, counts } = select("d", entries, resourcesOf(DVF))
    assert.deepStrictEqual(
      selected.map(({ into }) => into),
      ["last", "all", "all", "all", "all"],
    )
    assert.deepStrictEqual(counts, [1, 5])
  })
})

describe("a loose shapefile", () => {
  const parts = [
    "ZONE_URBA.shp",
    "zone_urba.dbf",
    "ZONE_URBA.shx",
    "ZONE_URBA.prj",
    "ZONE_URBA.cpg",
    "PRESCRIPTION.dbf",
  ].map((name) => file(name))

  it("is one resource with its siblings, though a rule names the .shp alone", () => {
    for (const rules of [undefined, { format: "shp" }, { title: "zone*" }]) {
      const { selected } = select("d", [{ rules }], parts)
      assert.deepStrictEqual(
        selected.map(({ primary, siblings }) => [primary.answer.id, siblings.map(({ answer }) => answer.id)]),
        [["ZONE_URBA.shp", ["zone_urba.dbf", "ZONE_URBA.shx", "ZONE_URBA.prj", "ZONE_URBA.cpg"]]],
      )
    }
  })

  it("takes, of two parts with one name, the one created with it", () => {
    const [shp, old, own] = [
      file("a.shp", { created_at: "2024-05-01T10:00:00+00:00" }),
      file("a.dbf", { id: "old", created_at: "2020-01-01T00:00:00+00:00" }),
      file("a.dbf", { id: "own", created_at: "2024-05-01T10:00:09+00:00" }),
    ]
    assert.deepStrictEqual(
      select("d", [{}], [shp, old, own]).selected[0]?.siblings.map(({ answer }) => answer.id),
      ["own"],
    )
  })
})

describe("what is offered instead", () => {
  it("lists the first ten titles with their formats", () => {
    const text = offered(resourcesOf(SIRENE))
    assert.match(text, /^it has 18 resource\(s\): ".*" \(documentation, csv\), /)
    assert.strictEqual(text.split('", "').length <= 10, true)
    assert.strictEqual(text.endsWith(", …"), true)
    assert.strictEqual(offered([]), "it has no resource")
  })
})
