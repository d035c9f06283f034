import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { plain, readAll } from "./reading.ts"

describe("where the records are", () => {
  const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<Readonly<Record<string, string>>>]> = [
    ["an array of objects", '[{"a":1},{"a":2}]', [{ a: "1" }, { a: "2" }]],
    ["an array of scalars", '["a",1,true,null]', [{ value: "a" }, { value: "1" }, { value: "true" }, {}]],
    [
      "an array of arrays",
      '[["a",1],["b",2,3]]',
      [
        { column_1: "a", column_2: "1" },
        { column_1: "b", column_2: "2", column_3: "3" },
      ],
    ],
    ["a mixed array", '[{"a":1},2,["x"]]', [{ a: "1" }, { value: "2" }, { column_1: "x" }]],
    ["one object", '{"id":"x","nom":"Ain"}', [{ id: "x", nom: "Ain" }]],
    [
      "one object with a short list",
      '{"id":"x","nom":"une description assez longue","tags":[{"t":1}]}',
      [{ id: "x", nom: "une description assez longue" }],
    ],
    ["values one a line", '{"a":1}\n{"a":2}\n\n{"b":3}\n', [{ a: "1" }, { a: "2" }, { b: "3" }]],
    [
      "lists one a line",
      "[1,2]\n[3,4]\n",
      [
        { column_1: "1", column_2: "2" },
        { column_1: "3", column_2: "4" },
      ],
    ],
    ["values one after the other", '{"a":1}{"a":2} {"a":\n3}', [{ a: "1" }, { a: "2" }, { a: "3" }]],
    ["a JSON text sequence (RFC 7464)", '\u001e{"a":1}\n\u001e{"a":2}\n', [{ a: "1" }, { a: "2" }]],
    [
      "an object of objects of one shape",
      '{"75":{"nom":"Paris","x":1},"2A":{"nom":"Corse","x":2}}',
      [
        { key: "75", nom: "Paris", x: "1" },
        { key: "2A", nom: "Corse", x: "2" },
      ],
    ],
    [
      "an object of objects, by their shape",
      '{"ain":{"n":1},"aisne":{"n":2}}',
      [
        { key: "ain", n: "1" },
        { key: "aisne", n: "2" },
      ],
    ],
    ["an object keyed by year", '{"2019":1.5,"2020":null}', [{ key: "2019", value: "1.5" }, { key: "2020" }]],
    [
      "records in an answer with few of them",
      '{"total":1,"next":"https://example.org/a/long/link/to/the/next/page","results":[{"a":1}]}',
      [{ a: "1" }],
    ],
    ["one object with a list of scalars of a telling name", '{"id":1,"data":[1,2]}', [{ id: "1" }]],
    ["an answer without records", '{"total":0,"results":[]}', []],
    ["the deepest list", '{"a":{"b":{"c":[{"x":1},{"x":2},{"x":3}]}}}', [{ x: "1" }, { x: "2" }, { x: "3" }]],
    [
      "an object keyed by id inside an envelope",
      '{"meta":1,"communes":{"01001":{"nom":"A"},"01002":{"nom":"B"}}}',
      [
        { key: "01001", nom: "A" },
        { key: "01002", nom: "B" },
      ],
    ],
    ["records beside an object that shares no key", '{"meta":{"n":2},"data":{"items":[{"id":1}]}}', [{ id: "1" }]],
    ["nothing", "[]", []],
  ]
  for (const [what, text, rows] of cases) {
    it.effect(`finds ${what}`, () =>
      Effect.gen(function* () {
        const { tables } = yield* readAll(text)
        assert.deepStrictEqual(plain(tables["main"]), rows)
        assert.deepStrictEqual(
          (tables["main"]?.rows ?? []).map((row) => row["#"]),
          rows.map((_, index) => index + 1),
        )
      }),
    )
  }

  it.effect("finds lists keyed by year: a row a year, a child row an item", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll('{"2023":[{"a":1},{"a":2}],"2024":[{"a":3}]}')
      assert.deepStrictEqual(plain(tables["main"]), [{ key: "2023" }, { key: "2024" }])
      assert.deepStrictEqual(tables["main__value"]?.rows, [
        { "#": 1, "^": 1, a: "1" },
        { "#": 2, "^": 1, a: "2" },
        { "#": 3, "^": 2, a: "3" },
      ])
    }),
  )

  it.effect("keeps records that are lists of points as one value", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll("[[[1,2],[3,4]],[[5,6]]]")
      assert.deepStrictEqual(plain(tables["main"]), [{ value: "[[1,2],[3,4]]" }, { value: "[[5,6]]" }])
    }),
  )

  it.effect("gives each large list of an envelope its table", () =>
    Effect.gen(function* () {
      const { tables, facts } = yield* readAll(
        '{"v":1,"communes":[{"c":"01001"},{"c":"01002"}],"cantons":[{"k":"1"},{"k":"2"},{"k":"3"}]}',
      )
      assert.deepStrictEqual(
        Object.entries(tables).map(([name, { rows }]) => [name, rows.length]),
        [
          ["communes", 2],
          ["cantons", 3],
        ],
      )
      assert.deepStrictEqual(facts["envelope"], { v: 1 })
    }),
  )

  it.effect("keeps everything beside the records as facts, numbers exact", () =>
    Effect.gen(function* () {
      const { facts } = yield* readAll(
        '{"big":12345678901234567890,"n":3,"price":1.10,"a":{"b":"c","l":[1,2]},"n":4,"data":[{"x":1},{"x":2}]}',
      )
      assert.deepStrictEqual(facts["envelope"], {
        big: "12345678901234567890",
        n: 3,
        price: "1.10",
        a: { b: "c", l: [1, 2] },
        n_2: 4,
      })
    }),
  )

  it.effect("obeys the option `records`, keys with dots included, and says what there is when it fits nothing", () =>
    Effect.gen(function* () {
      const text = '{"data":[{"a":1}],"v1.0":{"autre":[{"b":2}],"un":{"c":3,"d":4}}}'
      assert.deepStrictEqual(plain((yield* readAll(text, { records: "v1.0.autre" })).tables["main"]), [{ b: "2" }])
      assert.deepStrictEqual(plain((yield* readAll(text, { records: "v1.0.un" })).tables["main"]), [{ c: "3", d: "4" }])
      for (const other of ['[{"a":1}]', '{"a":1}\n{"a":2}', "1"]) {
        assert.strictEqual((yield* Effect.flip(readAll(other, { records: "a" }))).reason._tag, "Config", other)
      }
      const error = yield* Effect.flip(readAll(text, { records: "v1.x" }))
      assert.strictEqual(error.reason._tag, "Config")
      assert.include(error.message, 'nothing at "v1.x"; lists of records: data, v1.0.autre')
    }),
  )
})
