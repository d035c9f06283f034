import { assert, describe, it } from "@effect/vitest"
import { packItems, proposeTables, type Resource } from "@opendatahub-sql/core"
import * as fc from "fast-check"
import { aResource } from "./a-resource.ts"

const MB = 1024 * 1024
const sized = (id: string, size?: number): Resource => aResource({ id, ...(size === undefined ? {} : { size }) })

describe("work items", () => {
  it("put large files alone and small ones together, 32 at most", () => {
    const small = Array.from({ length: 40 }, (_, n) => sized(`s${n}`, 10))
    const items = packItems("datagouv", [sized("large", 65 * MB), ...small, sized("larger", 3_000 * MB)])
    assert.deepStrictEqual(
      items.map((item) => item.resources.length).toSorted((a, b) => b - a),
      [32, 8, 1, 1],
    )
    assert.isTrue(items.every((item) => item.schemaVersion === 1 && item.source === "datagouv"))
  })

  it("hold every resource once, whatever the sizes", () => {
    const sizes = fc.array(fc.option(fc.constantFrom(0, 1, 64 * MB, 64 * MB + 1, 500 * MB), { nil: undefined }), {
      maxLength: 120,
    })
    fc.assert(
      fc.property(sizes, (all) => {
        const resources = all.map((size, index) => sized(`r${index}`, size))
        const items = packItems("datagouv", resources)
        assert.sameMembers(
          items.flatMap((item) => item.resources.map((one) => one.id)),
          resources.map((one) => one.id),
        )
        for (const item of items) {
          assert.isAtMost(item.resources.length, 32)
          if (item.resources.some((one) => (one.size ?? 0) > 64 * MB)) assert.lengthOf(item.resources, 1)
        }
      }),
    )
  })

  it("are plain JSON", () => {
    const [item] = packItems("datagouv", [sized("a", 1)])
    assert.deepStrictEqual(JSON.parse(JSON.stringify(item)), item)
  })
})

describe("proposed table names", () => {
  const names = (...resources: ReadonlyArray<Resource>) => proposeTables(resources).map((one) => one.table)

  it("the only resource of a dataset takes the dataset's name", () => {
    assert.deepStrictEqual(names(aResource()), ["jours_feries_en_france"])
  })

  it("several take their titles too, without the extension", () => {
    assert.deepStrictEqual(
      names(
        aResource({ id: "a", title: "metropole.csv" }),
        aResource({ id: "b", title: "La Réunion.csv.gz" }),
        aResource({ id: "c", title: "liste.2019.csv" }),
      ),
      ["jours_feries_en_france_metropole", "jours_feries_en_france_la_reunion", "jours_feries_en_france_liste_2019"],
    )
  })

  it("what the configuration asks for wins, and does not count", () => {
    assert.deepStrictEqual(names(aResource({ id: "a", into: "Fériés" }), aResource({ id: "b" })), [
      "feries",
      "jours_feries_en_france",
    ])
  })

  it("the same file in two formats is two tables, and two files of one title and format are told apart by their ids", () => {
    assert.deepStrictEqual(
      names(
        aResource({ id: "a", format: "csv" }),
        aResource({ id: "b", format: "json" }),
        aResource({ id: "0c1d2e3f-1", format: "xml" }),
        aResource({ id: "1c1d2e3f-1", format: "xml" }),
      ),
      ["csv", "json", "xml_0c1d2e3f", "xml_1c1d2e3f"].map((end) => `jours_feries_en_france_jours_feries_${end}`),
    )
  })

  it("datasets whose names meet are told apart too", () => {
    const of = (slug: string, id: string, title: string) =>
      aResource({ id, title, dataset: { id: slug, slug, title: slug } })
    assert.deepStrictEqual(
      names(of("a-b", "00000001", "x.csv"), of("a", "00000002", "b.csv"), of("a", "00000003", "c.csv")),
      ["a_b_00000001", "a_b_00000002", "a_c"],
    )
  })

  it("a title whose last words look like an extension keeps them", () => {
    assert.deepStrictEqual(names(aResource({ id: "a", title: "Population au 1.1.2020" }), aResource({ id: "b" })), [
      "jours_feries_en_france_population_au_1_1_2020",
      "jours_feries_en_france_jours_feries",
    ])
  })
})
