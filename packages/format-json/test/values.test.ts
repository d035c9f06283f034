import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { plain, readAll } from "./reading.ts"

describe("values", () => {
  it.effect("keep the text of numbers", () =>
    Effect.gen(function* () {
      const numbers = [
        "1.10",
        "12345678901234567890",
        "1e400",
        "-0",
        "0.1e-7",
        "1E5",
        "-1.0",
        "9007199254740993",
        "0.30000000000000004",
      ]
      const { tables } = yield* readAll(`[${numbers.map((number) => `{"n":${number}}`).join(",")}]`)
      assert.deepStrictEqual(
        tables["main"]?.rows.map((row) => row["n"]),
        numbers,
      )
    }),
  )

  it.effect("keep strings as they are, half surrogate pairs as their escape", () =>
    Effect.gen(function* () {
      const strings = ["01001", "", "a\u0000b", "é\u00a0€😀", 'q"uo\\te', "\t\n", "\ufeffx", "null", "\ufffd"]
      const { tables } = yield* readAll(JSON.stringify(strings.map((s) => ({ s }))))
      assert.deepStrictEqual(
        tables["main"]?.rows.map((row) => row["s"]),
        strings,
      )
      assert.deepStrictEqual(
        plain((yield* readAll('["\\ud83d\\ude00","\\ud83d","x\\udE00\\ud83dy"]')).tables["main"]),
        [{ value: "😀" }, { value: "\\ud83d" }, { value: "x\\udE00\\ud83dy" }],
      )
    }),
  )

  it.effect("lose nothing to hostile keys", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll(
        '[{"__proto__":1,"constructor":{"prototype":2},"":3,"a":4,"A":5,"a":6,"a":7,"x.y":8,"x":{"y":9},"value":10}]',
      )
      assert.deepStrictEqual(Object.entries(tables["main"]?.rows[0] ?? {}), [
        ["#", 1],
        ["__proto__", "1"],
        ["constructor.prototype", "2"],
        ["", "3"],
        ["a", "4"],
        ["A", "5"],
        ["a_2", "6"],
        ["a_3", "7"],
        ["x.y", "8"],
        ["x.y_2", "9"],
        ["value", "10"],
      ])
    }),
  )

  it.effect("find a place whatever their shape", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll(
        '[{"a":"x"},{"a":{"b":1}},{"a":[{"b":2},"y",null,[3]]},{"a":{"b":4}},{"a":"z"},{"a":null},{"a":[]},{"a":[[1,2],[3,4]]}]',
      )
      assert.deepStrictEqual(
        tables["main"]?.rows.map(({ "#": row, ...cells }) => [row, cells["a"], cells["a.b"]]),
        [
          [1, "x", null],
          [2, null, "1"],
          [3, null, null],
          [4, null, null],
          [5, null, null],
          [6, null, null],
          [7, null, null],
          [8, "[[1,2],[3,4]]", null],
        ],
      )
      assert.deepStrictEqual(tables["main__a"]?.rows, [
        { "#": 1, "^": 3, b: "2", value: null },
        { "#": 2, "^": 3, b: null, value: "y" },
        { "#": 3, "^": 3, b: null, value: null },
        { "#": 4, "^": 3, b: null, value: "[3]" },
        { "#": 5, "^": 4, b: "4", value: null },
        { "#": 6, "^": 5, b: null, value: "z" },
      ])
    }),
  )

  it.effect("that are only ever null still have their column; a null before an object leaves none", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll('[{"a":null,"b":null,"c":1},{"a":{"x":1},"b":null,"c":[]}]')
      assert.deepStrictEqual(tables["main"]?.columns, ["b", "c", "a.x"])
      assert.deepStrictEqual((yield* readAll("[{},null]")).tables["main"]?.rows, [
        { "#": 1, value: null },
        { "#": 2, value: null },
      ])
    }),
  )

  it.effect("below `nesting` become JSON text", () =>
    Effect.gen(function* () {
      const text = '[{"a":{"b":{"c": [1, {"d" : "e f"}]}},"l":[{"m":{"n":1}}]}]'
      const at = (nesting: number) =>
        Effect.map(readAll(text, { nesting }), ({ tables }) =>
          Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, plain(table)])),
        )
      assert.deepStrictEqual(yield* at(0), { main: [{ a: '{"b":{"c":[1,{"d":"e f"}]}}', l: '[{"m":{"n":1}}]' }] })
      assert.deepStrictEqual(yield* at(1), { main: [{ "a.b": '{"c":[1,{"d":"e f"}]}' }], main__l: [{ m: '{"n":1}' }] })
      assert.deepStrictEqual(yield* at(2), { main: [{ "a.b.c": '[1,{"d":"e f"}]' }], main__l: [{ "m.n": "1" }] })
    }),
  )

  it.effect("of an object keyed by ids inside a record stop making columns at a thousand", () =>
    Effect.gen(function* () {
      const days = Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`d${n}`, n]))
      const { tables } = yield* readAll(JSON.stringify([{ id: 1, days }, { id: 2 }]))
      assert.strictEqual(tables["main"]?.columns.length, 1_000)
      const others = JSON.parse(String(tables["main"]?.rows[0]?.["other_keys"])) as Record<string, string>
      assert.deepStrictEqual(
        [Object.keys(others).length, others["days.d1499"], tables["main"]?.rows[1]?.["other_keys"]],
        [502, "1499", null],
      )
    }),
  )

  it.effect("of one key repeated without end stop making columns too, and lose nothing", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll(`[{${'"a":1,'.repeat(20_000)}"other_keys":"x","key":2}]`)
      assert.strictEqual(tables["main"]?.columns.length, 1_001)
      assert.strictEqual(String(tables["main"]?.rows[0]?.["other_keys"]).match(/"a":"1"/g)?.length, 19_000)
      assert.match(String(tables["main"]?.rows[0]?.["other_keys"]), /"other_keys":"x","key":"2"}$/)
    }),
  )

  it.effect("may come late: columns and tables that appear after the first batches", () =>
    Effect.gen(function* () {
      const records = Array.from({ length: 20_000 }, (_, n) =>
        n === 19_000 ? { n, late: "x", list: [{ a: 1 }] } : n === 500 ? { n, list: [] } : { n },
      )
      const { tables } = yield* readAll(JSON.stringify(records))
      assert.deepStrictEqual(tables["main"]?.columns, ["n", "late"])
      assert.deepStrictEqual(
        [tables["main"]?.rows.length, tables["main"]?.rows[18_999]?.["late"], tables["main"]?.rows[19_000]?.["late"]],
        [20_000, null, "x"],
      )
      assert.deepStrictEqual(tables["main__list"]?.rows, [{ "#": 1, "^": 19_001, a: "1" }])
    }),
  )

  it.effect("of many megabytes, and records with more children than a batch holds", () =>
    Effect.gen(function* () {
      const big = "é".repeat(4_000_000)
      const { tables } = yield* readAll(
        JSON.stringify([{ big, kids: Array.from({ length: 20_000 }, (_, n) => ({ n })) }, { big: "x" }]),
      )
      assert.isTrue(tables["main"]?.rows[0]?.["big"] === big)
      assert.deepStrictEqual(
        [tables["main__kids"]?.rows.length, tables["main__kids"]?.rows[19_999]],
        [20_000, { "#": 20_000, "^": 1, n: "19999" }],
      )
    }),
  )
})
