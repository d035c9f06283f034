/** A difference as CSV, as a terminal's lines, and as a page that stands alone. */
import { type Difference, eventText } from "@opendatahub-sql/history"
import { countText } from "../cli/numbers.ts"
import { type Printed, tableText } from "../cli/output.ts"

/** A row of a difference: what happened to it, then its cells. */
export type DifferenceRow = ReadonlyArray<Printed>

const plain = (value: Printed): string => (value === null || value === undefined ? "" : String(value))

/** One line of CSV (RFC 4180). */
export const csvLine = (cells: DifferenceRow): string =>
  `${cells.map((cell) => (/[",\r\n]/.test(plain(cell)) ? `"${plain(cell).replaceAll('"', '""')}"` : plain(cell))).join(",")}\r\n`

/** One line of JSON; 64-bit integers are text. */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? String(one) : one))}\n`

/** What is different, in a few lines. */
export const summaryLines = (difference: Difference): ReadonlyArray<string> => {
  const { table, from, to, key, rowsBefore, rowsAfter, added, removed, changed, columns, events } = difference
  return [
    `${table}: ${countText(rowsBefore)} rows on ${from.slice(0, 19)}, ${countText(rowsAfter)} on ${to.slice(0, 19)}`,
    `${countText(added)} added, ${countText(removed)} removed${key === undefined ? " (no columns name a row: a changed row is one removed and one added)" : `, ${countText(changed)} changed (key: ${key.join(", ")})`}`,
    ...(columns.length === 0
      ? []
      : [`changed columns: ${columns.map(({ name, changes }) => `${name} (${countText(changes)})`).join(", ")}`]),
    ...(events.length === 0 ? [] : [`columns: ${events.map(eventText).join(", ")}`]),
  ]
}

/** A changed row as one line: `before → after` in the cells that differ. */
const merged = (before: DifferenceRow, after: DifferenceRow): DifferenceRow =>
  after.map((cell, index) =>
    index === 0 ? "~" : plain(cell) === plain(before[index]) ? cell : `${plain(before[index])} → ${plain(cell)}`,
  )

/** Lines for a terminal. */
export const textReport = (
  difference: Difference,
  names: ReadonlyArray<string>,
  rows: ReadonlyArray<DifferenceRow>,
  isCut: boolean,
): string => {
  const lines: Array<DifferenceRow> = []
  for (const [index, row] of rows.entries()) {
    const [change, ...cells] = row
    if (change === "after") lines.push(merged(rows[index - 1] ?? row, row))
    else if (change !== "before") lines.push([change === "added" ? "+" : "-", ...cells])
  }
  return [
    ...summaryLines(difference),
    ...(lines.length === 0 ? [] : ["", tableText(["", ...names], lines)]),
    ...(isCut ? [`the first ${rows.length} rows; \`--as csv\` or \`--as json\` gives them all`] : []),
  ].join("\n")
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

const htmlRow = (row: DifferenceRow, before: DifferenceRow | undefined): string => {
  const [change, ...cells] = row
  const cell = (value: Printed, index: number): string => {
    const old = before?.[index + 1]
    return before === undefined || plain(old) === plain(value)
      ? `<td>${escape(plain(value))}</td>`
      : `<td class="differs"><del>${escape(plain(old))}</del> <ins>${escape(plain(value))}</ins></td>`
  }
  const word = change === "after" ? "changed" : plain(change)
  return `<tr class="${word}"><th scope="row">${word}</th>${cells.map(cell).join("")}</tr>`
}

/** A page without scripts or outside references. */
export const htmlReport = (
  difference: Difference,
  names: ReadonlyArray<string>,
  rows: ReadonlyArray<DifferenceRow>,
  isCut: boolean,
): string => {
  const body = rows.flatMap((row, index) =>
    row[0] === "before" ? [] : [htmlRow(row, row[0] === "after" ? rows[index - 1] : undefined)],
  )
  const [title = "", ...details] = summaryLines(difference)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem; color: #1a1a1a; background: #fff }
table { border-collapse: collapse } th, td { padding: .2rem .6rem; border-bottom: 1px solid #ddd; text-align: left; white-space: nowrap }
thead th { position: sticky; top: 0; background: #fff } .added { background: #e9f7ec } .removed { background: #fdecea } .differs { background: #fff4d6 }
ins { text-decoration: none; font-weight: 600 } .added th::before { content: "+ " } .removed th::before { content: "\\2212 " } .changed th::before { content: "~ " }
</style>
</head>
<body>
<h1>${escape(title)}</h1>
${details.map((line) => `<p>${escape(line)}</p>`).join("\n")}
<table>
<thead><tr><th scope="col">change</th>${names.map((name) => `<th scope="col">${escape(name)}</th>`).join("")}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>
${isCut ? `<p>The first ${countText(rows.length)} lines.</p>` : ""}
</body>
</html>
`
}
