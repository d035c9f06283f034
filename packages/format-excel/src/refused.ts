/** Workbooks of kinds that we do not read: each is known by its bytes and refused by its name. */
import { WorkbookProblem } from "./problem.ts"

const FLAT: ReadonlyArray<readonly [string, string]> = [
  ["urn:schemas-microsoft-com:office:spreadsheet", "an XML spreadsheet of Excel 2003 (SpreadsheetML)"],
  ["application/vnd.oasis.opendocument.spreadsheet", "a flat OpenDocument spreadsheet (.fods)"],
]

/** What kind of workbook in plain XML begins so, or `undefined`. */
export const flatWorkbook = (head: Uint8Array): string | undefined => {
  // In UTF-16 every second byte is zero.
  const text = Buffer.from(head.subarray(0, 4_096)).toString("latin1").replaceAll("\u0000", "")
  if (!/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?\s*<(?:\?xml|\w+:?\w*\s)/.test(text)) return undefined
  const root = /<(?:\w+:)?(Workbook|document)\s[^>]*>/.exec(text)?.[0] ?? ""
  return FLAT.find(([mark]) => root.includes(mark))?.[1]
}

/** A refusal that says what would be read. */
export const refusedKind = (kind: string): WorkbookProblem =>
  new WorkbookProblem(`it is ${kind}, which is not read`, "save it as .xlsx or .ods, or ask its publisher for that")
