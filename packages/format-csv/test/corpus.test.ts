import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { readdirSync } from "node:fs"
import { corpus, golden, read } from "./reading.ts"

const states = readdirSync(new URL("../../../fixtures/golden/history-covid-hospit/", import.meta.url)).map(
  (name) => `history-covid-hospit/${name.replace(".json", "")}`,
)
const gtfs = ["agency", "calendar", "calendar_dates", "routes", "stop_times", "stops", "transfers", "trips"].map(
  (name) => `gtfs-frioul-bom-md5/${name}.txt`,
)

const files = [
  "baac-lieux-2019/lieux-2019",
  "covoiturage-aires-latin1/csv_latin1",
  "insee-cog-communes-2026/communes",
  "insee-cog-communes-2026/mouvements-communes",
  "insee-comsimp2014-zip-cp1252-tab/comsimp2014.txt",
  "jours-feries/jours_feries_metropole",
  "schema-irve-with-example/exemple-valide-statique",
  "sncf-gares-2019-2021/liste-des-gares.upper",
  "ssmsi-delinquance-csv-gz/donnee-dep",
  "velib-2021/velib-disponibilite.2021-11",
  ...gtfs,
  ...states,
]

const sha256 = (cells: ReadonlyArray<unknown>): string =>
  createHash("sha256").update(JSON.stringify(cells)).digest("hex")
const sum = (words: Readonly<Record<string, number>> = {}): number => Object.values(words).reduce((a, b) => a + b, 0)

describe("the corpus, against what Python's csv module reads", () => {
  for (const path of files) {
    it.effect(`reads ${path} with nothing told`, () =>
      Effect.gen(function* () {
        const expected = golden(path)
        const reading = yield* read(corpus(expected.file, expected.member))
        assert.deepStrictEqual(
          reading.columns,
          expected.columns.map((column) => column.name),
        )
        assert.strictEqual(reading.rows.length, expected.rows)
        assert.deepStrictEqual(reading.rejects, [])
        expected.columns.forEach((column, c) => {
          const cells = reading.rows.map((row) => row[c] ?? null)
          assert.strictEqual(
            cells.filter((cell) => cell !== null).length,
            column.nonNull + sum(column.missingWords),
            column.name,
          )
          if (column.type === "text") assert.strictEqual(sha256(cells), column.sha256, column.name)
        })
      }),
    )
  }

  it.effect("unwraps the 26 lines of BAAC 2019 that were quoted as a whole, and says where quotes never closed", () =>
    Effect.gen(function* () {
      const expected = golden("baac-lieux-2019/lieux-2019")
      const { facts, numbers, rows } = yield* read(corpus(expected.file))
      assert.strictEqual(facts["wrappedLines"], expected.wrappedRows?.length)
      assert.deepStrictEqual(facts["unclosedQuotes"], {
        records: 14,
        first: (expected.unclosedRows ?? []).slice(0, 10),
      })
      assert.deepStrictEqual(rows[numbers.indexOf(459)]?.slice(0, 4), [
        "201900000459",
        "9",
        'REPUBLIQUE (AVENUE DE LA "COTE PAIRS"',
        "0",
      ])
    }),
  )

  it.effect("tells the encodings apart", () =>
    Effect.gen(function* () {
      const encoding = (content: Uint8Array) =>
        Effect.map(read(content), ({ facts }) => (facts["encoding"] as { readonly name: string }).name)
      assert.strictEqual(yield* encoding(corpus("covoiturage-aires-latin1/csv_latin1.csv")), "iso-8859-1")
      const { file, member } = golden("insee-comsimp2014-zip-cp1252-tab/comsimp2014.txt")
      assert.strictEqual(yield* encoding(corpus(file, member)), "windows-1252")
      assert.strictEqual(yield* encoding(corpus("velib-2021/velib-disponibilite.2021-11.csv")), "utf-8")
    }),
  )
})

describe("the corpus, against csv-parse", () => {
  for (const [path, delimiter] of [
    ["sncf-gares-2019-2021/liste-des-gares.upper.csv", ";"],
    ["insee-cog-communes-2026/communes.csv", ","],
    ["velib-2021/velib-disponibilite.2021-11.csv", ";"],
  ] as const) {
    it.effect(`cuts ${path} alike, in chunks of an odd size`, () =>
      Effect.gen(function* () {
        const bytes = corpus(path)
        const [header, ...rows] = parse(bytes, { delimiter, bom: true }).map((row) =>
          row.map((cell) => (cell === "" ? null : cell)),
        )
        const reading = yield* read(bytes, {}, [4099])
        assert.deepStrictEqual([reading.columns, reading.rows], [header, rows])
      }),
    )
  }
})
