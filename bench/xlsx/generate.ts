/** A workbook as administrations publish them: one sheet, a title, a header, rows of eight cells, most texts shared. Counted while written. */
import { execFileSync } from "node:child_process"
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { dirname, join } from "node:path"
import { seeded } from "../measure/random.ts"

/** Exact figures of the sheet. */
export interface Oracle {
  readonly rows: number
  readonly amountCents: bigint
  /** Sum of the dates, in days since 1970. */
  readonly days: number
  readonly inAjaccio: number
  /** Sum of the lengths of the names of communes. */
  readonly letters: number
}

export const header = [
  "id",
  "code_commune",
  "commune",
  "date_decision",
  "montant",
  "taux",
  "versement",
  "objet",
] as const

const NAMESPACE = "http://schemas.openxmlformats.org"
const SPREADSHEET = `${NAMESPACE}/spreadsheetml/2006/main`
/** Of 1970-01-01. */
const SERIAL = 25_569
const COMMUNES = 36_000

const relationship = (id: string, type: string, target: string): string =>
  `<Relationship Id="${id}" Type="${NAMESPACE}/officeDocument/2006/relationships/${type}" Target="${target}"/>`
const relationships = (...each: ReadonlyArray<string>): string =>
  `<Relationships xmlns="${NAMESPACE}/package/2006/relationships">${each.join("")}</Relationships>`

/** Writes a workbook whose sheet is at least `bytes` bytes of XML. */
export const generate = (path: string, bytes: number, seed: number): Oracle => {
  const random = seeded(seed)
  const folder = join(dirname(path), "parts")
  const write = (name: string, xml: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${xml}`)
  }
  const codes = Array.from({ length: COMMUNES }, (_, n) => (n === 0 ? "2A004" : String(1_000 + n).padStart(5, "0")))
  const names = codes.map((_, n) => `Sainte-Étape-${n % 9_000}`)
  const subjects = ["Aide à l’équipement", "Fonctionnement & suivi", "Rénovation « phase 2 »", "Éclairage"]
  const strings = ["Subventions versées", ...header, "oui", "non", ...subjects, ...codes, ...names]
  const escaped = strings.map((text) => `<si><t>${text.replaceAll("&", "&amp;")}</t></si>`)
  const at = (text: number): string => ` t="s"><v>${text}</v></c>`
  const [yes, firstSubject, firstCode, firstName] = [
    1 + header.length,
    3 + header.length,
    3 + header.length + subjects.length,
    3 + header.length + subjects.length + codes.length,
  ]
  write(
    "[Content_Types].xml",
    `<Types xmlns="${NAMESPACE}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`,
  )
  write("_rels/.rels", relationships(relationship("r1", "officeDocument", "xl/workbook.xml")))
  write(
    "xl/_rels/workbook.xml.rels",
    relationships(
      relationship("r1", "worksheet", "worksheets/sheet1.xml"),
      relationship("r2", "styles", "styles.xml"),
      relationship("r3", "sharedStrings", "sharedStrings.xml"),
    ),
  )
  write(
    "xl/workbook.xml",
    `<workbook xmlns="${SPREADSHEET}" xmlns:r="${NAMESPACE}/officeDocument/2006/relationships"><sheets><sheet name="Subventions" sheetId="1" r:id="r1"/></sheets></workbook>`,
  )
  write(
    "xl/styles.xml",
    `<styleSheet xmlns="${SPREADSHEET}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  )
  write("xl/sharedStrings.xml", `<sst xmlns="${SPREADSHEET}">${escaped.join("")}</sst>`)
  mkdirSync(join(folder, "xl/worksheets"))
  const file = openSync(join(folder, "xl/worksheets/sheet1.xml"), "w")
  const columns = "ABCDEFGH"
  let block = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${SPREADSHEET}"><sheetData><row r="1"><c r="A1"${at(0)}</row><row r="3">${header.map((_, n) => `<c r="${columns[n]}3"${at(1 + n)}`).join("")}</row>`
  let [written, rows, cents, days, inAjaccio, letters] = [0, 0, 0, 0, 0, 0]
  while (written < bytes) {
    const r = rows + 4
    const commune = random.below(20) === 0 ? 0 : random.below(COMMUNES)
    const day = 14_000 + random.below(6_000)
    const amount = random.below(5_000_000_00)
    block += `<row r="${r}" spans="1:8"><c r="A${r}"><v>${1_000_000 + rows}</v></c><c r="B${r}"${at(firstCode + commune)}<c r="C${r}"${at(firstName + commune)}<c r="D${r}" s="1"><v>${SERIAL + day}</v></c><c r="E${r}"><v>${amount / 100}</v></c><c r="F${r}"><v>${random.below(10_000) / 100}</v></c><c r="G${r}"${at(yes + random.below(2))}<c r="H${r}"${at(firstSubject + random.below(subjects.length))}</row>`
    rows++
    cents += amount
    days += day
    if (commune === 0) inAjaccio++
    letters += names[commune]?.length ?? 0
    if (block.length > 1 << 20) {
      written += writeSync(file, block)
      block = ""
    }
  }
  writeSync(file, `${block}</sheetData></worksheet>`)
  closeSync(file)
  execFileSync("zip", ["-q", "-r", "-X", path, "."], { cwd: folder })
  rmSync(folder, { recursive: true })
  return { rows, amountCents: BigInt(cents), days, inAjaccio, letters }
}
