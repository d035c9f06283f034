/** The types of whole columns, as found and as asked for. */
import { assert, layer as withLayer } from "@effect/vitest"
import { type ColumnType } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { engineLayer, auto, covid, ask, rowsOf, rejectsOf, types, typed, lines } from "./engine-tables.ts"

withLayer(engineLayer)("the engine", (it) => {
  it.effect("loses nothing of the covid file whose days are written in two forms", () =>
    Effect.gen(function* () {
      const csv = gunzipSync(readFileSync(join(covid, "2020-06-29.csv.gz"))).toString()
      const records = csv
        .split(/\r?\n/)
        .slice(1)
        .filter((record) => record !== "")
        .map((record) => record.replaceAll('"', "").split(";"))
      const table = yield* typed(csv.replaceAll('"', ""))
      assert.deepStrictEqual(types(table), {
        dep: "text",
        sexe: "bigint",
        jour: "date",
        hosp: "bigint",
        rea: "bigint",
        rad: "bigint",
        dc: "bigint",
      })
      assert.deepStrictEqual([table.rows, table.rowRejects, table.cellRejects], [records.length, 0, 0])
      const rows = yield* rowsOf(table)
      rows.forEach((row, index) => {
        const [dep = "", sexe, jour = "", ...counts] = records[index] ?? []
        const day = jour.includes("/") ? jour.split("/").toReversed().join("-") : jour
        assert.deepStrictEqual(Object.values(row), [
          BigInt(index + 1),
          dep === "" ? null : dep,
          BigInt(sexe ?? ""),
          day,
          ...counts.map(BigInt),
        ])
      })
    }),
  )

  it.effect("gives every day of the covid series the same types, so that all files are one table", () =>
    Effect.gen(function* () {
      for (const name of readdirSync(covid)
        .filter((entry) => entry.endsWith(".gz"))
        .slice(0, 8)) {
        const table = yield* typed(
          gunzipSync(readFileSync(join(covid, name)))
            .toString()
            .replaceAll(/["\r]/g, ""),
        )
        assert.deepStrictEqual(
          Object.values(types(table)),
          ["text", "bigint", "date", "bigint", "bigint", "bigint", "bigint"],
          name,
        )
      }
    }),
  )

  it.effect("takes off a unit that all values have, and says which", () =>
    Effect.gen(function* () {
      const table = yield* typed(
        `n;part;Prix TTC\n${lines(20_000, (i) => `${i};${i % 100},5 %;${1 + (i % 7)} 234,50 €`)}\n`,
      )
      assert.deepStrictEqual(types(table), { n: "bigint", part: "decimal(18,1)", prix_ttc: "decimal(18,2)" })
      assert.deepStrictEqual(table.facts, { units: { part: ["%"], "Prix TTC": ["€"] } })
      assert.deepStrictEqual(yield* ask(`select part, prix_ttc from (${table.relation}) where n = 13`), [
        { part: "13.5", prix_ttc: "7234.50" },
      ])
    }),
  )

  it.effect("says what a spreadsheet did to values, and does not undo it", () =>
    Effect.gen(function* () {
      const csv = `siret;date_debut;fin;taille\n${lines(2_000, (i) =>
        [
          i % 9 === 0 ? "2,601E+13" : `2601234567${1000 + i}`,
          43831 + (i % 300),
          i % 40 === 0 ? "43831" : "01/02/2020",
          i === 77 ? "mars-18" : "3-18",
        ].join(";"),
      )}\n`
      const table = yield* typed(csv)
      assert.deepStrictEqual(types(table), { siret: "text", date_debut: "bigint", fin: "text", taille: "text" })
      assert.deepStrictEqual(table.warnings, [
        'column "siret": a spreadsheet shortened codes to numbers such as 2,601E+13; their other digits are not in the file, the column is kept as text',
        'column "date_debut": 43831 is how a spreadsheet stores the day 2020-01-01; the numbers are left as they are',
        'column "fin": 43831 is how a spreadsheet stores the day 2020-01-01; the column is kept as text',
        'column "taille": a spreadsheet wrote mars-18 for a day or a code; the column is kept as text',
      ])
      const clean = yield* typed(`code_postal;date;mois\n35000;01/02/2020;janv-20\n59000;02/02/2020;févr-20\n`)
      assert.deepStrictEqual(clean.warnings, [])
    }),
  )

  it.effect("takes the types that are asked for, and joins those that are already there", () =>
    Effect.gen(function* () {
      const csv = `Code Postal;n;jour;vide\n01001;1;2024-01-31;\n75056;x;31/01/2024;\n`
      const pinned: Readonly<Record<string, ColumnType>> = { code_postal: "bigint", n: "bigint" }
      const wide: Readonly<Record<string, ColumnType>> = { jour: "timestamp", vide: "decimal(18,2)" }
      const table = yield* typed(csv, {
        ...auto,
        pinned: (_, column) => pinned[column],
        atLeast: (_, column) => wide[column],
      })
      assert.deepStrictEqual(types(table), {
        code_postal: "bigint",
        n: "bigint",
        jour: "timestamp",
        vide: "decimal(18,2)",
      })
      assert.deepStrictEqual(yield* rowsOf(table), [
        { _row: 1n, code_postal: 1001n, n: 1n, jour: "2024-01-31T00:00:00", vide: null },
        { _row: 2n, code_postal: 75056n, n: null, jour: "2024-01-31T00:00:00", vide: null },
      ])
      assert.deepStrictEqual(
        (yield* rejectsOf(table)).map(({ raw, column_name, code }) => ({ raw, column_name, code })),
        [{ raw: "x", column_name: "n", code: "not-bigint" }],
      )
      const text = yield* typed("n\n1 234,50\n", { ...auto, atLeast: () => "text" })
      assert.deepStrictEqual(yield* rowsOf(text), [{ _row: 1n, n: "1 234,50" }])
      assert.deepStrictEqual(types(yield* typed(csv, { ...auto, types: "text" })), {
        code_postal: "text",
        n: "text",
        jour: "text",
        vide: "text",
      })
    }),
  )
})
