/** How alike two files are: by title, columns and rows. Pure. */

const MONTHS =
  /\b(janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|janv|fevr|juil|sept|oct|nov|dec)\b/g

/** A title without what changes between editions: dates, times, numbers of versions, the extension. */
export const undated = (title: string): string =>
  title
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\.[a-z0-9]{1,7}$/, "")
    .replaceAll(/\d{1,2}h\d{2}/g, " ")
    .replaceAll(/[^a-z0-9]+/g, " ")
    .replaceAll(MONTHS, " ")
    .replaceAll(/\b(v|t|s|q|m)?\d+(er|e)?\b/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()

const pairs = (text: string): ReadonlyArray<string> =>
  Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2))

/** Twice the letter pairs in common over all of both; null when one title is nothing but a date. */
export const likenessOfTitles = (a: string, b: string): number | null => {
  const [left, right] = [undated(a), undated(b)]
  if (left === "" || right === "") return null
  if (left === right) return 1
  const rest = [...pairs(right)]
  const all = pairs(left).length + rest.length
  let shared = 0
  for (const pair of pairs(left)) {
    const at = rest.indexOf(pair)
    if (at < 0) continue
    rest.splice(at, 1)
    shared += 1
  }
  return all === 0 ? 0 : (2 * shared) / all
}

/** What both have. */
export const common = <A>(a: ReadonlySet<A>, b: ReadonlySet<A>): ReadonlyArray<A> => [...a].filter((one) => b.has(one))

/** Members in common over all of both. */
export const likenessOfColumns = (a: ReadonlySet<string>, b: ReadonlySet<string>): number =>
  a.size + b.size === 0 ? 0 : common(a, b).length / new Set([...a, ...b]).size

/** Rows in common over the smaller side: an edition that only grew is all there. Null without a row. */
export const likenessOfRows = (a: ReadonlySet<string>, b: ReadonlySet<string>): number | null => {
  const smaller = Math.min(a.size, b.size)
  return smaller === 0 ? null : common(a, b).length / smaller
}

/** The parts of a score. */
export interface Likeness {
  readonly title: number | null
  readonly schema: number | null
  readonly rows: number | null
}

const WEIGHTS: Readonly<Record<keyof Likeness, number>> = { title: 0.3, schema: 0.3, rows: 0.4 }

/** The mean of what is known, rows weighing most. */
export const scoreOf = (parts: Likeness): number => {
  let sum = 0
  let weights = 0
  for (const part of ["title", "schema", "rows"] as const) {
    const value = parts[part]
    if (value === null) continue
    sum += value * WEIGHTS[part]
    weights += WEIGHTS[part]
  }
  return weights === 0 ? 0 : Math.round((sum / weights) * 100) / 100
}
