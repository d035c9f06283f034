import { assert, describe, it } from "@effect/vitest"
import { dateInText, logicalId, newestFirst } from "../../src/selection/edition.ts"
import { candidate, resourcesOf } from "../recorded.ts"

describe("the date that a title tells", () => {
  it.each([
    ["vacsi-tot-s-dep-2023-07-13-15h51.csv", "2023-07-13"],
    ["Sirene : Fichier StockUniteLegale du 01 Juillet 2024", "2024-07-01"],
    ["Arrêté du 1er août 2023", "2023-08-01"],
    ["Valeurs foncières 2022", "2022"],
    ["irve-mairie-de-montluel-20211011.csv", "2021-10-11"],
    ["export-dataservice-20250407-061526.csv", "2025-04-07"],
    ["export-20250407061526.csv", "2025-04-07"],
    ["Comptes 2019-2021", "2021"],
    ["Décembre 2020, corrigé le 12/01/2021", "2021-01-12"],
    ["situation_03-2024", "2024-03"],
    ["stock 010724", undefined],
    ["StockEtablissement_utf8.zip", undefined],
    ["vfe-public-176900009", undefined],
  ])("%s: %s", (title, date) => assert.strictEqual(dateInText(title), date))
})

const resource = (id: string, title: string, created_at: string | null, last_modified: string | null = null) =>
  candidate({
    id,
    title,
    url: `https://static.data.gouv.fr/resources/x/20240101-000000/${id}.csv`,
    created_at,
    last_modified,
  })
const order = (...resources: ReadonlyArray<ReturnType<typeof resource>>) =>
  newestFirst(resources).map(({ answer }) => answer.id)

describe("the newest resource", () => {
  it("is the edition that the titles tell, though an older one was corrected last", () => {
    const editions = resourcesOf("demandes-de-valeurs-foncieres").filter(({ answer }) => answer.type === "main")
    const corrected = editions.toSorted(
      (a, b) => Date.parse(b.answer.last_modified ?? "") - Date.parse(a.answer.last_modified ?? ""),
    )[0]
    assert.strictEqual(corrected?.answer.title, "Valeurs foncières 2022")
    assert.strictEqual(newestFirst(editions)[0]?.answer.title, "Valeurs foncières 2023")
  })

  it("is the one created last when not every title tells a date", () => {
    assert.deepStrictEqual(
      order(resource("a", "Lieux 2023", "2020-01-01T00:00:00"), resource("b", "Lieux", "2021-01-01T00:00:00+00:00")),
      ["b", "a"],
    )
  })

  it("is, created at the same time, the one modified last, then the one that the portal lists first", () => {
    const day = "2020-01-01T00:00:00+00:00"
    assert.deepStrictEqual(
      order(resource("a", "x", day, "2020-01-02T00:00:00"), resource("b", "x", day, "2020-01-03T00:00:00.123")),
      ["b", "a"],
    )
    assert.deepStrictEqual(order(resource("a", "x", null, "hier"), resource("b", "x", null, null)), ["a", "b"])
  })
})

describe("the logical id", () => {
  it("depends on the dataset and the rule, however the rule is written", () => {
    assert.strictEqual(logicalId("d", { title: "*covid*", newest: 1 }), logicalId("d", { newest: 1, title: "*covid*" }))
    assert.notStrictEqual(
      logicalId("d", { title: "*covid*", newest: 1 }),
      logicalId("e", { title: "*covid*", newest: 1 }),
    )
    assert.notStrictEqual(logicalId("d", { title: "a", newest: 1 }), logicalId("d", { title: "b", newest: 1 }))
    assert.match(logicalId("d", { newest: 1 }), /^newest-[0-9a-f]{16}$/)
  })
})
