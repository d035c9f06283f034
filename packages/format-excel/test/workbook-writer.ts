/** Writes the smallest xlsx and ods that hold given rows: texts, numbers, nothing. For what no file at hand shows. */
import { type Part, writeZip } from "./zip-writer.ts"

export type Value = string | number | null

const OPC = "http://schemas.openxmlformats.org/package/2006"
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")

const letters = (column: number): string =>
  (column < 26 ? "" : letters(Math.floor(column / 26) - 1)) + String.fromCharCode(65 + (column % 26))

/** The XML of a row; `null` leaves a place out. */
export const rowXml = (number: number, values: ReadonlyArray<Value>): string =>
  `<row r="${number}">${values
    .map((value, column) => {
      const place = `${letters(column)}${number}`
      if (value === null) return ""
      return typeof value === "number"
        ? `<c r="${place}"><v>${value}</v></c>`
        : `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escape(value)}</t></is></c>`
    })
    .join("")}</row>`

export const sheetXml = (rows: string, after = ""): string =>
  `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData>${after}</worksheet>`

/** The parts of an xlsx whose sheets are given as XML. */
export const xlsxParts = (
  sheets: ReadonlyArray<{ readonly name: string; readonly xml: string | Uint8Array }>,
): Array<Part> => [
  { name: "[Content_Types].xml", content: `<Types xmlns="${OPC}/content-types"/>` },
  {
    name: "_rels/.rels",
    content: `<Relationships xmlns="${OPC}/relationships"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  },
  {
    name: "xl/workbook.xml",
    content: `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${sheets.map(({ name }, n) => `<sheet name="${escape(name)}" sheetId="${n + 1}" r:id="r${n + 1}"/>`).join("")}</sheets></workbook>`,
  },
  {
    name: "xl/_rels/workbook.xml.rels",
    content: `<Relationships xmlns="${OPC}/relationships">${sheets.map((_, n) => `<Relationship Id="r${n + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${n + 1}.xml"/>`).join("")}</Relationships>`,
  },
  ...sheets.map(({ xml }, n) => ({ name: `xl/worksheets/sheet${n + 1}.xml`, content: xml })),
]

/** An xlsx of one sheet. `merged`: references such as `A1:B2`. */
export const xlsxOf = (rows: ReadonlyArray<ReadonlyArray<Value>>, merged: ReadonlyArray<string> = []): Buffer => {
  const cells =
    merged.length === 0 ? "" : `<mergeCells>${merged.map((ref) => `<mergeCell ref="${ref}"/>`).join("")}</mergeCells>`
  return writeZip(
    xlsxParts([{ name: "Feuille", xml: sheetXml(rows.map((row, n) => rowXml(n + 1, row)).join(""), cells) }]),
  )
}

const ODF = "urn:oasis:names:tc:opendocument:xmlns"

/** An ods whose tables are given as XML. */
export const odsOf = (tables: string, styles = ""): Buffer =>
  writeZip([
    { name: "mimetype", content: "application/vnd.oasis.opendocument.spreadsheet", method: 0 },
    {
      name: "content.xml",
      content: `<office:document-content xmlns:office="${ODF}:office:1.0" xmlns:table="${ODF}:table:1.0" xmlns:text="${ODF}:text:1.0" xmlns:style="${ODF}:style:1.0" xmlns:number="${ODF}:datastyle:1.0" xmlns:draw="${ODF}:drawing:1.0" xmlns:calcext="urn:x"><office:automatic-styles>${styles}</office:automatic-styles><office:body><office:spreadsheet>${tables}</office:spreadsheet></office:body></office:document-content>`,
    },
    { name: "META-INF/manifest.xml", content: `<manifest:manifest xmlns:manifest="${ODF}:manifest:1.0"/>` },
  ])
