import { assert, describe, it } from "@effect/vitest"
import { FormatError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { read } from "./reading.ts"

/** Files by what real defect they stand for: what is found in them with nothing told. */
const cases: ReadonlyArray<
  readonly [what: string, text: string, columns: ReadonlyArray<string>, first: ReadonlyArray<string | null>]
> = [
  [
    "semicolons, although each row has a comma in a coordinate",
    "id;geo\n1;48.85,2.35\n2;43.3,5.4\n",
    ["id", "geo"],
    ["1", "48.85,2.35"],
  ],
  [
    "semicolons, although numbers have decimal commas",
    "dep;taux\n01;1,5\n02;2,5\n03;10,25\n",
    ["dep", "taux"],
    ["01", "1,5"],
  ],
  ["tabs, although cells have commas", "a\tb\nx, y\tz\nu, v\tw\n", ["a", "b"], ["x, y", "z"]],
  [
    "commas, although one cell has a list with semicolons",
    'a,b,c\n1,"x;y;z",2\n3,q,4\n',
    ["a", "b", "c"],
    ["1", "x;y;z", "2"],
  ],
  ["apostrophes as quotes", "a;b\n'x;y';'z'\n'1';'2'\n", ["a", "b"], ["x;y", "z"]],
  ["apostrophes as text", "a;b\nl'eau;d'or\n'tis;x\n", ["a", "b"], ["l'eau", "d'or"]],
  ["backslashes before quotes", 'a;b\n"dit \\"oui\\" ici";2\n', ["a", "b"], ['dit "oui" ici', "2"]],
  ["one column", "commune\nLyon\nParis, 7e\n", ["commune"], ["Lyon"]],
  ["a mark of byte order inside the quoted first name", '"\ufeffid";b\n1;2\n', ["id", "b"], ["1", "2"]],
  ["a line feed in a name", 'id;"nom\nusuel"\n1;x\n', ["id", "nom\nusuel"], ["1", "x"]],
  [
    "title lines above the header",
    "Population légale\nSource : INSEE, 2020\n\ncode;nom;pop\n01001;A;10\n01002;B;20\n",
    ["code", "nom", "pop"],
    ["01001", "A", "10"],
  ],
  [
    "a title padded with delimiters by a spreadsheet",
    "Population;;\ncode;nom;pop\n01001;A;10\n01002;B;20\n",
    ["code", "nom", "pop"],
    ["01001", "A", "10"],
  ],
  [
    "empty names at the end of the header",
    "code;nom;;\n1;a;;\n2;b;;\n",
    ["code", "nom", "", ""],
    ["1", "a", null, null],
  ],
  ["a header that lacks the last name", "code;nom\n1;a;x\n2;b;y\n", ["code", "nom", ""], ["1", "a", "x"]],
  [
    "no header, as in FINESS, below a line of its own",
    "finess;etalab;98;2026-05-12\nstructureet;010000024;010780054;CH;;1\nstructureet;010000032;010780062;CH;;2\n",
    ["", "", "", "", "", ""],
    ["structureet", "010000024", "010780054", "CH", null, "1"],
  ],
  ["a header longer than every record", "code;nom;note\n1;a\n2;b\n", ["code", "nom", "note"], ["1", "a", null]],
  ["the line by which spreadsheets name the delimiter", "sep=|\na|b;c\nx|y\n", ["a", "b;c"], ["x", "y"]],
  ["years as names", "code;2019;2020\n01;5;6\n02;7;8\n", ["code", "2019", "2020"], ["01", "5", "6"]],
  ["a header over text alone", "nom;ville\nElodie;Lyon\nLoic;Paris\n", ["nom", "ville"], ["Elodie", "Lyon"]],
  ["lines that were all quoted as a whole", '"a,b,c"\n"1,""x"",3"\n"4,y,6"\n', ["a", "b", "c"], ["1", "x", "3"]],
  [
    "records whose cells hold many lines",
    `a;b\n1;"${"texte\n".repeat(50)}"\n2;"${"texte\n".repeat(50)}"\n`,
    ["a", "b"],
    ["1", "texte\n".repeat(50)],
  ],
]

describe("finds, with nothing told,", () => {
  for (const [what, text, columns, first] of cases) {
    for (const [ends, content] of [
      ["LF", text],
      ["CRLF", text.replaceAll("\n", "\r\n")],
    ] as const) {
      it.effect(`${what} (${ends})`, () =>
        Effect.gen(function* () {
          const reading = yield* read(content)
          const plain = (cell: string | null): string | null =>
            ends === "CRLF" ? (cell?.replaceAll("\n", "\r\n") ?? null) : cell
          assert.deepStrictEqual(reading.columns, columns.map(plain))
          assert.deepStrictEqual(reading.rows[0], first.map(plain))
          assert.deepStrictEqual(reading.rejects, [])
        }),
      )
    }
  }

  it.effect("a table with no rows in a file that is only a header", () =>
    Effect.gen(function* () {
      const { columns, rows } = yield* read("a;b;c")
      assert.deepStrictEqual([columns, rows], [["a", "b", "c"], []])
    }),
  )

  it.effect("the header above a first record that is longer than the head", () =>
    Effect.gen(function* () {
      const { rows } = yield* read(`a;b;c\n1;${"x".repeat(400_000)};3\n4;5;6\n`)
      assert.deepStrictEqual(
        rows.map((row) => row[2]),
        ["3", "6"],
      )
    }),
  )

  it.effect("the titles and why, as facts", () =>
    Effect.gen(function* () {
      const { facts } = yield* read("Titre\n\ncode;nom;pop\n01001;A;10\n01002;B;20\n")
      assert.deepStrictEqual(facts["header"], {
        lines: [3],
        why: "2 columns of values stand under text",
        titles: ["Titre", ""],
      })
      const { why, ...dialect } = facts["dialect"] as { readonly why: string }
      assert.deepStrictEqual(dialect, { delimiter: ";", quote: '"', escape: "doubled" })
      assert.match(why, /^score 0\.\d\d: 75 % of 4 sampled records have as many cells as a neighbour, most 3$/)
    }),
  )
})

describe("says what the records have against their own dialect:", () => {
  const saying = (text: string) =>
    Effect.map(read(text), ({ facts }) => (facts["dialect"] as { readonly notWellFormed?: string }).notWellFormed)

  it.effect("quotes in unquoted cells and behind quoted ones, with the line, and nothing of ragged records", () =>
    Effect.gen(function* () {
      assert.match((yield* saying('a;b\n1;x\n2;12" y\n')) ?? "", /line 3/)
      assert.match((yield* saying('a;b\n1;"x" y\n2;z\n')) ?? "", /line 2/)
      assert.isUndefined(yield* saying('Titre\na;b\n1;"x ""y"""\n2;z\n3;4\n5;6\n7\n'))
    }),
  )
})

describe("takes what it is told:", () => {
  it.effect("the delimiter and no quotes", () =>
    Effect.gen(function* () {
      const { columns, rows } = yield* read('a!b\n"1!2"\n', { delimiter: "!", quote: false })
      assert.deepStrictEqual([columns, rows], [["a", "b"], [['"1', '2"']]])
    }),
  )

  it.effect("no header", () =>
    Effect.gen(function* () {
      const { columns, rows } = yield* read("a;b\nc;d\n", { header: false })
      assert.deepStrictEqual(
        [columns, rows],
        [
          ["", ""],
          [
            ["a", "b"],
            ["c", "d"],
          ],
        ],
      )
    }),
  )

  it.effect("a header in two rows, below lines to skip", () =>
    Effect.gen(function* () {
      const { columns, rows, numbers } = yield* read("x;y\nNom;Population;\n;2019;2020\na;1;2\n", {
        skip: 1,
        header: [2, 3],
      })
      assert.deepStrictEqual(
        [columns, rows, numbers],
        [["Nom", "Population 2019", "Population 2020"], [["a", "1", "2"]], [1]],
      )
    }),
  )

  it.effect("a header where there is none is an error of the configuration", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read("a;b\n\n1;2\n", { header: 2 }))
      assert.instanceOf(error, FormatError)
      assert.deepStrictEqual([error.reason._tag, error.position], ["Config", { line: 2 }])
    }),
  )

  it.effect("words for no value", () =>
    Effect.gen(function* () {
      const { rows } = yield* read("a;b\nNA;1\nna;2\n", { nullValues: ["NA"] })
      assert.deepStrictEqual(rows, [
        [null, "1"],
        ["na", "2"],
      ])
    }),
  )
})
