/**
 * One table, polluted in one way at a time, as the authors of Pollock (VLDB 2023) describe what they found in open data. The base tables
 * are made here; what a reader should see is known from how the pollution was made.
 */
import { assert, describe, it } from "@effect/vitest"
import type { JsonObject } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { type ReadTable, readTables } from "./reading.ts"

type Row = ReadonlyArray<string>
interface Table {
  readonly columns: Row
  readonly rows: ReadonlyArray<Row>
}

const products: Table = {
  columns: ["DATE", "TIME", "Qty", "PRODUCTID", "Price", "ProductType", "Description", "URL", "Comments"],
  rows: Array.from({ length: 40 }, (_, n) => [
    `${String(1 + (n % 28)).padStart(2, "0")}/01/2018`,
    `${String(n % 24).padStart(2, "0")}:15`,
    String(n % 7),
    `MG-${8000 + n}`,
    `$${n}.69`,
    ["Men's Boots", 'Table, Round 48"', "Kids' Hat"][n % 3] ?? "",
    ["Light, yet rugged; won't let you down.", 'A rod of 9" length', "Soft"][n % 3] ?? "",
    `https://www.example.com/product/${n}.html`,
    "",
  ]),
}
const communes: Table = {
  columns: ["code", "nom", "population", "superficie", "date", "remarque"],
  rows: Array.from({ length: 30 }, (_, n) => [
    n % 9 === 0 ? `2A${100 + n}` : `0${1001 + n}`,
    ["L'Abergement", "Bâgé-le-Châtel", "Saint-Étienne"][n % 3] ?? "",
    String(300 + n * 41),
    `${n},5`,
    `2024-01-${String(1 + (n % 28)).padStart(2, "0")}`,
    ["", "commune nouvelle; 2019", "chef-lieu"][n % 3] ?? "",
  ]),
}
const bases = [
  ["products", products, ","],
  ["communes", communes, ";"],
] as const

interface Style {
  readonly delimiter: string
  readonly quote?: string
  readonly escape?: "doubled" | "backslash"
  readonly all?: boolean
  readonly end?: string
}

const line = (cells: Row, { delimiter, quote = '"', escape = "doubled", all = false }: Style): string =>
  cells
    .map((cell) =>
      all || cell.includes(delimiter.trim() || delimiter) || cell.includes(quote)
        ? `${quote}${cell.replaceAll(quote, escape === "doubled" ? quote + quote : `\\${quote}`)}${quote}`
        : cell,
    )
    .join(delimiter)

const write = (rows: ReadonlyArray<Row>, style: Style): string =>
  rows.map((row) => line(row, style) + (style.end ?? "\r\n")).join("")

const whole = ({ columns, rows }: Table, style: Style): string => write([columns, ...rows], style)

const dialectOf = (facts: JsonObject) =>
  facts["dialect"] as { readonly delimiter: string; readonly quote: string; readonly escape: string }
const notRows = (facts: JsonObject | undefined): ReadonlyArray<string> =>
  ((facts?.["notRows"] as { readonly first: ReadonlyArray<{ readonly what: string }> } | undefined)?.first ?? []).map(
    ({ what }) => what,
  )

const holds = ({ columns, rows }: Table, found: ReadTable | undefined): void => {
  if (found === undefined) return assert.fail("no such table")
  assert.deepStrictEqual(found.columns, columns)
  assert.deepStrictEqual(
    found.rows,
    rows.map((row) => row.map((cell) => (cell === "" ? null : cell))),
  )
  assert.deepStrictEqual(found.rejects, [])
}

for (const [name, table, delimiter] of bases) {
  const { columns, rows } = table
  const own: Style = { delimiter }
  const text = whole(table, own)
  const padded = (words: string): Row => columns.map((_, column) => (column === 0 ? words : ""))
  const head = (facts: JsonObject) =>
    facts["header"] as { readonly titles: Row; readonly units?: Row; readonly lines: ReadonlyArray<number> }

  describe(`${name}, polluted:`, () => {
    for (const [what, style] of [
      ...[";", ",", "\t", "|", " ", ":", "^", "~"].map((d): [string, Style] => [
        `cells between ${JSON.stringify(d)}`,
        { delimiter: d },
      ]),
      ["everything in quotes", { delimiter, all: true }],
      ["apostrophes as quotes", { delimiter, quote: "'", all: true }],
      ["backslashes before quotes", { delimiter, escape: "backslash", all: true }],
      ["lines that end in CR", { delimiter, end: "\r" }],
      ["lines that end in LF", { delimiter, end: "\n" }],
    ] as ReadonlyArray<readonly [string, Style]>) {
      it.effect(what, () =>
        Effect.gen(function* () {
          const [found] = yield* readTables(whole(table, style))
          holds(table, found)
          const dialect = dialectOf(found?.facts ?? {})
          assert.strictEqual(dialect.delimiter, style.delimiter)
          assert.strictEqual(dialect.quote, style.quote ?? '"')
          // Where nothing is escaped, nothing tells how.
          if (rows.some((row) => row.some((cell) => cell.includes('"'))))
            assert.strictEqual(dialect.escape, style.escape ?? "doubled")
        }),
      )
    }

    for (const [what, content, expected, facts] of [
      ["a space after each comma", whole(table, { delimiter: ", " }), table, undefined],
      ["no line end at the end", text.trimEnd(), table, undefined],
      ["one more line end", `${text}\r\n`, table, undefined],
      ["one record", whole({ columns, rows: rows.slice(1, 2) }, own), { columns, rows: rows.slice(1, 2) }, undefined],
      ["names alone", write([columns], own), { columns, rows: [] }, undefined],
      ["no names", write(rows, own), { columns: columns.map(() => ""), rows }, undefined],
      [
        "names in two equal lines",
        write([columns], own) + text,
        { columns: columns.map((c) => `${c} ${c}`), rows },
        undefined,
      ],
      [
        "groups of columns above the names",
        write([columns.map((_, c) => (c === 1 ? "A" : c === 3 ? "B" : ""))], own) + text,
        { columns: columns.map((c, i) => (i === 0 ? c : `${i < 3 ? "A" : "B"} ${c}`)), rows },
        undefined,
      ],
      [
        "a line of units",
        write([columns, columns.map((_, c) => (c === 2 ? "(%)" : c === 3 ? "km²" : "")), ...rows], own),
        table,
        { units: true },
      ],
      ["titles", `Annual report\r\nSource: the office\r\n\r\n${text}`, table, { titles: 3 }],
      [
        "titles with all their delimiters",
        write(["Report", "Of 2018", ""].map(padded), own) + text,
        table,
        { titles: 3 },
      ],
      [
        "keys and values above",
        write(
          [
            ["Office", "INSEE"],
            ["Year", "2018"],
          ],
          own,
        ) +
          "\r\n" +
          text,
        table,
        { titles: 3 },
      ],
      ["comments above", `# by a tool\r\n# version 2\r\n${text}`, table, { titles: 2 }],
      [
        "a comment among the records",
        write([columns, ...rows.slice(0, 5)], own) + "# it's a remark\r\n" + write(rows.slice(5), own),
        table,
        { notRows: ["comment"] },
      ],
      [
        "notes below",
        `${text}Source : INSEE, 2018\r\nNote: provisional; to be revised\r\n`,
        table,
        { notRows: ["footer", "footer"] },
      ],
      ["notes below an empty line", `${text}\r\nProvisional figures\r\n`, table, { notRows: ["footer"] }],
      [
        "notes with all their delimiters",
        text + write(["", "Source : INSEE", "Provisional figures"].map(padded), own),
        table,
        { notRows: ["blank", "footer", "footer"] },
      ],
      [
        "a total",
        text + write([columns.map((_, c) => (c === 0 ? "Total" : c === 2 ? "99" : ""))], own),
        table,
        { notRows: ["footer"] },
      ],
      ["the table twice", text + text, { columns, rows: [...rows, ...rows] }, { notRows: ["repeated header"] }],
    ] as ReadonlyArray<
      readonly [
        string,
        string,
        Table,
        { readonly titles?: number; readonly units?: true; readonly notRows?: Row } | undefined,
      ]
    >) {
      it.effect(what, () =>
        Effect.gen(function* () {
          const tables = yield* readTables(content)
          holds(expected, tables[0])
          const found = tables[0]?.facts ?? {}
          assert.strictEqual(tables.length, 1)
          assert.deepStrictEqual(notRows(found), facts?.notRows ?? [])
          assert.strictEqual(head(found).titles.length, facts?.titles ?? 0)
          assert.strictEqual(head(found).units !== undefined, facts?.units === true)
        }),
      )
    }

    const narrower: Table = { columns: columns.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)) }
    const wider: Table = { columns: [...columns, "more"], rows: rows.map((row, n) => [...row, String(n)]) }
    for (const [what, next] of [
      ["narrower", narrower],
      ["wider", wider],
    ] as const) {
      for (const between of ["", "\r\n", "\r\nAnother table\r\n"]) {
        it.effect(`a ${what} table below, ${between === "" ? "at once" : JSON.stringify(between)}`, () =>
          Effect.gen(function* () {
            const tables = yield* readTables(text + between + whole(next, own))
            assert.strictEqual(tables.length, 2)
            holds(table, tables[0])
            holds(next, tables[1])
          }),
        )
      }
    }

    it.effect("a cell too many, one too few, another one: one reject, and every other row", () =>
      Effect.gen(function* () {
        const records = rows.map((row) => line(row, own))
        const broken = rows[4] ?? []
        for (const cells of [[...broken.slice(0, 2), "y", ...broken.slice(2, -1), "x"], broken.slice(0, -2)]) {
          const lines = [line(columns, own), ...records.slice(0, 4), line(cells, own), ...records.slice(5)]
          const [found] = yield* readTables(lines.join("\r\n"))
          assert.deepStrictEqual(
            found?.rejects.map((reject) => reject.row),
            [5],
          )
          assert.strictEqual(found?.rows.length, rows.length - 1)
        }
      }),
    )

    it.effect("a quote too many in any name: no other name is lost", () =>
      Effect.gen(function* () {
        for (let c = 0; c < columns.length - 1; c++) {
          const names = columns.map((name, at) => (at === c ? `"${name}` : `"${name}"`)).join(delimiter)
          const [found] = yield* readTables([names, ...rows.map((row) => line(row, own))].join("\r\n"))
          assert.strictEqual(found?.rows.length, rows.length)
          const others = (cells: Row) => cells.filter((_, at) => at !== c)
          assert.deepStrictEqual(others(found?.columns ?? []), others(columns), `column ${c}`)
        }
      }),
    )

    it.effect("a quote too many in any cell: no row is lost", () =>
      Effect.gen(function* () {
        for (let c = 0; c < columns.length - 1; c++) {
          const cells = (rows[4] ?? []).map((cell) => line([cell], own))
          const records = rows.map((row) => line(row, own))
          records[4] = cells.map((cell, at) => (at === c ? `"${cell}` : cell)).join(delimiter)
          const [found] = yield* readTables([line(columns, own), ...records].join("\r\n"))
          assert.deepStrictEqual([found?.rows.length, found?.rejects.length], [rows.length, 0], `column ${c}`)
        }
      }),
    )
  })
}
