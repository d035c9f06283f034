import { assert, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { sheetXml, xlsxParts } from "./workbook-writer.ts"
import { writeZip } from "./zip-writer.ts"

const ROWS = 390_000

const cells = (n: number): string =>
  `<c r="A${n}" t="s"><v>${n - 2}</v></c><c r="B${n}" s="1"><v>${43_000 + (n % 2_000)}</v></c><c r="C${n}"><v>${n / 7}</v></c><c r="D${n}" t="inlineStr"><is><t>Travaux de réfection, lot ${n}</t></is></c><c r="E${n}" t="b"><v>1</v></c>`

/** Half of the text in the sheet, half shared: 100 MB of XML. */
const largeWorkbook = (): Buffer => {
  const rows = Array.from({ length: ROWS }, (_, n) => `<row r="${n + 2}">${cells(n + 2)}</row>`).join("")
  const names =
    '<row r="1"><c r="A1" t="inlineStr"><is><t>nom</t></is></c><c r="B1" t="inlineStr"><is><t>jour</t></is></c><c r="C1" t="inlineStr"><is><t>taux</t></is></c></row>'
  const strings = Array.from({ length: ROWS }, (_, n) => `<si><t>Commune numéro ${n} du département</t></si>`).join("")
  const relationship =
    '<Relationship Id="rS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
  const styles =
    '<Relationship Id="rT" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
  const parts = xlsxParts([{ name: "Grande", xml: sheetXml(names + rows) }]).map((part) =>
    part.name.endsWith("workbook.xml.rels")
      ? {
          ...part,
          content: String(part.content).replace("</Relationships>", `${relationship}${styles}</Relationships>`),
        }
      : part,
  )
  return writeZip([
    ...parts,
    { name: "xl/sharedStrings.xml", content: `<sst>${strings}</sst>` },
    {
      name: "xl/styles.xml",
      content: '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    },
  ])
}

it("reads 100 MB of XML under 500 MB of memory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "odh-excel-"))
  try {
    const path = join(folder, "large.xlsx")
    await writeFile(path, largeWorkbook())
    const program = fileURLToPath(new URL("./read-workbook.ts", import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--conditions=@opendatahub-sql/source",
      "--no-warnings",
      program,
      path,
    ])
    const { rows, cells, peakMb, cpuMs } = JSON.parse(stdout) as Readonly<Record<string, number>>
    console.log(`${String(rows)} rows, ${String(peakMb)} MB, ${String(cpuMs)} ms of CPU`)
    assert.deepStrictEqual([rows, cells], [ROWS, ROWS * 5])
    assert.isBelow(peakMb ?? 0, 500)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
