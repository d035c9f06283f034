/** What stands below the last record of a table. */
import { assert, describe, it } from "@effect/vitest"
import type { JsonObject } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { open } from "../src/read.ts"
import { whyNotStrict } from "../src/relation.ts"
import { fileOf, read, readTables } from "./reading.ts"

const table = "code;nom;valeur\n1;Ain;12,5\n2;Aisne;13,0\n3;Allier;9,1\n"

const notRows = (facts: JsonObject) =>
  facts["notRows"] as { readonly records: number; readonly first: ReadonlyArray<JsonObject> } | undefined

describe("below the records", () => {
  it.effect("rows of delimiters are no rows, however many, and are counted", () =>
    Effect.gen(function* () {
      for (const blanks of [1, 3, 2000]) {
        const { rows, rejects, facts } = yield* read(table + ";;\n".repeat(blanks))
        assert.deepStrictEqual([rows.length, rejects.length, notRows(facts)?.records], [3, 0, blanks])
        assert.deepStrictEqual(notRows(facts)?.first, [{ what: "blank", line: 5, text: ";;" }])
      }
    }),
  )

  it.effect("rows of delimiters between records are rows", () =>
    Effect.gen(function* () {
      const { rows, facts } = yield* read(`${table}${";;\n".repeat(200)}4;Alpes;1,0\n`)
      assert.deepStrictEqual([rows.length, notRows(facts)], [204, undefined])
    }),
  )

  it.effect("the engine does not read a file whose last rows would be none by itself", () =>
    Effect.gen(function* () {
      const why = (text: string) => Effect.map(open(fileOf(text), {}), whyNotStrict)
      assert.strictEqual(yield* why(`${table};;\n`), "no plain record at the end")
      assert.isUndefined(yield* why(table))
    }),
  )

  it.effect("another table of words, as wide, begins with usual names after an empty line", () =>
    Effect.gen(function* () {
      const words = "nom;ville\nDupont;Paris\nMartin;Lyon\nNoir;Nice\n"
      const tables = yield* readTables(`${words}\nservice;responsable\nEtat civil;Mme Roux\nVoirie;M. Blanc\n`)
      assert.deepStrictEqual(
        tables.map(({ columns, rows }) => [columns, rows.length]),
        [
          [["nom", "ville"], 3],
          [["service", "responsable"], 2],
        ],
      )
      assert.strictEqual((yield* readTables(`${words}\nPetit;Nantes\nGrand;Brest\nRoux;Dijon\n`)).length, 1)
    }),
  )

  it.effect("a total and a source are told, each with why", () =>
    Effect.gen(function* () {
      const { facts } = yield* read(`${table}Total;;34,6\nSource : INSEE\n`)
      assert.deepStrictEqual(notRows(facts)?.first, [
        { what: "footer", line: 5, text: "Total;;34,6", why: "it begins with a word for a total" },
        { what: "footer", line: 6, text: "Source : INSEE", why: "a text of its own below the records" },
      ])
    }),
  )

  it.effect("all are rows and rejects where the option says so", () =>
    Effect.gen(function* () {
      const { rows, rejects, facts } = yield* read(`${table};;\nTotal;;34,6\nSource : INSEE\n`, { footers: false })
      assert.deepStrictEqual(rows.slice(3), [
        [null, null, null],
        ["Total", null, "34,6"],
      ])
      assert.deepStrictEqual(
        rejects.map((reject) => [reject.row, reject.code]),
        [[6, "missing-columns"]],
      )
      assert.isUndefined(notRows(facts))
    }),
  )
})
