import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { json } from "../src/index.ts"
import { plain, readAll } from "./reading.ts"

describe("encodings", () => {
  const text = '[{"nom":"Œuvre é","x":1},{"nom":"Île €","x":2}]'
  const swapped = Buffer.from(text, "utf16le").swap16()
  const encodings: ReadonlyArray<readonly [string, Uint8Array]> = [
    ["UTF-8 with a mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16 LE with a mark", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16 LE", Buffer.from(text, "utf16le")],
    ["UTF-16 BE with a mark", Buffer.concat([Buffer.from([0xfe, 0xff]), swapped])],
    ["UTF-16 BE", swapped],
  ]
  for (const [name, bytes] of encodings) {
    it.effect(`reads ${name}, whatever the chunks`, () =>
      Effect.gen(function* () {
        for (const step of [1, 3, 65_536]) {
          assert.deepStrictEqual(plain((yield* readAll(bytes, {}, step)).tables["main"]), [
            { nom: "Œuvre é", x: "1" },
            { nom: "Île €", x: "2" },
          ])
        }
      }),
    )
  }

  it.effect("reads Windows-1252 where bytes are not UTF-8, letter by letter, and says so", () =>
    Effect.gen(function* () {
      const bytes = Buffer.concat([
        Buffer.from('[{"nom":"'),
        Buffer.from([0x8c]),
        Buffer.from("uvre \u00e9t", "latin1"),
        Buffer.from('é"},{"nom":"é"}]'),
      ])
      const { tables, facts } = yield* readAll(bytes)
      assert.deepStrictEqual(plain(tables["main"]), [{ nom: "Œuvre été" }, { nom: "é" }])
      assert.strictEqual(facts["recordsInWindows1252"], 1)
    }),
  )
})

describe("damage", () => {
  it.effect("in one record of a list is a reject with its raw text; the rest goes on", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll('[{"a":1},{"a":NaN},{"a":"x\ny"},{"a":2,},{"a":3}]')
      assert.deepStrictEqual(
        tables["main"]?.rows.map((row) => [row["#"], row["a"]]),
        [
          [1, "1"],
          [5, "3"],
        ],
      )
      assert.deepStrictEqual(tables["main"]?.rejects, [
        { row: 2, raw: '{"a":NaN}', byte: 9 },
        { row: 3, raw: '{"a":"x\ny"}', byte: 19 },
        { row: 4, raw: '{"a":2,}', byte: 31 },
      ])
    }),
  )

  it.effect("in one line does not take the next with it", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll('\ufeff{"a":1}\n{"a":"é\n{"a":2}\nnot json\r\n{"a":3}')
      assert.deepStrictEqual(
        tables["main"]?.rows.map((row) => [row["#"], row["a"]]),
        [
          [1, "1"],
          [3, "2"],
          [5, "3"],
        ],
      )
      assert.deepStrictEqual(tables["main"]?.rejects, [
        { row: 2, raw: '{"a":"é', byte: 11 },
        { row: 4, raw: "not json\r", byte: 28 },
      ])
    }),
  )

  it.effect("that cuts a file short is an error with its place, wherever the cut", () =>
    Effect.gen(function* () {
      for (const text of [
        '[{"a":1},{"b":[1,"x"]}]',
        '{"meta":1,"data":[{"a":1},{"a":2}]}',
        '{"2020":1,"2021":{"a":2}}',
        '{"a":1}\n{"a":22}',
      ]) {
        const lines = text.includes("\n")
        for (let length = 0; length < text.length; length++) {
          const cut = text.slice(0, length)
          // What ends in a whole line, or in whole values, does not show that more was to come.
          if (lines && (cut.endsWith("}") || cut.endsWith("\n"))) continue
          const error = yield* Effect.flip(readAll(cut, {}, 5))
          assert.strictEqual(error.reason._tag, "DataQuality", cut)
          assert.isNumber(error.position?.byte, cut)
          if (length > 0) assert.strictEqual(error.position?.byte, length, cut)
        }
      }
    }),
  )

  it.effect("between records is an error with its place", () =>
    Effect.gen(function* () {
      for (const [text, byte] of [
        ['[{"a":1};{"a":2}]', 8],
        ['[{"a":1}] x', 10],
        ['{"data":[{"a":1}]]', 17],
        ["[1,,2]", 3],
        ["[][]", 2],
        ['{"a":1} "x"', 8],
      ] as const) {
        assert.strictEqual((yield* Effect.flip(readAll(text))).position?.byte, byte, text)
      }
    }),
  )

  it.effect("in every record is an error", () =>
    Effect.gen(function* () {
      assert.include(
        (yield* Effect.flip(readAll("[tru,fals]"))).message,
        "test.json: a value that stops short (byte 4); ask its publisher",
      )
      assert.include((yield* Effect.flip(readAll(""))).message, "the file holds no value")
    }),
  )

  it.effect("in every record of the first megabytes is an error, and no heap of rejects", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(readAll(`[${'{"a":NaN},'.repeat(300_000)}{"a":1}]`))
      assert.strictEqual(error.position?.byte, 6)
    }),
  )

  it.effect("by brackets without end is an error, not an exhausted stack", () =>
    Effect.gen(function* () {
      assert.include((yield* Effect.flip(readAll("[".repeat(100_000)))).message, "nested deeper than 512 levels")
      assert.include(
        (yield* Effect.flip(readAll(`[{"a":1},${'{"a":'.repeat(600)}1${"}".repeat(600)}]`))).message,
        "nested deeper than 512 levels",
      )
      const deep = `${'{"a":['.repeat(250)}1${"]}".repeat(250)}`
      assert.strictEqual((yield* readAll(`[{"x":1},{"x":${deep}}]`)).tables["main"]?.rows.length, 2)
    }),
  )

  it.effect("in the options comes all at once", () =>
    Effect.gen(function* () {
      const wrong: unknown = { records: "", nesting: -1, delimiter: ";" }
      const error = yield* Effect.flip(json(wrong as { readonly records: string }).decode)
      assert.deepStrictEqual(error.issues.map(({ path }) => path).toSorted(), ["delimiter", "nesting", "records"])
    }),
  )
})
