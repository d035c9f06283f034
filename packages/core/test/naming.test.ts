import { columnNames, normaliseName, tableName } from "@opendatahub-sql/core"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

const ours = /^[a-z][a-z0-9_]*$/

describe("names of columns", () => {
  it("are what the header says, without accents, signs and capitals", () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["Libellé de l'unité (N°)", "libelle_de_l_unite_n"],
      ["Cœur de réseau", "coeur_de_reseau"],
      ["Num_Acc", "num_acc"],
      ["  code  INSEE ", "code_insee"],
      ["Valeur.de.la.mesure", "valeur_de_la_mesure"],
      ["ﬁchier ①", "fichier_1"],
      ["日本", ""],
    ]
    for (const [original, name] of cases) assert.strictEqual(normaliseName(original), name, original)
  })

  it("give a place to an empty header, a letter to a year, a number to a double", () => {
    assert.deepStrictEqual(columnNames(["nom", "", "2019", "Nom", "nom_2", "NOM"]), [
      "nom",
      "column_2",
      "c_2019",
      "nom_3",
      "nom_2",
      "nom_4",
    ])
  })

  it("leave names that begin with _ to the system's columns", () => {
    assert.deepStrictEqual(columnNames(["_row", "_extracted_at", "__proto__"]), ["row", "extracted_at", "proto"])
  })

  it("are unique, valid and at most 63 characters, whatever the header", () => {
    const header = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("a", "A", "a_2", "", "é", "column_2"),
      fc.string({ minLength: 60, maxLength: 80, unit: fc.constantFrom("a", "é", " ") }),
    )
    fc.assert(
      fc.property(fc.array(header, { maxLength: 30 }), (originals) => {
        const names = columnNames(originals)
        assert.lengthOf(names, originals.length)
        assert.strictEqual(new Set(names).size, names.length, JSON.stringify(names))
        for (const name of names) {
          assert.match(name, ours)
          assert.isAtMost(name.length, 63)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe("names of tables", () => {
  it("join what is most general with what is most special", () => {
    assert.strictEqual(
      tableName("code-officiel-geographique-cog", "communes"),
      "code_officiel_geographique_cog_communes",
    )
    assert.strictEqual(tableName("2019", "x"), "t_2019_x")
    assert.strictEqual(tableName("marche__titulaires"), "marche__titulaires")
    assert.strictEqual(tableName("", "!!!"), "table")
  })

  it("that are too long are cut where they are general, with a hash of the whole, so that two long titles never meet", () => {
    const long = "bases-de-donnees-annuelles-des-accidents-corporels-de-la-circulation-routiere"
    const lieux = tableName(long, "lieux-2019")
    const usagers = tableName(long, "usagers-2019")
    assert.notStrictEqual(lieux, usagers)
    assert.match(lieux, /^bases_de_donnees_annuelles_des_acc.*_[0-9a-f]{8}_lieux_2019$/)
    assert.match(usagers, /^bases_de_donnees_annuelles_des_acc.*_[0-9a-f]{8}_usagers_2019$/)
    assert.match(tableName(`${lieux}__voies`), /^bases_de_donnees.*_[0-9a-f]{8}__voies$/)
    assert.match(tableName(long), /^bases_de_donnees_annuelles_des_accidents_corpor.*_[0-9a-f]{8}$/)
    const longer = tableName("gtfs", long)
    assert.match(longer, /^gtfs_bases_de_donnees.*_[0-9a-f]{8}$/)
    for (const name of [lieux, usagers, longer]) assert.isAtMost(name.length, 63)
  })

  it("are valid and the same for the same parts", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 4 }), (parts) => {
        const name = tableName(...parts)
        assert.match(name, ours)
        assert.isAtMost(name.length, 63)
        assert.strictEqual(tableName(...parts), name)
      }),
      { numRuns: 1_000 },
    )
  })
})
