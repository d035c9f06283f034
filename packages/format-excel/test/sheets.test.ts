import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { excel } from "../src/index.ts"
import { failure, fixture, read, rowsOf } from "./reading.ts"
import { odsOf } from "./workbook-writer.ts"

const VISIBLE = ["Titres", "Fusions", "Trois lignes", "Libellé et nom", "Types", "Formules", "Textes", "Trous"]

describe("sheets", () => {
  it.effect("are tables in the order of the workbook, hidden and empty ones left out and named", () =>
    Effect.gen(function* () {
      for (const name of ["made/tricky.xlsx", "made/tricky.ods", "made/tricky.xls"]) {
        const { tables, facts } = yield* read(fixture(name))
        assert.deepStrictEqual(Object.keys(tables), VISIBLE, name)
        const sheets = facts[""]?.["sheets"] as ReadonlyArray<{
          readonly name: string
          readonly rows?: number
          readonly skipped?: string
        }>
        assert.deepInclude(sheets, { name: "Vide", rows: 0 })
        assert.include(sheets.find((sheet) => sheet.name === "Cachée")?.skipped, "hidden")
        assert.include(sheets.find((sheet) => sheet.name === "Très cachée")?.skipped, "hidden")
      }
      assert.deepStrictEqual(Object.keys((yield* read(fixture("made/false-dimension.xlsx"))).tables), [
        "Première",
        "Deuxième",
      ])
    }),
  )

  it.effect("are chosen by name, glob or regular expression; hidden ones by name, or all of them", () =>
    Effect.gen(function* () {
      const bytes = fixture("made/tricky.xlsx")
      const names = (options: Parameters<typeof read>[1]) =>
        Effect.map(read(bytes, options), ({ tables }) => Object.keys(tables))
      assert.deepStrictEqual(yield* names({ sheets: "types" }), ["Types"])
      assert.deepStrictEqual(yield* names({ sheets: ["Tro*", "re:^te"] }), ["Trois lignes", "Textes", "Trous"])
      assert.deepStrictEqual(yield* names({ sheets: "Cachée" }), ["Cachée"])
      assert.deepStrictEqual(yield* names({ hidden: true }), [...VISIBLE, "Cachée", "Très cachée"])
    }),
  )

  it.effect("that are not there are told, with those that are", () =>
    Effect.gen(function* () {
      const error = yield* failure(fixture("made/tricky.xlsx"), { sheets: ["Types", "Absente"] })
      assert.strictEqual(error.reason._tag, "Config")
      assert.match(error.message, /no sheet is called "Absente"; its sheets are "Titres"/)
    }),
  )
})

describe("cells", () => {
  it.effect("keep what they hold: codes, exact numbers, dates, times, booleans", () =>
    Effect.gen(function* () {
      const expected = {
        "texte à zéro": "01001",
        "zéros affichés": "01001",
        entier: "12345678901234",
        décimal: "1.1",
        petit: "0.00000012",
        grand: "100000000000000000",
        négatif: "-12.5",
        pourcentage: "0.125",
        euros: "12.5",
        "euros nommés": "7",
        date: "2024-03-01",
        mois: "2024-03-01",
        "date et heure": "2024-03-01T12:30:00",
        "date longue": "2024-03-01",
        heure: "07:05:09",
        durée: "25:30:00",
        jours: "3",
        scientifique: "0.00012",
        fraction: "0.5",
        "espace insécable": "1\u00a0234,5",
      }
      for (const name of ["made/tricky.xlsx", "made/tricky.ods", "made/tricky.xls"]) {
        const { tables, facts } = yield* read(fixture(name), { sheets: "Types" })
        const values = Object.fromEntries(rowsOf(tables["Types"]).map((row) => [row["sorte"], row["valeur"]]))
        assert.deepInclude(values, expected, name)
        assert.deepStrictEqual(facts["Types"]?.["units"], { valeur: name.endsWith("ods") ? ["%", "EUR"] : ["%", "€"] })
      }
    }),
  )

  it.effect("are read in both date systems", () =>
    Effect.gen(function* () {
      for (const name of ["xlsx", "xls", "ods"]) {
        const { tables } = yield* read(fixture(`made/dates-1904.${name}`))
        assert.deepStrictEqual(
          rowsOf(tables["Dates"]).map((row) => row["jour"]),
          ["1904-01-02", "2024-02-29", "2024-03-01T23:59:59"],
          name,
        )
      }
    }),
  )

  it.effect("with an error, a day that never was, or a formula that nobody computed are NULL and a reject", () =>
    Effect.gen(function* () {
      const { tables } = yield* read(fixture("made/tricky.xlsx"), { sheets: "Formules" })
      assert.deepStrictEqual(
        tables["Formules"]?.rows.map((row) => row[1]),
        ["2", "ab", "true", null, null, null],
      )
      assert.deepStrictEqual(
        tables["Formules"]?.rejects.map(({ row, column, raw, code, line }) => [row, column, raw, code, line]),
        [
          [4, 1, "#N/A", "formula-error", 5],
          [5, 1, "#DIV/0!", "formula-error", 6],
          [6, 1, '=IF(TRUE,"","x")', "formula-not-computed", 7],
        ],
      )
      const dimension = yield* read(fixture("made/false-dimension.xlsx"))
      assert.deepStrictEqual(rowsOf(dimension.tables["Première"]), [
        { nom: "avant" },
        { nom: "après", jour: "1900-03-01" },
        { nom: "zéro" },
      ])
      assert.deepStrictEqual(
        dimension.tables["Première"]?.rejects.map(({ raw, code }) => [raw, code]),
        [
          ["60", "not-date"],
          ["0", "not-date"],
        ],
      )
      assert.deepStrictEqual(
        dimension.tables["Deuxième"]?.rejects.map(({ raw, code }) => [raw, code]),
        [["=1+1", "formula-not-computed"]],
      )
    }),
  )

  it.effect("without references, with a prefix before every name, with ISO dates; macros are left alone", () =>
    Effect.gen(function* () {
      const { tables, facts } = yield* read(fixture("made/inline.xlsm"))
      assert.deepStrictEqual(tables["Une"]?.rows, [
        ["01001", "2024-03-01", null],
        ["2A004", "2024-03-02T12:30:00", "a b"],
      ])
      assert.strictEqual(facts[""]?.["macros"], "not looked at")
    }),
  )
})

describe("ods", () => {
  const cell = (text: string, attributes = 'office:value-type="string"') =>
    `<table:table-cell ${attributes}><text:p>${text}</text:p></table:table-cell>`

  it.effect("repeats rows and cells, keeps runs of spaces, leaves out notes, shapes and copies of other files", () =>
    Effect.gen(function* () {
      const note = "<office:annotation><text:p>une note</text:p></office:annotation>"
      const shape = "<draw:frame><draw:text-box><text:p>une forme</text:p></draw:text-box></draw:frame>"
      const rows = [
        `<table:table-header-rows><table:table-row>${cell("nom")}${cell("n", 'office:value-type="string" table:number-columns-repeated="2"')}</table:table-row></table:table-header-rows>`,
        `<table:table-row-group><table:table-row table:number-rows-repeated="3"><table:table-cell office:value-type="string">${note}<text:p>a<text:s text:c="3"/>b<text:tab/><text:span>c</text:span></text:p><text:p>d</text:p>${shape}</table:table-cell>`,
        `<table:table-cell office:value-type="float" office:value="1.50" table:number-columns-repeated="2"><text:p>1,50</text:p></table:table-cell></table:table-row></table:table-row-group>`,
        `<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`,
      ]
      const linked = `<table:table table:name="'file:///x.ods'#$S"><table:table-source/><table:table-row>${cell("copie")}</table:table-row></table:table>`
      const { tables, facts } = yield* read(
        odsOf(`<table:table table:name="T">${rows.join("")}</table:table>${linked}`),
      )
      assert.deepStrictEqual(Object.keys(tables), ["T"])
      assert.deepStrictEqual(
        tables["T"]?.rows,
        Array.from({ length: 3 }, () => ["a   b\tc\nd", "1.5", "1.5"]),
      )
      assert.deepStrictEqual(facts[""]?.["sheets"], [
        { name: "T", rows: 3 },
        { name: "'file:///x.ods'#$S", state: "visible", skipped: "a copy of another file" },
      ])
    }),
  )

  it.effect("keeps what a change log holds out of the tables", () =>
    Effect.gen(function* () {
      const log = `<table:tracked-changes><table:deletion><table:cell-content-deletion><table:change-track-table-cell><text:p>effacé</text:p></table:change-track-table-cell></table:cell-content-deletion></table:deletion></table:tracked-changes>`
      const { tables } = yield* read(
        odsOf(
          `${log}<table:table table:name="T"><table:table-row>${cell("nom")}</table:table-row><table:table-row>${cell("x")}</table:table-row></table:table>`,
        ),
      )
      assert.deepStrictEqual(tables["T"]?.rows, [["x"]])
    }),
  )
})

describe("xls before Excel 5", () => {
  it.effect("is one sheet of records without a container", () =>
    Effect.gen(function* () {
      const bytes = fixture("made/excel-2.xls")
      const { detects } = yield* excel().decode
      const confidence = (head: Uint8Array) =>
        detects({
          name: "a",
          mediaType: undefined,
          declared: undefined,
          size: head.length,
          head,
          tail: head,
          members: undefined,
          siblings: [],
        })
      assert.deepStrictEqual([confidence(bytes), confidence(Buffer.from("\t\0note\0\0"))], [0.95, 0])
      assert.deepStrictEqual(Object.values((yield* read(bytes)).tables).map(rowsOf), [
        [
          { code: "01001", nom: "Bourg", n: "12.5", jour: "2024-03-01" },
          { code: "2A004", nom: "Ajaccio", n: "-3", jour: "1999-12-31" },
        ],
      ])
    }),
  )
})
