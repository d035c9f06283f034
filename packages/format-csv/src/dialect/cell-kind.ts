/** What a cell looks like, roughly: enough to tell a header from data. The types of columns are found elsewhere, on the whole file. */
export type CellKind = "empty" | "number" | "date" | "code" | "text"

const number = /^[+-]?(\d+|\d{1,3}([ \u00a0\u202f]\d{3})+)([.,]\d+)?([eE][+-]?\d+)?\s?[%€]?$/
const date =
  /^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\/\d{1,2}\/\d{2,4}|\d{1,2}-\d{1,2}-\d{4})([T ]\d.*)?$|^\d{1,2}:\d{2}(:\d{2})?$/
const code = /^(?=.*\d)[0-9A-Z._:/+-]{3,}$|^https?:|@.+\..|^[\d.,]+;[\d.,]+$|^-?\d+\.\d+, ?-?\d+\.\d+$/

/** The kind of one cell. */
export const cellKind = (cell: string): CellKind => {
  const text = cell.trim()
  if (text === "") return "empty"
  if (number.test(text)) return "number"
  if (date.test(text)) return "date"
  return code.test(text) ? "code" : "text"
}

/** `2019` as the name of a column of figures. */
export const isYear = (cell: string): boolean => /^(19|20)\d\d$/.test(cell.trim())
