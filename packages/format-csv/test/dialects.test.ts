/** Short files in dialects that detectors are known to miss, each with what a person says it is; and how much looking that may take. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { watchedFile } from "@opendatahub-sql/core/testing"
import { findDialect } from "../src/dialect/find-dialect.ts"
import { csv } from "../src/index.ts"
import { bytesOf, read } from "./reading.ts"

const repeat = (n: number, line: (n: number) => string): string =>
  Array.from({ length: n }, (_, i) => line(i)).join("\n")

/** What the file is like, its text, and what it is: delimiter, quote where there is one, whether it has a header. */
const cases: ReadonlyArray<
  readonly [what: string, text: string, delimiter: string | null, quote: string | null, header: boolean | undefined]
> = [
  [
    "apostrophes doubled in cells between colons",
    "'L''Oie':'Vendée':'85'\n'Aix':'Savoie':'73'\n'L''Île':'Gironde':'33'\n",
    ":",
    "'",
    false,
  ],
  ["plus signs with spaces after them", "'Aix'+ 'Savoie'+ '73'\n'Lyon'+ 'Rhône'+ '69'\n", "+", "'", false],
  [
    "number signs with spaces around them",
    repeat(6, (n) => `  ${n} # '${n} rue X' # ' Lyon, 6900${n}'`),
    "#",
    "'",
    false,
  ],
  [
    "serialized objects in quotes between number signs",
    repeat(3, (n) => `${n}#"O:7:""Job"":9:{s:3:""get"";a:4;}"#1#0`),
    "#",
    '"',
    false,
  ],
  [
    "cells that spaces align",
    "'Lyon'   ,     'fr' ,  'ARA'\n'Turin',        'it', 'PIE'\n'Bern',         'ch', 'BE'\n",
    ",",
    "'",
    undefined,
  ],
  [
    "a table below more lines of comments than it has records",
    '# DO NOT EDIT\n# Survey dump\n# Version 143\n# Surveys\n"sid","admin","expires"\n"94328","Admin, Root",""\n"94329","Admin",""\n',
    ",",
    '"',
    true,
  ],
  ["columns two spaces apart", "A  B   C\n1  2.5 xx\n10 3.5 yy\n7  4.5 zz\n", " ", null, true],
  [
    "times of day before messages",
    "12:30:45 Started\n12:30:46 Port 80 is taken\n12:31:02 Gone\n12:31:03 Off\n",
    null,
    null,
    undefined,
  ],
  [
    "numbers in columns between many spaces",
    repeat(5, (n) => `H        0.0${n}000      -1.${n}890        2.${n}000`),
    " ",
    null,
    false,
  ],
  [
    "spaces, with quotes where cells hold some",
    `a b "c d"\n${repeat(4, (n) => `${n} x "Bois, Le Grand ${n}"`)}`,
    " ",
    '"',
    true,
  ],
  [
    "one column in apostrophes among commas",
    `id,site,period\n${repeat(4, (n) => `${n},Mt Eliza,'0${n}/1${n}'`)}`,
    ",",
    "'",
    true,
  ],
  [
    "backslashes before quotes",
    `"id";"texte"\n${repeat(4, (n) => `"${n}";"la \\"grande\\" n° ${n}"`)}`,
    ";",
    '"',
    true,
  ],
  ["colons alone", `login:uid:home:shell\n${repeat(4, (n) => `u${n}:${n}:/home/u${n}:/bin/sh`)}`, ":", null, true],
  [
    "pipes and tables of pipes in cells",
    `id,texte,x\n${repeat(5, (n) => `${n},"# a\n||b|| c\n||d|| e",y`)}`,
    ",",
    '"',
    true,
  ],
  ["JSON in unquoted cells", `id;doc\n${repeat(4, (n) => `${n};{"a": ${n}, "b": [1,2]}`)}`, ";", null, true],
  ["semicolons, where cells in apostrophes hold commas", "a;b;c\n'x, y';'1,5';'z'\n'u, v';'2,5';'w'\n", ";", "'", true],
  ["one column of decimal commas", "prix\n1,50\n2,00\n3,25\n", null, null, true],
  ["one column of times", "heure\n12:30\n13:45\n09:15\n", null, null, true],
  ["one column of timestamps", "quand\n2024-01-01 12:00:00\n2024-01-02 12:00:00\n", null, null, true],
  ["one column of names", "nom\nJean Dupont\nMarie Durand\nPaul Martin\n", null, null, true],
  [
    "one column of addresses",
    "adresse\n12 rue de la Paix, Paris\n3 avenue Foch, Lyon\n8 place Carnot, Nice\n",
    null,
    null,
    true,
  ],
  ["one column of addresses on the web", "url\nhttps://a.fr/x?y=1&z=2\nhttps://b.fr/q?r=3&s=4\n", null, null, true],
]

describe("the dialect of", () => {
  for (const [what, text, delimiter, quote, header] of cases)
    it.effect(what, () =>
      Effect.gen(function* () {
        const { columns, facts } = yield* read(text)
        const dialect = facts["dialect"] as { readonly delimiter: string | null; readonly quote: string | null }
        assert.strictEqual(dialect.delimiter, delimiter)
        if (quote !== null) assert.strictEqual(dialect.quote, quote)
        if (header !== undefined)
          assert.strictEqual(
            columns.some((name) => name !== ""),
            header,
          )
      }),
    )
})

/** Texts that make a reader of quotes look at them again and again, or that hold every delimiter. */
const hostile: ReadonlyArray<readonly [what: string, unit: string]> = [
  ["quotes that open on one line", '"a,'],
  ["quotes that open on each line", '"a\n'],
  ["nothing but quotes", '"'],
  ["nothing but quotes after backslashes", '\\"'],
  ["apostrophes and semicolons", ",'a;'b"],
  ["every delimiter", ";,\t|^~:#*+&! \"'"],
  ["empty lines", "\n"],
  ["signs of addresses", "@.;"],
]

describe("the search for a dialect", () => {
  /** Characters looked at, over all delimiters and quotes: see the README. */
  const BUDGET = 80_000_000
  const MIB = 1024 * 1024

  for (const [what, unit] of hostile)
    it(`looks at ${BUDGET / 1_000_000} million characters at most in a file of ${what}`, () => {
      const text = unit.repeat(Math.ceil((4 * MIB) / unit.length))
      const blocks = Array.from({ length: 32 }, () => text.slice(0, 32 * 1024))
      assert.isAtMost(findDialect([text, ...blocks], false, {}).looked, BUDGET)
    })

  it("takes a few million in a usual file", () => {
    const text = `id;nom;date\n${repeat(10_000, (n) => `${n};"commune; ${n}";2024-01-01`)}`
    assert.isAtMost(findDialect([text], true, {}).looked, 5_000_000)
  })

  it.effect("reads the file once", () =>
    Effect.gen(function* () {
      const bytes = bytesOf(`id;nom\n${repeat(100_000, (n) => `${n};commune`)}\n`)
      const { bytesRead, file } = watchedFile("large.csv", [bytes])
      const format = yield* csv().decode
      yield* Stream.runDrain(Stream.take(format.read(file), 1))
      assert.isAtMost(bytesRead(), 2 * bytes.length)
    }),
  )
})
