/** Names of columns that are not written as the records below them: cut by another delimiter, or with an empty one too many. */
import { recordScanner } from "../records/record-scanner.ts"
import { candidates } from "./candidates.ts"
import type { Dialect } from "./dialect.ts"
import { votes } from "./find-header.ts"
import { wordVotes } from "./word-votes.ts"

type Row = ReadonlyArray<string>

/** A title has two or three words as easily as a table has columns. */
const WORDS = 4

/** The names that a line above records without any holds, if one of the other delimiters cuts it as it should. */
export const namesCutOtherwise = (
  line: string,
  dialect: Dialect,
  body: ReadonlyArray<Row>,
  width: number,
): Row | undefined => {
  const cut = (delimiter: string): Row => {
    const scanner = recordScanner({ ...dialect, delimiter })
    scanner.scan(line, 0, true)
    return Array.from({ length: scanner.count() }, (_, index) => scanner.cell(line, index))
  }
  return candidates(line)
    .filter((delimiter) => delimiter !== dialect.delimiter && (delimiter !== " " || width >= WORDS))
    .map(cut)
    .find(
      (names) =>
        names.length === width &&
        names.every((name) => name.trim() !== "") &&
        new Set(names).size === width &&
        votes(names, body) + wordVotes(names, body) > 0,
    )
}

/** Names without their empty ones where just these are more than a record has cells: a delimiter too many moves no column. */
export const withoutSurplus = (names: Row, width: number): Row => {
  const said = names.filter((name) => name !== "")
  return width > 1 && names.length > width && said.length === width ? said : names
}
