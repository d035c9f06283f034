import { assert, describe, it } from "@effect/vitest"
import type { TableEvent } from "@opendatahub-sql/core"
import { parse } from "csv-parse/sync"
import * as fc from "fast-check"
import { byteCounter } from "../src/records/byte-counter.ts"
import type { Dialect } from "../src/dialect/dialect.ts"
import { recordReader } from "../src/records/record-reader.ts"
import { LONGEST_CELL } from "../src/records/record-scanner.ts"

const semicolons: Dialect = { delimiter: ";", quote: '"', escape: "doubled" }

/** Reads pieces of text as records of `width` unnamed columns. */
const readPieces = (pieces: ReadonlyArray<string>, width: number, dialect = semicolons) => {
  const layout = {
    dialect,
    columns: Array.from({ length: width }, () => ""),
    shortest: width,
    headerLines: [],
    titles: [],
    footers: true,
    start: 0,
    line: 1,
    why: { dialect: "", header: "" },
  }
  const reader = recordReader(
    "file.csv",
    layout,
    [],
    byteCounter({ name: "utf-8", why: "", damagedBytes: 0, damagedAt: [] }, false),
  )
  const events = [...pieces.map((piece) => reader.read(piece, false)), reader.read("", true)].flatMap(
    (some): ReadonlyArray<TableEvent> => {
      if ("_tag" in some) throw some
      return some
    },
  )
  return {
    rows: events.flatMap((e) =>
      e._tag === "Batch" ? Array.from({ length: e.size }, (_, r) => e.columns.map((column) => column[r] ?? null)) : [],
    ),
    numbers: events.flatMap((e) => (e._tag === "Batch" ? [...e.rowNumbers] : [])),
    rejects: events.flatMap((e) => (e._tag === "Rejects" ? e.rejects : [])),
    facts: reader.facts(),
  }
}

const cut = (text: string, at: ReadonlyArray<number>): ReadonlyArray<string> => {
  const ends = [...new Set(at.map((n) => n % (text.length + 1)))].toSorted((a, b) => a - b)
  return [...ends, text.length].map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1], end))
}

const quote = (cell: string): string => (/[";\r\n]|^ /.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

describe("records", () => {
  it("are cut as csv-parse cuts them, in every file of RFC 4180", () => {
    const cell = fc.oneof(
      fc.string({
        unit: fc.constantFrom("a", "é", "€", "𝄞", ";", '"', "\n", "\r", " ", ",", "\\", "\u0000", "1"),
        maxLength: 8,
      }),
      fc.string({ maxLength: 5 }),
    )
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      )
    fc.assert(
      fc.property(
        table,
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 6 }),
        (rows, end, ended, at) => {
          const text = rows.map((row) => row.map(quote).join(";")).join(end) + (ended ? end : "")
          const expected = parse(text, { delimiter: ";", record_delimiter: end, skip_empty_lines: true }).map((row) =>
            row.map((c) => (c === "" ? null : c)),
          )
          const { rejects, rows: found } = readPieces(cut(text, at), rows[0]?.length ?? 0)
          assert.deepStrictEqual(found, expected)
          assert.deepStrictEqual(rejects, [])
        },
      ),
    )
  })

  it("are the same however the text is cut, however broken it is", () => {
    const token = fc.constantFrom(
      "a",
      "1",
      ";",
      '"',
      '""',
      "\n",
      "\r\n",
      "\r",
      " ",
      ';"',
      '";',
      '"\n',
      '\n"',
      "a;b;c\n",
      '"x"',
      "\\",
    )
    const dialect = fc.constantFrom<Dialect>(
      semicolons,
      { ...semicolons, escape: "backslash" },
      { ...semicolons, quote: undefined },
    )
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        dialect,
        (tokens, at, d) => {
          const text = tokens.join("")
          assert.deepStrictEqual(readPieces(cut(text, at), 3, d), readPieces([text], 3, d))
          assert.deepStrictEqual(readPieces(text.split(""), 3, d), readPieces([text], 3, d))
        },
      ),
      { numRuns: 500 },
    )
  })

  it("never lose a record: rows and rejects have the numbers 1 to n", () => {
    const line = fc.constantFrom("1;2;3", "1;2", "1;2;3;4", '1;"2;3', '"1;2;3"', '1;"a "b"";3', "1;2;3;", '1;"x\ny";3')
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const { facts, numbers, rejects } = readPieces([lines.join("\n")], 3)
        const all = [...numbers, ...rejects.map((reject) => reject.row)].toSorted((a, b) => a - b)
        assert.deepStrictEqual(
          all,
          Array.from({ length: Number(facts["records"]) }, (_, n) => n + 1),
        )
      }),
    )
  })
})

describe("broken quotes", () => {
  const cases: ReadonlyArray<readonly [what: string, text: string, rows: ReadonlyArray<ReadonlyArray<string | null>>]> =
    [
      [
        "a quote inside quotes is text",
        '1;"say "hi"";3\n4;5;6\n',
        [
          ["1", 'say "hi"', "3"],
          ["4", "5", "6"],
        ],
      ],
      ["and so in the middle of a cell", '1;"le "Bar" du port";3\n', [["1", 'le "Bar" du port', "3"]]],
      ["a quote in an unquoted cell is text", '1;écran 12";3\n', [["1", 'écran 12"', "3"]]],
      [
        "a quote that never closes ends with its cell",
        '1;"abc;3\n4;5;6\n',
        [
          ["1", "abc", "3"],
          ["4", "5", "6"],
        ],
      ],
      [
        "even when a later record has quotes",
        '1;"abc;3\n4;"x";6\n',
        [
          ["1", "abc", "3"],
          ["4", "x", "6"],
        ],
      ],
      [
        "even when that one is empty",
        '1;"abc;3\n4;"";6\n',
        [
          ["1", "abc", "3"],
          ["4", null, "6"],
        ],
      ],
      [
        "even at the end of a line",
        '1;2;"\n4;5;6\n',
        [
          ["1", "2", null],
          ["4", "5", "6"],
        ],
      ],
      [
        "even when another one never closes either",
        '1;"abc;3\n4;"def;6\n7;8;9',
        [
          ["1", "abc", "3"],
          ["4", "def", "6"],
          ["7", "8", "9"],
        ],
      ],
      [
        "text after the closing quote belongs to the cell",
        '1;"Bar" du port;3\n4;5;6\n',
        [
          ["1", '"Bar" du port', "3"],
          ["4", "5", "6"],
        ],
      ],
      ["blanks around quotes do not", '1; "x"  ;3\n', [["1", "x", "3"]]],
      ["a quoted cell may hold lines and quotes", '1;"a\r\n""b"";\nc";3\n', [["1", 'a\r\n"b";\nc', "3"]]],
      [
        "a line quoted as a whole is unwrapped",
        '"1;""x;y"";3"\n4;5;6\n',
        [
          ["1", "x;y", "3"],
          ["4", "5", "6"],
        ],
      ],
    ]
  for (const [what, text, rows] of cases) {
    it(`reads: ${what}`, () => {
      const reading = readPieces([text], 3)
      assert.deepStrictEqual<unknown>(reading.rows, rows)
      assert.deepStrictEqual(reading.rejects, [])
    })
  }

  it("a well-formed record of another width stays one reject", () => {
    const { rejects, rows } = readPieces(['1;2;"l\nm";4\n5;6;7\n'], 3)
    assert.deepStrictEqual([rows, rejects.map((reject) => reject.raw)], [[["5", "6", "7"]], ['1;2;"l\nm";4']])
  })

  it("lines in quotes before a surplus empty cell stay together", () => {
    assert.deepStrictEqual(readPieces(['1;2;"l\nm";\n4;5;6\n'], 3).rows, [
      ["1", "2", "l\nm"],
      ["4", "5", "6"],
    ])
  })

  it("a backslash before a quote stands for it, when the file is written that way", () => {
    assert.deepStrictEqual(
      readPieces(['1;"say \\"hi\\"";"a\\\\b\\n"\n'], 3, { ...semicolons, escape: "backslash" }).rows,
      [["1", 'say "hi"', "a\\b\\n"]],
    )
  })

  it("a quote that never closes swallows no more than one cell of a large file", () => {
    const records = Array.from({ length: 200_000 }, (_, n) => `${n};nom ${n};${n * 7}\n`)
    records[100] = '100;"nom 100;700\n'
    const { facts, rows } = readPieces(cut(records.join(""), [1_000_000, 2_000_000]), 3)
    assert.strictEqual(rows.length, 200_000)
    assert.deepStrictEqual(facts["unclosedQuotes"], { records: 1, first: [101] })
  })

  it(`a quoted cell of more than ${LONGEST_CELL} characters counts as never closed, wherever the text is cut`, () => {
    const record = `2;${"y".repeat(10_000)};4\n`
    const text = `1;"x\n${record.repeat(Math.ceil(LONGEST_CELL / record.length))}";5\n`
    const pieces = Array.from({ length: Math.ceil(text.length / 1_000_000) }, (_, n) =>
      text.slice(n * 1_000_000, (n + 1) * 1_000_000),
    )
    for (const some of [[text], pieces]) {
      const { rejects, rows } = readPieces(some, 3)
      assert.strictEqual(rows.length, Math.ceil(LONGEST_CELL / record.length))
      assert.strictEqual(rejects[0]?.code, "missing-columns")
    }
  })
})

describe("records of another width", () => {
  it("are rejects with their number, line and text", () => {
    const { numbers, rejects } = readPieces(["1;2;3\n\n4;5\n6;7;8;9\n10;11;12\n"], 3)
    assert.deepStrictEqual(numbers, [1, 4])
    assert.deepStrictEqual(
      rejects.map(({ byte, code, line, raw, row }) => [row, code, raw, line, byte]),
      [
        [2, "missing-columns", "4;5", 3, 7],
        [3, "too-many-columns", "6;7;8;9", 4, 11],
      ],
    )
  })

  it("are taken when only empty cells are too many", () => {
    assert.deepStrictEqual(readPieces(["1;2;3;\n4;5;6;;\n"], 3).rows, [
      ["1", "2", "3"],
      ["4", "5", "6"],
    ])
  })
})

describe("line ends", () => {
  it("may be mixed", () => {
    const { facts, rows } = readPieces(["1;2;3\r\n4;5;6\n7;8;9\r10;11;12"], 3)
    assert.strictEqual(rows.length, 4)
    assert.deepStrictEqual(facts["lineEnds"], { crlf: 1, lf: 1, cr: 1, none: 1 })
  })

  it("may be missing: a line of 40 MB in pieces is read in time", () => {
    const piece = "x".repeat(65_536)
    const { rows } = readPieces(["1;", ...Array.from({ length: 600 }, () => piece), ";3"], 3)
    assert.strictEqual(String(rows[0]?.[1]).length, 600 * 65_536)
  })
})
