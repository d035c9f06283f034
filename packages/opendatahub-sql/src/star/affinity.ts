/** How near the names of two columns are. */
import { codeFor } from "../dbt/codes.ts"

/** Words that say that a column names something, not what. */
const generic = new Set([
  "id",
  "code",
  "cod",
  "num",
  "numero",
  "no",
  "ref",
  "key",
  "cle",
  "identifiant",
  "of",
  "de",
  "la",
  "le",
  "et",
  "value",
  "x",
])

/** A name as words: `code_departement` is `departement`. Plurals and what stands before `__` are taken away. */
const words = (name: string): ReadonlyArray<string> =>
  name
    .toLowerCase()
    .replace(/^odh\./, "")
    .split("__")
    .slice(-1)
    .flatMap((part) => part.split(/[^a-z]+/))
    .map((word) => word.replace(/^(code|id)(?=[a-z]{4,})/, "").replace(/(?<=..)[sx]$/, ""))
    .filter((word) => word.length > 1 && !generic.has(word))

/** A column's meaning; where its name has none, that of its table. */
const meaning = (table: string, column: string): ReadonlyArray<string> => {
  const own = words(column)
  return own.length > 0 ? own : words(table)
}

/** `dep` and `departement` are one word, cut. */
const alike = (a: string, b: string): boolean =>
  a === b || (Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a)))

/** A column by its table and name. */
export interface Named {
  readonly table: string
  readonly column: string
}

/**
 * 1: the same meaning. 0.5: words in common, or the column names the other's table. 0: nothing.
 */
export const affinity = (from: Named, to: Named): number => {
  const a = meaning(from.table, from.column)
  const b = meaning(to.table, to.column)
  const table = words(to.table)
  const code = codeFor(from.column)
  const same = (xs: ReadonlyArray<string>, ys: ReadonlyArray<string>): boolean =>
    xs.length > 0 &&
    ys.length > 0 &&
    xs.every((x) => ys.some((y) => alike(x, y))) &&
    ys.every((y) => xs.some((x) => alike(x, y)))
  if (code !== undefined && (code === codeFor(to.column) || code === codeFor(to.table))) return 1
  if (same(a, b) || (words(to.column).length === 0 && same(words(from.column), table))) return 1
  return a.some((x) => [...b, ...table].some((y) => alike(x, y))) ? 0.5 : 0
}
