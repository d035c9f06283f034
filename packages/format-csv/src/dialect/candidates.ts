/** Which delimiters and quotes are looked at, and how readily one is believed. */

/** What data.gouv.fr publishes with. */
export const common = [";", ",", "\t", "|"]

/** Found in the wild, and in plain text too. */
const rare: Readonly<Record<string, number>> = {
  "^": 0.7,
  "~": 0.7,
  ":": 0.6,
  "#": 0.6,
  "*": 0.5,
  "+": 0.5,
  "&": 0.4,
  "!": 0.4,
  " ": 0.4,
  "\u0001": 0.9,
  "\u001f": 0.9,
}

/** Between 0 and 1: what a delimiter is worth before anything is known of the file. */
export const prior = (delimiter: string): number => (common.includes(delimiter) ? 1 : (rare[delimiter] ?? 1))

/** Delimiters whose presence in unquoted cells speaks against this one. Lists and decimal commas are common in cells. */
export const against = (delimiter: string): ReadonlyArray<string> =>
  [";", "\t", "|", "^", "~", ...(delimiter === " " ? [","] : []), ...(delimiter === ":" ? [" "] : [])].filter(
    (other) => other !== delimiter,
  )

/** Lines that start so are comments when none of them is a record of the table. */
export const COMMENT = "#"

/** Those of the delimiters that a text holds. */
export const candidates = (text: string): ReadonlyArray<string> =>
  [...common, ...Object.keys(rare)].filter((delimiter) => text.includes(delimiter))

/** `"`, which is looked at always, and `'`, which is only where cells seem to open with it. */
export const quoteChars = ['"', "'"]

/** Whether at least two cells seem to open with this quote. */
export const mayQuote = (text: string, delimiter: string, quote: string | undefined): boolean => {
  if (quote === undefined) return false
  const opens = [`${delimiter}${quote}`, `${delimiter} ${quote}`, `\n${quote}`]
  return opens.reduce((total, open) => total + text.split(open).length - 1, 0) >= 2
}
