/** Lines that were encoded twice: `"1,""Rue """"X"""" """` is one cell that holds the record `1,"Rue ""X"" "`. */
import type { Expected, RecordScanner } from "./record-scanner.ts"

/** The text of the record inside the last record of `outer`, if that was one quoted cell and holds one record of the width. */
export const unwrapLine = (
  outer: RecordScanner,
  text: string,
  inner: RecordScanner,
  expected: Expected | undefined,
): string | undefined => {
  if (outer.count() !== 1 || !outer.isQuoted(0) || expected?.width === 1) return undefined
  const line = outer.cell(text, 0)
  const next = inner.scan(line, 0, true, expected)
  const fits = expected === undefined ? inner.count() > 1 : inner.count() === expected.width
  return next === line.length && inner.end() === line.length && fits ? line : undefined
}
