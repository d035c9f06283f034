import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { gunzipSync } from "node:zlib"
import { json } from "../src/index.ts"
import { corpus, plain, readAll } from "./reading.ts"

describe("json on real files", () => {
  it.effect("reads an array of 35,684 postal codes on one line, zeros kept", () =>
    Effect.gen(function* () {
      const bytes = gunzipSync(corpus("codes-postaux-json-array/codes-postaux.json.gz"))
      const { tables } = yield* readAll(bytes)
      assert.deepStrictEqual(plain(tables["main"]), JSON.parse(bytes.toString()))
      assert.include(
        plain(tables["main"]).map((row) => row["codePostal"]),
        "01400",
      )
    }),
  )

  it.effect("finds the public contracts under marches.marche, with their lists and the lists in those", () =>
    Effect.gen(function* () {
      const { tables, facts } = yield* readAll(corpus("decp-marches-json-xml/marches_avec_modifications.json"))
      assert.strictEqual(facts["records"], "marches.marche")
      assert.strictEqual(tables["main"]?.rows.length, 2)
      assert.strictEqual(tables["main"]?.rows[0]?.["acheteur.id"], "21750001630066")
      assert.deepStrictEqual(
        Object.entries(tables).map(([name, { parent, rows }]) => [name, parent, rows.length]),
        [
          ["main", undefined, 2],
          ["main__typesPrix.typePrix", "main", 2],
          ["main__considerationsEnvironnementales.considerationEnvironnementale", "main", 2],
          ["main__considerationsSociales.considerationSociale", "main", 4],
          ["main__techniques.technique", "main", 4],
          ["main__modalitesExecution.modaliteExecution", "main", 2],
          ["main__titulaires", "main", 2],
          ["main__actesSousTraitance", "main", 2],
          ["main__modifications", "main", 2],
          ["main__modifications__modification.titulaires", "main__modifications", 2],
          ["main__modificationsActesSousTraitance", "main", 2],
        ],
      )
      assert.deepStrictEqual(tables["main__titulaires"]?.rows[0], {
        "#": 1,
        "^": 1,
        "titulaire.id": "55204599900869",
        "titulaire.typeIdentifiant": "SIRET",
      })
      assert.deepStrictEqual(
        tables["main__considerationsSociales.considerationSociale"]?.rows.map((row) => row["^"]),
        [1, 1, 2, 2],
      )
    }),
  )

  it.effect("reads an object keyed by date as the CSV of the same data", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll(corpus("jours-feries/metropole.json"))
      const csv = Buffer.from(corpus("jours-feries/jours_feries_metropole.csv"))
        .toString()
        .trim()
        .split(/\r?\n/)
        .slice(1)
      const inCsv = csv.map((line) => line.split(",")).map(([date, , , name]) => `${date} ${name}`)
      // Two holidays fell on 2008-05-01: an object has room for one of them.
      const inJson = plain(tables["main"]).map((row) => `${String(row["key"])} ${String(row["value"])}`)
      assert.deepStrictEqual(
        inCsv.filter((holiday) => !inJson.includes(holiday)),
        ["2008-05-01 1er mai"],
      )
      assert.strictEqual(inJson.length, inCsv.length - 1)
    }),
  )

  it.effect("keeps the geometry of features whole, and what stands beside them as facts", () =>
    Effect.gen(function* () {
      const bytes = corpus("geojson-lambert93/districts.geojson")
      const { tables, facts } = yield* readAll(bytes)
      const whole = JSON.parse(Buffer.from(bytes).toString()) as {
        readonly features: ReadonlyArray<{ readonly geometry: unknown }>
        readonly crs: unknown
      }
      assert.deepStrictEqual(
        tables["main"]?.rows.map((row) => JSON.parse(String(row["geometry"])) as unknown),
        whole.features.map(({ geometry }) => geometry),
      )
      assert.deepStrictEqual(facts["envelope"], { type: "FeatureCollection", name: "districts", crs: whole.crs })
    }),
  )

  it.effect("finds the rows in answers of the portal, and one row in an answer about one thing", () =>
    Effect.gen(function* () {
      const answers = [
        "tabular_api_data.json",
        "elements_metadata.json",
        "resource_metadata_api1.json",
        "topic_metadata.json",
      ]
      const counts = yield* Effect.forEach(answers, (name) =>
        Effect.map(readAll(corpus(`api-client-fixtures/${name}`)), ({ tables }) => tables["main"]?.rows.length),
      )
      assert.deepStrictEqual(counts, [20, 8, 1, 1])
      const { facts } = yield* readAll(corpus("api-schema-catalogue/schemas.json"))
      assert.deepStrictEqual(facts["envelope"], {
        $schema: "https://opendataschema.frama.io/catalog/schema-catalog.json",
        version: 1,
      })
    }),
  )
})

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
