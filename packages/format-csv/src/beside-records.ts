/** Whether a file may hold more than the records of one table: what the engine's strict reader would take for rows or rejects. */
import type { Layout } from "./dialect/layout.ts"
import { footersIn, roleOf } from "./records/aside.ts"
import { recordScanner } from "./records/record-scanner.ts"
import { countEmptyLines } from "./survey/finder.ts"
import type { Survey } from "./survey/survey.ts"

/** A record of more lines than these at the end of a file is not looked at. */
const LINES = 20

const emptyLinesIn = (text: string): number => countEmptyLines(Buffer.from(text, "latin1"), true)

const endOf = (surveyed: Survey, layout: Layout): string =>
  surveyed.tail === "" ? surveyed.head.slice(layout.start) : surveyed.tail

/** Whether the file ends with a row or a reject of the table, and not with a note or a total. */
const endsWithRecord = (end: string, layout: Layout): boolean => {
  const { columns, dialect, kinds = [], shortest } = layout
  const text = end.replace(/[\r\n]+$/, "")
  if (text === "") return end === ""
  const scanner = recordScanner(dialect)
  let start = text.length
  for (let n = 0; n < LINES && start > 0; n++) {
    start = Math.max(text.lastIndexOf("\n", start - 2), text.lastIndexOf("\r", start - 2)) + 1
    const next = scanner.scan(text, start, true)
    const fits = scanner.fits({ shortest, width: columns.length })
    // A line with quotes that is no record may be the end of one that begins above.
    if (next < text.length || (!fits && dialect.quote !== undefined && text.includes(dialect.quote, start))) continue
    const cells = Array.from({ length: scanner.count() }, (_, column) => scanner.cell(text, column))
    const place = { raw: text, line: 0, byte: undefined, byteLength: undefined, recovered: false, ended: true }
    const record = { ...place, cells, fits, afterGap: true }
    const shape = { columns, kinds }
    const role = roleOf(record, shape, true)
    return role === undefined || (!fits && role === "names" && footersIn([record], [role], shape) === 0)
  }
  return false
}

/** Whether lines with nothing in them stand between the records of a table, so that another one may begin there. */
export const hasGaps = (surveyed: Survey, layout: Layout): boolean => {
  const above = emptyLinesIn(surveyed.head.slice(0, layout.start))
  const below = emptyLinesIn(/[\r\n]*$/.exec(endOf(surveyed, layout))?.[0] ?? "")
  return layout.columns.length > 1 && surveyed.emptyLines > above + below
}

/** Why the records of the one table may not be all that the file holds; `undefined`: nothing says so before they are read. */
export const whatIsBeside = (surveyed: Survey, layout: Layout): string | undefined => {
  const kinds = layout.kinds ?? []
  if (layout.columns.length < 2) return undefined
  if (hasGaps(surveyed, layout) && kinds.length > 0 && !kinds.some((kind) => kind === "number" || kind === "date"))
    return "empty lines among words, where another table may begin"
  return !layout.footers || endsWithRecord(endOf(surveyed, layout), layout) ? undefined : "no plain record at the end"
}
