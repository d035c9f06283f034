import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { read } from "./reading.ts"

const cases: ReadonlyArray<readonly [what: string, text: string, columns: ReadonlyArray<string>]> = [
  [
    "none above phrases of a translated program, named as they are",
    '"AccessExplain";"When a user opens it"\n"AddAClassToCourse";"Subscribe a class"\n"AddAnn";"Add announcement"\n"AddForum";"Add forum"\n',
    ["", ""],
  ],
  [
    "none above lines that begin alike",
    "Station Mir|Russie\nStation Skylab|Etats-Unis\nStation ISS|monde\nStation Tiangong|Chine\n",
    ["", ""],
  ],
  [
    "none above messages of a log, which are no cells",
    "12:30:45 INFO Started\n12:30:46 WARN Port 80 is taken\n12:31:02 INFO Jean is in\n12:31:03 ERROR gone\n",
    [""],
  ],
  [
    "names of words above words",
    "nom;prenom;ville\nDupont;Jean;Paris\nMartin;Marie;Lyon\nNoir;Luc;Nice\n",
    ["nom", "prenom", "ville"],
  ],
  [
    "names with numbers above cells with others",
    "question 1,question 2\nrow 1 col 1,row 1 col 2\nrow 2 col 1,row 2 col 2\nrow 3 col 1,row 3 col 2\n",
    ["question 1", "question 2"],
  ],
  [
    "names cut by another delimiter than the records",
    'code nom "prix" pop\n1;a;3,5;4\n2;b;4;5\n3;c;5;6\n',
    ["code", "nom", "prix", "pop"],
  ],
  ["a title of as many words as columns, above none", "Prix des cafes\n1;a;3\n2;b;4\n3;c;5\n", ["", "", ""]],
  ["an empty name too many", "code;;nom;pop\n1;a;3\n2;b;4\n3;c;5\n", ["code", "nom", "pop"]],
  [
    "a word and years, above regions and numbers",
    "Région;2019;2020\nBretagne;12;13\nCorse;3;4\nOccitanie;15;17\n",
    ["Région", "2019", "2020"],
  ],
  [
    "names below titles with all their delimiters, where notes stand among the records",
    "Cabinet,,,\nFrais 2012,,,\nDates,Lieu,Motif,Montant\n13.04.12,Manchester,Visite,135.7\n,,Autre visite,\n18.04.12,Leeds,Visite,262.4\n,,Autre visite,\n,,Autre visite,\n",
    ["Dates", "Lieu", "Motif", "Montant"],
  ],
  ["aligned columns", "A  B   C\n1  2.5 xx\n10 3.5 yy\n7  4.5 zz\n", ["A", "B", "C"]],
]

describe("finds a header, or that there is none:", () => {
  for (const [what, text, columns] of cases) {
    it.effect(what, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* read(text)).columns, columns)
      }),
    )
  }
})
