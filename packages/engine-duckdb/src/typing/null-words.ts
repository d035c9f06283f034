/**
 * Words that people write where there is no value. They are words until proven otherwise: `NA` is Namibia in a column of countries, and no
 * value only where everything else is a number, a date or a boolean.
 */
const words: ReadonlySet<string> = new Set([
  "na",
  "n/a",
  "#n/a",
  "nan",
  "null",
  "none",
  "nil",
  "-",
  "--",
  "---",
  ".",
  "..",
  "...",
  "?",
  "nd",
  "n.d.",
  "n.d",
  "nc",
  "n.c.",
  "n.c",
  "nr",
  "n.r.",
  "non disponible",
  "non renseigné",
  "non renseignée",
  "non communiqué",
  "non communiquée",
  "non connu",
  "inconnu",
  "inconnue",
  "sans objet",
  "néant",
  "<null>",
])

const LONGEST = Math.max(...[...words].map((word) => word.length))

/** Whether a text, outer spaces gone, may stand for no value. */
export const isNullWord = (text: string): boolean => text.length <= LONGEST && words.has(text.toLowerCase())
