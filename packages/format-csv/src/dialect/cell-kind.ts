/** What a cell looks like, roughly: enough to tell a header from data. The types of columns are found elsewhere, on the whole file. */
export type CellKind = "empty" | "number" | "date" | "code" | "text"

const number = /^[$€£]?\s?[+-]?(\d+|\d{1,3}([ \u00a0\u202f]\d{3})+)([.,]\d+)?([eE][+-]?\d+)?\s?[%€$£]?$/
const date =
  /^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\/\d{1,2}\/\d{2,4}|\d{1,2}-\d{1,2}-\d{4})([T ]\d{1,2}(:\d{2}){0,2}([.,]\d+)?\s?(Z|[+-]\d{2}:?\d{2})?)?$|^\d{1,2}:\d{2}(:\d{2})?$/
const code = /^(?=.*\d)[0-9A-Z._:/+-]{3,}$|^https?:|@.+\..|^[\d.,]+;[\d.,]+$|^-?\d+\.\d+, ?-?\d+\.\d+$/
const none = /^(n\.?\s?[acdrs]\.?|n\/a|nan|null|none|nul|nd|ns|nc|-+|\.+|[?x*])$/i

/** A longer cell is text: some of the patterns above would look at it again from each of its characters. */
const LONGEST = 256

/** The kind of one cell. */
export const cellKind = (cell: string): CellKind => {
  const text = cell.trim()
  if (text === "") return "empty"
  if (text.length > LONGEST) return "text"
  if (number.test(text)) return "number"
  if (date.test(text)) return "date"
  return code.test(text) ? "code" : "text"
}

/** `2019` as the name of a column of figures. */
export const isYear = (cell: string): boolean => /^(19|20)\d\d$/.test(cell.trim())

/** A word for "no value", as it stands among figures. */
export const isNone = (cell: string): boolean => none.test(cell.trim())

/** The kind that most of these cells have, empty ones and words for "no value" aside; `text` when less than four in five agree that it is not. */
export const kindOf = (cells: ReadonlyArray<string>): CellKind => {
  const times = { number: 0, date: 0, code: 0, text: 0, empty: 0 }
  for (const cell of cells) if (!isNone(cell)) times[cellKind(cell)]++
  const all = times.number + times.date + times.code + times.text
  if (all === 0) return "empty"
  if (times.text > all * 0.2) return "text"
  return (["number", "date", "code"] as const).toSorted((a, b) => times[b] - times[a])[0] ?? "text"
}

const unit =
  /^(en |in )?(%|‰|°[cf]?|€|\$|£|[km]€|euros?|eur|usd|[kcmµ]?m[²³23]?|ha|[kmµ]?g|t|tonnes?|[cmh]?l|[kmgt]?wh?|h|min|m?s|jours?|days?|mois|months?|ans?|années?|years?|hab\.?|habitants?|nb\.?|nombres?|numbers?|unités?|units?|counts?|h?pa|m?bar|db|[km]?hz|[km]?v|a|ppm|ppb|[\p{L}µ°%€]{1,6}\/[\p{L}\d²³]{1,5})$/iu

/** `(%)`, `en €`, `km²`: the unit of a column, below its name. */
export const isUnit = (cell: string): boolean => {
  const text = cell.trim()
  const inner = /^[([](.*)[)\]]$/.exec(text)?.[1]
  return unit.test((inner ?? text).trim())
}
