import { assert, describe, it } from "@effect/vitest"
import type { Probe } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { detects } from "../src/detect.ts"
import { excel } from "../src/index.ts"
import { failure, fixture, read } from "./reading.ts"
import { odsOf, rowXml, sheetXml, xlsxOf, xlsxParts } from "./workbook-writer.ts"
import { writeZip } from "./zip-writer.ts"

const sheet = (
  xml: string | Uint8Array,
  changes: (parts: ReturnType<typeof xlsxParts>) => ReturnType<typeof xlsxParts> = (parts) => parts,
) => writeZip(changes(xlsxParts([{ name: "S", xml }])))

const refused = (bytes: Uint8Array, message: RegExp, options = {}) =>
  Effect.map(failure(bytes, options), (error) => {
    assert.strictEqual(error._tag, "FormatError")
    assert.strictEqual(error.reason._tag, "DataQuality")
    assert.match(error.message, message)
    assert.match(error.message, /^classeur\.xlsx: /)
  })

const probe = (bytes: Uint8Array, more: Partial<Probe> = {}): Probe => ({
  name: "fichier.csv",
  mediaType: "text/csv",
  declared: "csv",
  size: bytes.length,
  head: bytes.subarray(0, 65_536),
  tail: bytes.length > 65_536 ? bytes.subarray(-4_096) : new Uint8Array(0),
  members: undefined,
  siblings: [],
  ...more,
})

describe("protected workbooks", () => {
  for (const name of ["password.xlsx", "password.xls", "password.ods"])
    it.effect(`${name} is told as such`, () =>
      refused(fixture(`made/${name}`), /protected by a password; ask its publisher for one without/),
    )
})

describe("workbooks in plain XML", () => {
  const flat = (head: string, name: string, xml: string) =>
    it.effect(`${name} is refused by name, and not left to the reader of XML`, () => {
      for (const bytes of [Buffer.from(head + xml), Buffer.from(`\ufeff${xml}`, "utf16le")]) {
        assert.strictEqual(detects(probe(bytes)), 0.95)
      }
      return refused(Buffer.from(head + xml), new RegExp(`${name}.*save it as \\.xlsx or \\.ods`))
    })
  flat(
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n',
    "SpreadsheetML",
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>',
  )
  flat(
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    "fods",
    '<office:document office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body/></office:document>',
  )
})

describe("bombs", () => {
  const zeros = sheetXml(rowXml(1, ["a"]) + " ".repeat(30_000_000))
  it.effect("a part that unfolds too far", () => refused(sheet(zeros), /bytes unpack to more than .*option "maxRatio"/))
  it.effect("a workbook that unfolds too far", () =>
    refused(sheet(zeros), /more than 1000000 bytes.*option "maxBytes"/, { maxBytes: 1_000_000 }),
  )
  it.effect("a row of an ods that stands for a million rows of a thousand cells", () => {
    const cell =
      '<table:table-cell office:value-type="string" table:number-columns-repeated="1000"><text:p>xxxxxxxxxx</text:p></table:table-cell>'
    return refused(
      odsOf(
        `<table:table table:name="T"><table:table-row table:number-rows-repeated="1000000">${cell}</table:table-row></table:table>`,
      ),
      /more than 20000000 characters/,
      { maxBytes: 20_000_000 },
    )
  })
  it.effect("a cell that has no end", () =>
    refused(
      sheet(sheetXml(`<row r="1"><c r="A1" t="inlineStr"><is><t>${"x".repeat(40_000_000)}</t></is></c></row>`)),
      /characters without a tag/,
      { maxRatio: 2_000 },
    ),
  )
  it.effect("entities are not followed", () =>
    refused(
      sheet(
        `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${sheetXml('<row r="1"><c t="str"><v>&b;</v></c></row>').replace(/^<\?xml[^>]*\?>/, "")}`,
      ),
      /no sound XML/,
    ),
  )
})

describe("damage", () => {
  const xlsx = fixture("made/tricky.xlsx")
  it.effect("a file cut short", () => refused(xlsx.subarray(0, 8_000), /fetch it again/))
  it.effect("a part with another checksum", () =>
    refused(
      sheet("", (parts) =>
        parts.map((part) => (part.name.includes("sheet1") ? { ...part, content: sheetXml(""), crc: 1 } : part)),
      ),
      /checksum \(CRC-32\) of xl\/worksheets\/sheet1\.xml/,
    ),
  )
  it.effect("a part that is shorter than the directory says", () =>
    refused(
      sheet("", (parts) =>
        parts.map((part) => (part.name.includes("sheet1") ? { ...part, content: sheetXml(""), size: 9_999 } : part)),
      ),
      /where the directory says 9999/,
    ),
  )
  it.effect("a missing sheet", () =>
    refused(
      sheet("", (parts) => parts.filter(({ name }) => !name.includes("sheet1"))),
      /its part xl\/worksheets\/sheet1\.xml is missing/,
    ),
  )
  it.effect("XML that ends early", () => refused(sheet(sheetXml(rowXml(1, ["a"])).slice(0, -20)), /no sound XML/))
  it.effect("bytes that are not UTF-8", () =>
    refused(sheet(Buffer.from(sheetXml(rowXml(1, ["é"])), "latin1")), /encoding/),
  )
  it.effect("a shared string that is not there", () =>
    refused(sheet(sheetXml('<row r="1"><c r="A1" t="s"><v>7</v></c></row>')), /shared string 7/),
  )
  it.effect("rows and columns beyond the sheet", () =>
    Effect.all([
      refused(sheet(sheetXml('<row r="1048577"><c r="A1048577"><v>1</v></c></row>')), /a row 1048577/),
      refused(sheet(sheetXml('<row r="1"><c r="XFE1"><v>1</v></c></row>')), /a cell XFE1/),
    ]),
  )
  it.effect("a zip that is no workbook", () => refused(writeZip([{ name: "a.csv", content: "a" }]), /no workbook/))
  it.effect("an OpenDocument text", () =>
    refused(
      writeZip([
        { name: "content.xml", content: "<office:text xmlns:office='x'/>" },
        { name: "META-INF/manifest.xml", content: "<m/>" },
      ]),
      /no spreadsheet/,
    ),
  )
  it.effect("a binary workbook", () =>
    refused(
      writeZip(
        xlsxParts([]).map((part) => ({
          ...part,
          content: String(part.content).replace("xl/workbook.xml", "xl/workbook.bin"),
        })),
      ),
      /xlsb/,
    ),
  )
  it.effect("an old document that is no workbook", () => {
    const xls = Buffer.from(fixture("made/tricky.xls"))
    const at = xls.indexOf(Buffer.from("Workbook", "utf16le"))
    xls.write("WordDocu", at, "utf16le")
    return refused(xls, /no workbook/)
  })
  it.effect("a number that is none is a reject with its text", () =>
    Effect.gen(function* () {
      const { tables } = yield* read(
        sheet(sheetXml(`${rowXml(1, ["a", "b"])}<row r="2"><c r="A2"><v>12x</v></c><c r="B2"><v>1</v></c></row>`)),
      )
      assert.deepStrictEqual(tables["S"]?.rows, [[null, "1"]])
      assert.deepStrictEqual(
        tables["S"]?.rejects.map(({ raw, code, line }) => [raw, code, line]),
        [["12x", "not-double", 2]],
      )
    }),
  )
})

it.effect("columns called __proto__ and constructor are columns", () =>
  Effect.gen(function* () {
    const { tables } = yield* read(
      xlsxOf([
        ["__proto__", "constructor", "toString"],
        [1, 2, 3],
      ]),
    )
    assert.deepStrictEqual(tables["Feuille"]?.columns, ["__proto__", "constructor", "toString"])
    assert.deepStrictEqual(tables["Feuille"]?.rows, [["1", "2", "3"]])
  }),
)

describe("recognises", () => {
  const confidence = (bytes: Uint8Array, more?: Partial<Probe>) =>
    Effect.map(Effect.orDie(excel().decode), (decoded) => decoded.detects(probe(bytes, more)))

  for (const name of [
    "made/tricky.xlsx",
    "made/tricky.ods",
    "made/tricky.xls",
    "made/inline.xlsm",
    "made/password.xlsx",
    "frictionless/sample-1-sheet.txt",
  ])
    it.effect(`${name} whatever it is called`, () =>
      Effect.map(confidence(fixture(name)), (sure) => assert.isAbove(sure, 0.9)),
    )

  it.effect("a workbook whose parts begin with something else, by the members of its archive", () =>
    Effect.gen(function* () {
      const parts = [{ name: "customXml/item1.xml", content: "<a/>" }, ...xlsxParts([{ name: "S", xml: sheetXml("") }])]
      const bytes = writeZip(parts)
      assert.strictEqual(yield* confidence(bytes), 0)
      assert.isAbove(yield* confidence(bytes, { members: parts.map(({ name }) => name) }), 0.9)
      assert.isAbove(
        yield* confidence(writeZip([{ name: "META-INF/manifest.xml", content: "" }]), {
          members: ["META-INF/manifest.xml", "content.xml", "mimetype"],
        }),
        0.9,
      )
    }),
  )

  it.effect("neither other documents nor archives", () =>
    Effect.gen(function* () {
      const docx = [
        { name: "[Content_Types].xml", content: "<a/>" },
        { name: "word/document.xml", content: "<a/>" },
        { name: "word/embeddings/a.xlsx", content: fixture("made/inline.xlsm"), method: 0 },
      ]
      assert.strictEqual(yield* confidence(writeZip(docx)), 0)
      assert.strictEqual(yield* confidence(writeZip(docx), { members: docx.map(({ name }) => name) }), 0)
      const odt = [
        { name: "mimetype", content: "application/vnd.oasis.opendocument.text", method: 0 },
        { name: "content.xml", content: "<a/>" },
      ]
      assert.strictEqual(
        yield* confidence(writeZip(odt), { members: ["mimetype", "content.xml", "META-INF/manifest.xml"] }),
        0,
      )
      const zipped = writeZip([{ name: "données.xlsx", content: fixture("made/tricky.xlsx"), method: 0 }])
      assert.strictEqual(yield* confidence(zipped), 0)
      assert.strictEqual(yield* confidence(zipped, { members: ["données.xlsx"] }), 0)
      assert.strictEqual(yield* confidence(Buffer.from("a;b\n1;2\n"), { name: "a.xlsx" }), 0)
    }),
  )
})
