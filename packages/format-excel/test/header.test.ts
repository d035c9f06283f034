import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fixture, read, rowsOf } from "./reading.ts"
import { type Value, xlsxOf } from "./workbook-writer.ts"

/** The names found, and the number of records. */
const found = (rows: ReadonlyArray<ReadonlyArray<Value>>, merged: ReadonlyArray<string> = []) =>
  Effect.map(read(xlsxOf(rows, merged)), ({ tables, facts }) => ({
    columns: tables["Feuille"]?.columns,
    rows: tables["Feuille"]?.rows.length,
    header: (facts["Feuille"]?.["header"] as { readonly rows: ReadonlyArray<number> } | undefined)?.rows,
  }))

const cases: ReadonlyArray<
  readonly [string, ReadonlyArray<ReadonlyArray<Value>>, ReadonlyArray<string>, ReadonlyArray<string>, number]
> = [
  [
    "a plain header",
    [
      ["code", "n"],
      ["a", 1],
      ["b", 2],
    ],
    [],
    ["code", "n"],
    2,
  ],
  [
    "years as names",
    [
      ["Région", 2019, 2020],
      ["Bretagne", 10.5, 11.5],
      ["Corse", 3.5, 4.5],
    ],
    [],
    ["Région", "2019", "2020"],
    2,
  ],
  [
    "no header at all",
    [
      [1, 2.5, "a"],
      [2, 3.5, "b"],
      [3, 4.5, "c"],
    ],
    [],
    ["", "", ""],
    3,
  ],
  [
    "a title, a blank row, then the header",
    [["Liste des gares"], [null], ["nom", "code", "n"], ["Paris", "A", 1], ["Lyon", "B", 2]],
    [],
    ["nom", "code", "n"],
    2,
  ],
  [
    "a title merged over the table",
    [["Titre"], ["nom", "code", "n"], ["Paris", "A", 1]],
    ["A1:C1"],
    ["nom", "code", "n"],
    1,
  ],
  [
    "a dozen lines of notes above",
    [...Array.from({ length: 12 }, (_, n) => [`Note ${n}`]), ["nom", "a", "b", "c"], ["x", 1, 2, 3]],
    [],
    ["nom", "a", "b", "c"],
    1,
  ],
  [
    "pairs of label and value above a wide table",
    [
      ["Source", "Insee"],
      ["Date", "2024"],
      ["nom", "a", "b", "c"],
      ["x", 1, 2, 3],
      ["y", 4, 5, 6],
    ],
    [],
    ["nom", "a", "b", "c"],
    2,
  ],
  [
    "units below the names",
    [
      ["nom", "surface", "prix"],
      [null, "m²", "€"],
      ["x", 10.5, 3],
      ["y", 11.5, 4],
    ],
    [],
    ["nom", "surface / m²", "prix / €"],
    2,
  ],
  [
    "groups over names",
    [
      ["", "Hommes", null, "Femmes", null],
      ["nom", "seuls", "en couple", "seules", "en couple"],
      ["x", 1, 2, 3, 4],
    ],
    ["B1:C1", "D1:E1"],
    ["nom", "Hommes / seuls", "Hommes / en couple", "Femmes / seules", "Femmes / en couple"],
    1,
  ],
  [
    "one group over two of three columns",
    [
      [null, "Effectif", null],
      ["nom", "h", "f"],
      ["x", 1, 2],
    ],
    ["B1:C1"],
    ["nom", "Effectif / h", "Effectif / f"],
    1,
  ],
  [
    "a first record without a number is no header",
    [
      ["nom", "a", "b"],
      ["x", "nd", "nd"],
      ["y", 1, 2],
      ["z", 3, 4],
      ["t", 5, 6],
      ["u", 7, 8],
      ["v", 9, 10],
      ["w", 1, 2],
      ["a", 1, 1],
      ["b", 2, 2],
      ["c", 3, 3],
    ],
    [],
    ["nom", "a", "b"],
    10,
  ],
  [
    "names of text over text",
    [
      ["nom", "ville"],
      ["Durand", "Lyon"],
      ["Martin", "Lyon"],
    ],
    [],
    ["nom", "ville"],
    2,
  ],
  ["a header alone", [["nom", "ville"]], [], ["nom", "ville"], 0],
  [
    "a column without a name",
    [
      ["nom", null, "n"],
      ["x", "perdu", 1],
      ["y", "aussi", 2],
    ],
    [],
    ["nom", "", "n"],
    2,
  ],
  [
    "the same name twice",
    [
      ["n", "n", "nom"],
      [1, 2, "x"],
      [3, 4, "y"],
    ],
    [],
    ["n", "n", "nom"],
    2,
  ],
  [
    "groups and titles merged beyond the table",
    [["Titre"], [null, "Effectif"], ["nom", "h", "f"], ["x", 1, 2]],
    ["A1:Z1", "B2:Z2"],
    ["nom", "Effectif / h", "Effectif / f"],
    1,
  ],
  [
    "a note in merged cells right above the names",
    [
      ["Source :", "Insee"],
      ["nom", "h", "f"],
      ["x", 1, 2],
      ["y", 3, 4],
    ],
    ["B1:C1"],
    ["nom", "h", "f"],
    2,
  ],
  [
    "cells of blanks alone",
    [
      ["nom", "n"],
      ["x", 1],
      [" ", " "],
      ["y", 2],
    ],
    [],
    ["nom", "n"],
    2,
  ],
  ["one column", [["code"], ["01001"], ["01002"]], [], ["code"], 2],
]

describe("finds the header", () => {
  for (const [what, rows, merged, columns, count] of cases) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const result = yield* found(rows, merged)
        assert.deepStrictEqual(result.columns, columns)
        assert.strictEqual(result.rows, count)
      }),
    )
  }

  it.effect("of three rows, of labels with technical names, in the middle of a sheet", () =>
    Effect.gen(function* () {
      const { tables, facts } = yield* read(fixture("made/tricky.xlsx"))
      assert.deepStrictEqual(tables["Trois lignes"]?.columns, [
        "Académie",
        "Effectifs / Public / Filles",
        "Effectifs / Public / Garçons",
        "Effectifs / Privé / Filles",
        "Effectifs / Privé / Garçons",
      ])
      assert.deepStrictEqual(tables["Libellé et nom"]?.columns, [
        "Code du département / code_dep",
        "Nom du département / nom_dep",
        "Date de mise à jour / date_maj",
      ])
      assert.deepStrictEqual(tables["Trous"]?.columns, ["a", "b", "", "d"])
      assert.deepStrictEqual(tables["Textes"]?.columns, ["Nom sur deux lignes", "autour"])
      assert.deepInclude(facts["Titres"], {
        header: {
          rows: [4],
          why: "3 columns of values stand under text",
          titles: ["Population des communes au 1er janvier", "Source : Insee"],
        },
        firstRow: 5,
      })
    }),
  )

  it.effect("where it is told to, or nowhere", () =>
    Effect.gen(function* () {
      const rows = [
        ["x", 1],
        ["vrai nom", "vraie valeur"],
        ["y", 2],
      ] as const
      assert.deepStrictEqual((yield* read(xlsxOf(rows), { header: 2 })).tables["Feuille"]?.columns, [
        "vrai nom",
        "vraie valeur",
      ])
      assert.deepStrictEqual((yield* read(xlsxOf(rows), { header: [1, 2] })).tables["Feuille"]?.columns, [
        "x / vrai nom",
        "1 / vraie valeur",
      ])
      const none = (yield* read(xlsxOf(rows), { header: false })).tables["Feuille"]
      assert.deepStrictEqual([none?.columns, none?.rows.length], [["", ""], 3])
    }),
  )
})

describe("merged cells below the header", () => {
  it.effect("give their value to each of their rows", () =>
    Effect.gen(function* () {
      for (const name of ["made/tricky.xlsx", "made/tricky.ods", "made/tricky.xls"]) {
        const { tables, facts } = yield* read(fixture(name), { sheets: "Fusions" })
        assert.deepStrictEqual(
          rowsOf(tables["Fusions"]).map((row) => row["Région"]),
          ["Bretagne", "Bretagne", "Bretagne", "Île-de-France"],
          name,
        )
        assert.strictEqual(facts["Fusions"]?.["filledFromMergedCells"], 2)
      }
    }),
  )

  it.effect("or to the first one alone, where that is asked for", () =>
    Effect.gen(function* () {
      const { tables } = yield* read(fixture("made/tricky.xlsx"), { sheets: "Fusions", merged: "first" })
      assert.deepStrictEqual(
        tables["Fusions"]?.rows.map((row) => row[1]),
        ["Bretagne", null, null, "Île-de-France"],
      )
    }),
  )
})

it.effect("a column that only shows up after the first rows is added late, rows are numbered as the sheet counts", () =>
  Effect.gen(function* () {
    const rows = [["a", "b"], ...Array.from({ length: 9_000 }, (_, n) => [n, "x"] as const), [1, "y", null, "tard"]]
    const { tables } = yield* read(xlsxOf(rows))
    const table = tables["Feuille"]
    assert.deepStrictEqual(table?.columns, ["a", "b", ""])
    assert.deepStrictEqual(table?.rows.at(-1), ["1", "y", "tard"])
    assert.strictEqual(table?.rowNumbers.at(-1), 9_001)
    const edge = (yield* read(fixture("made/last-row.xlsx"))).tables["Bord"]
    assert.deepStrictEqual(
      [edge?.rowNumbers, edge?.rows],
      [
        [1, 1_048_575],
        [
          ["1", "2", null],
          ["3", null, "4"],
        ],
      ],
    )
  }),
)
