/** Whether a file keeps to its own dialect, by a parser that forgives nothing: a fact for those who publish it. Nothing here decides how it is read. */
import { CsvError, parse } from "csv-parse/sync"
import type { Dialect } from "./dialect.ts"

/** In characters. */
const SAMPLE = 64 * 1024

/** What csv-parse says against the text, titles and ragged records aside; `undefined`: nothing. `whole`: no text follows. */
export const whyNotWellFormed = (text: string, whole: boolean, dialect: Dialect): string | undefined => {
  const sample = text.slice(0, SAMPLE)
  const { delimiter, quote, escape, comment, initialSpace } = dialect
  try {
    parse(sample, {
      delimiter: delimiter ?? [],
      quote: quote ?? null,
      escape: escape === "backslash" ? "\\" : (quote ?? null),
      comment: comment ?? null,
      ltrim: initialSpace === true,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      skip_empty_lines: true,
    })
    return undefined
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // The end of the sample may cut a cell.
    const isCut = error.code === "CSV_QUOTE_NOT_CLOSED" && (!whole || sample.length < text.length)
    return isCut ? undefined : error.message
  }
}
