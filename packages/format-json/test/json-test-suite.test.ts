import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseValue } from "@opendatahub-sql/core/json"
import { plain, readAll } from "./reading.ts"

const folder = fileURLToPath(new URL("./fixtures/JSONTestSuite/", import.meta.url))
const files = (name: string) =>
  readdirSync(join(folder, name)).map((file) => ({ file, bytes: readFileSync(join(folder, name, file)) }))

/** `read`, or how the file was turned down. */
const verdictOf = Effect.fnUntraced(function* (bytes: Uint8Array) {
  const result = yield* Effect.result(readAll(bytes))
  if (result._tag === "Failure") {
    assert.strictEqual(result.failure._tag, "FormatError")
    return "refused"
  }
  return Object.values(result.success.tables).some(({ rejects }) => rejects.length > 0) ? "rejected" : "read"
})

const parses = (bytes: Uint8Array): boolean => {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))
    return true
  } catch {
    return false
  }
}

describe("JSONTestSuite", () => {
  const parsing = files("test_parsing")

  it.effect("every file that must be read is read, every file that must not be is refused or rejected", () =>
    Effect.gen(function* () {
      const wrong: Array<string> = []
      let count = 0
      for (const { file, bytes } of parsing) {
        if (file.startsWith("i_")) continue
        count++
        const verdict = yield* verdictOf(bytes)
        if (file.startsWith("y_") !== (verdict === "read")) wrong.push(`${file}: ${verdict}`)
      }
      assert.deepStrictEqual(wrong, [])
      assert.strictEqual(count, 283)
    }),
  )

  it.effect(
    "every file that must be read, cut at every byte, is refused or rejected wherever it stops being JSON",
    () =>
      Effect.gen(function* () {
        const wrong: Array<string> = []
        let cuts = 0
        let sound = 0
        for (const { file, bytes } of parsing.filter((each) => each.file.startsWith("y_"))) {
          for (let length = 0; length < bytes.length; length++) {
            cuts++
            const part = bytes.subarray(0, length)
            const stillJson = parses(part)
            if (stillJson) sound++
            const verdict = yield* verdictOf(part)
            if (stillJson !== (verdict === "read")) wrong.push(`${file} cut at ${length}: ${verdict}`)
          }
        }
        assert.deepStrictEqual(wrong, [])
        console.log(`JSONTestSuite: ${cuts} cuts, ${sound} of them still JSON`)
        assert.isAbove(cuts - sound, 1_000)
      }),
  )

  it.effect(
    "what must not be read is refused by the reading of records, but for what it can leave out of the others",
    () =>
      Effect.gen(function* () {
        const verdicts: Record<string, number> = {}
        for (const { bytes } of parsing.filter(({ file }) => file.startsWith("n_"))) {
          const verdict = yield* verdictOf(bytes)
          verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
        }
        console.log("JSONTestSuite, files that must not be read:", verdicts)
        assert.strictEqual((verdicts["refused"] ?? 0) + (verdicts["rejected"] ?? 0), 188)
      }),
  )

  it.effect("the files that each parser may decide on are all read: no byte and no digit is lost", () =>
    Effect.gen(function* () {
      const open = parsing.filter(({ file }) => file.startsWith("i_"))
      assert.strictEqual(open.length, 35)
      for (const { file, bytes } of open) assert.strictEqual(yield* verdictOf(bytes), "read", file)
    }),
  )

  it("agrees with JSON.parse on what is one JSON text", () => {
    for (const { file, bytes } of parsing) {
      // Beyond the levels that are read the two must differ.
      if (file === "n_structure_100000_opening_arrays.json" || file === "n_structure_open_array_object.json") continue
      const text = bytes.toString("utf8")
      if (text.includes("\ufffd")) continue
      const ours = Effect.runSync(Effect.exit(Effect.try(() => parseValue(text))))
      assert.strictEqual(ours._tag === "Success", parses(bytes), file)
    }
  })

  it.effect("what is made of numbers, keys and strings that parsers disagree about", () =>
    Effect.gen(function* () {
      const made = yield* Effect.forEach(files("test_transform"), ({ file, bytes }) =>
        Effect.map(readAll(bytes), ({ tables }) => [file, plain(tables["main"])] as const),
      )
      const { "object_key_nfc_nfd.json": nfc, "object_key_nfd_nfc.json": nfd, ...rest } = Object.fromEntries(made)
      assert.deepStrictEqual(
        [nfc, nfd],
        [[{ "\u00e9": "NFC", "e\u0301": "NFD" }], [{ "e\u0301": "NFD", "\u00e9": "NFC" }]],
      )
      assert.deepStrictEqual(rest, {
        "number_-9223372036854775808.json": [{ value: "-9223372036854775808" }],
        "number_-9223372036854775809.json": [{ value: "-9223372036854775809" }],
        "number_1.0.json": [{ value: "1.0" }],
        "number_1.000000000000000005.json": [{ value: "1.000000000000000005" }],
        "number_1000000000000000.json": [{ value: "1000000000000000" }],
        "number_10000000000000000999.json": [{ value: "10000000000000000999" }],
        "number_1e-999.json": [{ value: "1E-999" }],
        "number_1e6.json": [{ value: "1E6" }],
        "number_9223372036854775807.json": [{ value: "9223372036854775807" }],
        "number_9223372036854775808.json": [{ value: "9223372036854775808" }],
        "object_same_key_different_values.json": [{ a: "1", a_2: "2" }],
        "object_same_key_same_value.json": [{ a: "1", a_2: "1" }],
        "object_same_key_unclear_values.json": [{ a: "0", a_2: "-0" }],
        "string_1_escaped_invalid_codepoint.json": [{ value: "\\uD800" }],
        "string_1_invalid_codepoint.json": [{ value: "\u00ed\u00a0\u20ac" }],
        "string_2_escaped_invalid_codepoints.json": [{ value: "\\uD800\\uD800" }],
        "string_2_invalid_codepoints.json": [{ value: "\u00ed\u00a0\u20ac".repeat(2) }],
        "string_3_escaped_invalid_codepoints.json": [{ value: "\\uD800\\uD800\\uD800" }],
        "string_3_invalid_codepoints.json": [{ value: "\u00ed\u00a0\u20ac".repeat(3) }],
        "string_with_escaped_NULL.json": [{ value: "A\u0000B" }],
      })
    }),
  )
})
