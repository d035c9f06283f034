import { describe, it } from "@effect/vitest"
import { fuzzFormat } from "@opendatahub-sql/core/testing"
import { excel } from "../src/index.ts"
import { fixture } from "./reading.ts"
import { odsOf, rowXml, sheetXml, xlsxParts } from "./workbook-writer.ts"
import { writeZip } from "./zip-writer.ts"

const long = process.env["ODH_LONG"] === "1"
/** Milliseconds: far more than the machine that is slowest, and hours for the long lane. */
const TIMEOUT = long ? 3 * 3_600_000 : 300_000

const sheets = [
  sheetXml(rowXml(1, ["code", "nom", "n"]) + rowXml(2, ["01001", "A", 1]) + rowXml(4, ["2A004", null, 2.5])),
  sheetXml(
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="b"><v>1</v></c></row><row><c t="str"><f>A1</f><v>x</v></c><c t="e"><v>#N/A</v></c></row>',
    '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>',
  ),
]
const tables = [
  '<table:table table:name="T"><table:table-row><table:table-cell office:value-type="string"><text:p>nom</text:p></table:table-cell><table:table-cell table:number-columns-repeated="3"/></table:table-row><table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="1.5"/><table:table-cell office:value-type="date" office:date-value="2024-01-05"/></table:table-row></table:table>',
]
const words = [
  "<row>",
  "</row>",
  "<c>",
  "</c>",
  "<v>",
  "</v>",
  ' r="XFD1048576"',
  ' r="A0"',
  ' t="s"',
  ' t="d"',
  "99999999999",
  "#REF!",
  "&amp;",
  "&#0;",
  "<!DOCTYPE x>",
]

describe("any bytes whatever are rows and rejects, all records told, or a typed error", () => {
  const cases = [
    {
      what: "archives and compound files",
      corpus: [
        "made/tricky.xlsx",
        "made/tricky.ods",
        "made/tricky.xls",
        "frictionless/sample.ods",
        "frictionless/sample-1-sheet.xls",
      ].map(fixture),
      most: Infinity,
      runs: 100,
    },
    {
      what: "sheets of a sound xlsx",
      corpus: sheets.map((sheet) => Buffer.from(sheet)),
      place: (xml: Uint8Array) => ({ bytes: writeZip(xlsxParts([{ name: "Feuille", xml }])) }),
      runs: 150,
    },
    {
      what: "tables of a sound ods",
      corpus: tables.map((table) => Buffer.from(table)),
      place: (table: Uint8Array) => ({ bytes: odsOf(Buffer.from(table).toString()) }),
      words: [
        ' table:number-rows-repeated="1048576"',
        ' table:number-columns-repeated="16384"',
        "<table:table-cell/>",
        "<text:p>",
        ...words,
      ],
      runs: 150,
    },
  ]
  for (const { what, runs, ...options } of cases) {
    it(
      `damaged copies: ${what}`,
      async () => {
        const tally = await fuzzFormat({
          words,
          ...options,
          format: excel(),
          blankRecords: true,
          expects: { read: 1 },
          name: "classeur",
          runs: long ? runs * 40 : runs,
        })
        console.log(`workbooks, ${what}:`, tally)
      },
      TIMEOUT,
    )
  }
})
