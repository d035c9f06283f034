/** How yes and no are written. */

/** Words that are booleans on their own. */
const words: Readonly<Record<string, boolean>> = {
  oui: true,
  non: false,
  vrai: true,
  faux: false,
  true: true,
  false: false,
  yes: true,
  no: false,
}

/** Letters that are booleans only where the column holds both of a pair and nothing else: `O` alone may be the west. `t` and `f` as PostgreSQL writes them. */
export const letterPairs: ReadonlyArray<readonly [yes: string, no: string]> = [
  ["o", "n"],
  ["y", "n"],
  ["t", "f"],
]

/** The words, in lower case. */
export const booleanWords: ReadonlyArray<string> = Object.keys(words)

/** The boolean of a word; `undefined` for any other text. */
export const booleanOf = (text: string): boolean | undefined => {
  const word = text.toLowerCase()
  return text.length <= 5 && Object.hasOwn(words, word) ? words[word] : undefined
}

const letterValues: Readonly<Record<string, boolean>> = {
  o: true,
  y: true,
  t: true,
  "1": true,
  n: false,
  f: false,
  "0": false,
}

/** The boolean of a word or a letter that is known to be one. */
export const booleanValue = (text: string): boolean => booleanOf(text) ?? letterValues[text.toLowerCase()] ?? false

/** A letter of a pair, in lower case. `T` and `F` in upper case are codes. */
export const booleanLetter = (text: string): string | undefined => {
  if (text.length !== 1) return undefined
  if (text === "t" || text === "f") return text
  const letter = text.toLowerCase()
  return letter === "o" || letter === "n" || letter === "y" ? letter : undefined
}
