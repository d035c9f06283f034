import { it } from "@effect/vitest"
import { formatLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { excel } from "../src/index.ts"
import { corpus, fixture } from "./reading.ts"
import { rowXml, sheetXml, xlsxOf, xlsxParts } from "./workbook-writer.ts"
import { writeZip } from "./zip-writer.ts"

const wrong: unknown = { sheets: "re:(", header: 0, colour: "red" }

const letters: ReadonlyArray<Readonly<Record<string, string>>> = [
  { header1: "a", header2: "b", header3: "c" },
  { header1: "d", header2: "e", header3: "f" },
]
const samples: ReadonlyArray<Readonly<Record<string, string>>> = [
  { number: "1", string: "two", boolean: "true" },
  { number: "3", string: "four", boolean: "false" },
]
const tricky = fixture("made/tricky.xlsx")
const xls = fixture("made/tricky.xls")

registerLaws(
  it,
  formatLaws({
    format: excel(),
    samples: [
      { name: "lave-linge.xlsx", bytes: corpus("one-table-xlsx-ods/lave-linge.xlsx") },
      { name: "lave-linge.ods", bytes: corpus("one-table-xlsx-ods/lave-linge.ods") },
      { name: "sample-1-sheet.txt", bytes: fixture("frictionless/sample-1-sheet.txt"), rows: { Sheet1: samples } },
      { name: "sample-1-sheet.xls", bytes: fixture("frictionless/sample-1-sheet.xls"), rows: { Sheet1: samples } },
      { name: "sample.ods", bytes: fixture("frictionless/sample.ods"), rows: { Sheet1: letters } },
      { name: "tricky.xlsx", bytes: tricky },
      { name: "tricky.xls", bytes: xls },
      { name: "tricky.ods", bytes: fixture("made/tricky.ods") },
      { name: "inline.xlsm", bytes: fixture("made/inline.xlsm") },
    ],
    large: (rows) =>
      writeZip(
        xlsxParts([
          {
            name: "Grande",
            xml: sheetXml(
              rowXml(1, ["id", "nom"]) +
                Array.from({ length: rows }, (_, n) => rowXml(n + 2, [n, `commune ${n}`])).join(""),
            ),
          },
        ]),
      ),
    named: (names) => xlsxOf([names, names.map((_, n) => n)]),
    misconfigured: excel(wrong as { readonly sheets: string }),
    damaged: [
      { name: "cut.xlsx", bytes: tricky.subarray(0, 9_000) },
      { name: "cut.xls", bytes: xls.subarray(0, 9_000) },
      { name: "cut.ods", bytes: fixture("made/tricky.ods").subarray(0, 12_000) },
      { name: "flipped.xlsx", bytes: tricky.map((byte, at) => (at > 3_000 && at < 3_020 ? byte ^ 0xff : byte)) },
      { name: "errors.xlsx", bytes: tricky },
    ],
  }),
)
