import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { detect, read } from "./reading.ts"

const suite = (path: string): URL => new URL(`suites/${path}`, import.meta.url)
const frictionless = (path: string): Buffer => readFileSync(suite(`csv-frictionless/files/${path}`))

describe("csv-spectrum", () => {
  for (const file of readdirSync(suite("csv-spectrum/csvs"))) {
    it.effect(`reads ${file} as its JSON says`, () =>
      Effect.gen(function* () {
        const bytes = readFileSync(suite(`csv-spectrum/csvs/${file}`))
        const expected: unknown = JSON.parse(
          readFileSync(suite(`csv-spectrum/json/${file.replace(".csv", ".json")}`), "utf8"),
        )
        const { columns, rows } = yield* read(bytes)
        // An empty cell is no value here, and an empty text in the suite.
        const objects = rows.map((row) => Object.fromEntries(columns.map((name, c) => [name, row[c] ?? ""])))
        // The suite gives one object for this file, with another phone number than the file.
        if (file === "location_coordinates.csv")
          assert.deepStrictEqual(objects, [{ ...(expected as object), "Contact Phone Number": "2095257564" }])
        else assert.deepStrictEqual(objects, expected)
        assert.isAtLeast(yield* detect(bytes), 0.5)
      }),
    )
  }
})

describe("the test data of Frictionless", () => {
  const table = [
    ["1", "one", "true"],
    ["2", "two", "false"],
  ]
  for (const file of readdirSync(suite("csv-frictionless/files/csv/separators"))) {
    it.effect(`finds the delimiter of ${file}`, () =>
      Effect.gen(function* () {
        const { columns, rows } = yield* read(frictionless(`csv/separators/${file}`))
        assert.deepStrictEqual(columns, ["number", "string", "boolean"])
        assert.deepStrictEqual(
          rows.map((row) => row.map((cell) => String(cell).toLowerCase())),
          table,
        )
      }),
    )
  }

  for (const [file, encoding] of [
    ["iso8859", "iso-8859-1"],
    ["utf8", "utf-8"],
    ["western-macos-roman", "macintosh"],
  ] as const) {
    it.effect(`reads "Réunion" in ${file}.csv`, () =>
      Effect.gen(function* () {
        const { facts, rows } = yield* read(frictionless(`csv/encodings/${file}.csv`))
        assert.deepStrictEqual(
          rows.map((row) => row[0]),
          Array.from({ length: 5 }, () => "Réunion"),
        )
        assert.strictEqual((facts["encoding"] as { readonly name: string }).name, encoding)
      }),
    )
  }

  it.effect("keeps letters of every script", () =>
    Effect.gen(function* () {
      const { rows } = yield* read(frictionless("csv/various-characters.csv"))
      assert.strictEqual(rows[1]?.[2], "日本語")
    }),
  )

  it.effect("rejects the short record, with its number, line, byte and text", () =>
    Effect.gen(function* () {
      const { rejects, rows } = yield* read(frictionless("csv/inconsistent-column-number.csv"))
      assert.deepStrictEqual(rows, [["1", "one", "true"]])
      assert.deepStrictEqual(rejects, [
        {
          row: 2,
          raw: "2,two",
          code: "missing-columns",
          message: "2 cells instead of 3",
          line: 3,
          byte: 33,
          byteLength: 5,
        },
      ])
    }),
  )

  for (const file of [
    "excel/sample-1-sheet.xls",
    "excel/sample-1-sheet.xlsx",
    "geo/map.geojson",
    "geo/map.topojson",
    "other/sample.json",
    "other/sample.ods",
    "other/sample.pdf",
    "wrong-extension-files/sample-1-sheet.txt",
    "wrong-extension-files/sample-1-sheet.pdf",
    "empty-files/empty.html",
    "empty-files/empty.json",
    "empty-files/empty.xls",
  ]) {
    it.effect(`says no to ${file}, even when it is declared CSV`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* detect(frictionless(file), "file.csv", "csv"), 0)
      }),
    )
  }

  it.effect("recognises CSV in a file called .txt", () =>
    Effect.gen(function* () {
      assert.isAtLeast(yield* detect(frictionless("wrong-extension-files/comma.txt"), "comma.txt"), 0.9)
    }),
  )
})
