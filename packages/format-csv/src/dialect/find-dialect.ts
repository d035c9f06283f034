/**
 * Finds the delimiter, the quote and its escape in samples of a file: each candidate cuts the samples as the reader would, and the one that
 * cuts them best wins. The score is the product of a few shares between 0 and 1, named in {@link Weighed}.
 */
import type { Options } from "../options.ts"
import { candidates, COMMENT, mayQuote, prior, quoteChars } from "./candidates.ts"
import { cellKind, kindOf } from "./cell-kind.ts"
import type { Dialect } from "./dialect.ts"
import { cutSamples, type Sampled, samplesOf } from "./samples.ts"

/** A dialect, and what speaks for it. */
export interface FoundDialect {
  readonly dialect: Dialect
  /** The most frequent number of cells in a record. */
  readonly width: number
  /** The share of sampled records that are as wide as the one before or after, 0 to 1. */
  readonly share: number
  readonly records: number
  /** Whether the delimiter is one that plain text is full of. */
  readonly rare: boolean
  /** Characters looked at for all candidates. */
  readonly looked: number
  readonly score: number
  readonly why: string
}

/** How well a dialect cuts the samples. */
interface Weighed extends FoundDialect {
  /** Cells in quotes that open and close as they should, and cells with quotes that do not. */
  readonly quoted: number
  readonly stray: number
}

/** More lines than this above a table are part of it. */
export const TITLES = 50

const mode = (values: ReadonlyArray<number>): number => {
  const times = new Map<number, number>()
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1)
  return [...times].reduce((best, [value, n]) => (n > best[1] ? [value, n] : best), [0, 0])[0] ?? 0
}

/** The share of records that have as many cells, more than one, as a neighbour: titles, footers and a second table hardly touch it. */
const steadiness = (widths: ReadonlyArray<number>): number => {
  const of = (width: number, i: number): number =>
    width < 2 ? 0 : width === widths[i - 1] || width === widths[i + 1] || widths.length === 1 ? 1 : 0.3
  return widths.length === 0 ? 0 : widths.reduce((total, width, i) => total + of(width, i), 0) / widths.length
}

/** The share of columns whose cells are numbers, dates or codes. */
const typed = (records: Sampled["records"], width: number): number => {
  // The first one may be the names.
  const rows = records.filter((record) => record.length === width).slice(1, 200)
  const kinds = Array.from({ length: width }, (_, column) => kindOf(rows.map((row) => row[column] ?? "")))
  return kinds.filter((kind) => kind !== "text" && kind !== "empty").length / Math.max(1, width)
}

/** Whether records of this width are more than words of plain text that a rare delimiter stands between. */
const meansIt = (delimiter: string, width: number, values: number): boolean =>
  delimiter === " " ? width > 2 && values >= 1 / 3 : delimiter !== ":" || width > 2 || values >= 1 / 3

const percent = (share: number): number => Math.round(share * 1000) / 10

const weigh = (samples: ReadonlyArray<string>, dialect: Dialect): Weighed => {
  const { records, quoted, stray, impure, filled, looked } = cutSamples(samples, dialect)
  const delimiter = dialect.delimiter ?? ""
  const widths = records.map((record) => record.length)
  const cut = records.filter((record) => record.length > 1 || record[0]?.startsWith(COMMENT) !== true)
  const width = mode((cut.length > 0 ? cut : records).map((record) => record.length))
  const steady = steadiness(widths)
  const pure = filled === 0 ? 0 : 1 - impure / filled / 2
  const clean = quoted + stray === 0 ? 1 : quoted / (quoted + stray)
  const values = typed(records, width)
  const rare = prior(delimiter) < 1
  // Rare delimiters must stand around quotes or cut every record alike; a comma and a space are no cells below a line without any. The first
  // record is like the others in most files, and a title in some.
  const isProse = delimiter === "," && dialect.initialSpace === true && width === 2 && widths[0] === 1
  const isQuoted = quoted >= records.length / 4 && clean >= 0.8
  const proven =
    (!rare && !isProse && (steady >= 0.35 || records.length < 4)) ||
    (records.length > 1 && (isQuoted || (!isProse && steady >= 0.85 && meansIt(delimiter, width, values))))
  const score = proven
    ? steady ** 2 *
      (1 - 1 / Math.max(1, width)) *
      pure *
      (0.2 + 0.8 * clean) *
      (isQuoted ? 1 : 0.85) *
      (widths[0] === width ? 1 : 0.85) *
      (0.7 + 0.3 * values) *
      prior(delimiter)
    : 0
  const why = [
    `${percent(steady)} % of ${records.length} sampled records have as many cells as a neighbour, most ${width}`,
    ...(quoted + stray > 0 ? [`${percent(clean)} % of the cells with quotes open and close with them`] : []),
    ...(pure < 1 ? [`${percent(1 - impure / filled)} % of the cells hold no other delimiter`] : []),
  ].join("; ")
  return { dialect, width, share: steady, records: records.length, rare, score, why, quoted, stray, looked }
}

/** `'` is an apostrophe far more often than a quote: more cells must open and close with it than with `"`, and hardly any only one of both. */
const better = (double: Weighed, single: Weighed): Weighed =>
  single.quoted >= 2 && single.quoted > 4 * single.stray && single.quoted > double.quoted ? single : double

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

const escapeInClass = (characters: string): string => characters.replace(/[\\\]^-]/g, "\\$&")

const findEscape = (sample: string, delimiter: string, quote: string): Dialect["escape"] => {
  const edge = escapeInClass(`${delimiter}\r\n`)
  const q = escapeInClass(quote)
  const backslashes = count(sample, new RegExp(`[^${q}\\\\${edge}](?:\\\\\\\\)*\\\\[${q}](?![${edge}]|$)`, "g"))
  const doubled = count(sample, new RegExp(`[^${q}\\\\${edge}][${q}][${q}]`, "g"))
  return backslashes > doubled ? "backslash" : "doubled"
}

const withoutQuoted = (sample: string): string => sample.replaceAll(/"[^"\r\n]*"/g, "")

/** Whether spaces stand after nearly every delimiter: `a, b, c`, or columns of text that spaces align. */
const spaced = (sample: string, delimiter: string): boolean => {
  if (delimiter === "") return false
  if (delimiter === " ") return count(sample, /\S {2,}\S.*/g) > count(sample, /\S.*/g) / 4
  const unquoted = withoutQuoted(sample)
  const all = unquoted.split(delimiter).length - 1
  return all > 0 && unquoted.split(`${delimiter} `).length - 1 >= all * 0.95
}

/** Whether the colons are those of times of day, and so is the line a message, not a record: `12:30:45 started`. */
const areTimes = (sample: string): boolean => {
  const unquoted = withoutQuoted(sample)
  const inTimes = (unquoted.match(/(?<![\d:])\d{1,2}(?::\d{2}){1,2}(?![\d:])/g) ?? []).join("")
  return count(inTimes, /:/g) > count(unquoted, /:/g) / 2
}

/** A list of numbers, dates or times has no cells, whatever its decimal commas and colons look like. */
const isList = (samples: ReadonlyArray<string>): boolean => {
  const lines = samples
    .flatMap((sample) => sample.split(/[\r\n]+/))
    .filter((line) => line !== "")
    .slice(0, 200)
  const body = lines.slice(1)
  const values = body.filter((line) => ["number", "date"].includes(cellKind(line)))
  return body.length > 0 && values.length >= body.length * 0.9 && !/[,;\t|]/.test(lines[0] ?? "")
}

/** The dialect of a file from its head and blocks further on; what the options tell is taken as it is. */
export const findDialect = (texts: ReadonlyArray<string>, whole: boolean, options: Options): FoundDialect => {
  const samples = samplesOf(texts, whole)
  const all = samples.join("\n")
  const weighQuotes = (delimiter: string, initialSpace: boolean): Weighed => {
    const quotes = options.quote === undefined ? quoteChars : options.quote === false ? [undefined] : [options.quote]
    const [first, second] = quotes
      .filter((quote, index) => quote !== delimiter && (index === 0 || mayQuote(all, delimiter, quote)))
      .map((quote) => {
        const escape = quote === undefined ? "doubled" : findEscape(all, delimiter, quote)
        return weigh(samples, { delimiter, quote, escape, ...(initialSpace ? { initialSpace } : {}) })
      })
    const plain = first ?? weigh(samples, { delimiter, quote: undefined, escape: "doubled" })
    return second === undefined ? plain : { ...better(plain, second), looked: plain.looked + second.looked }
  }
  const weighAll = (delimiter: string): Weighed => {
    const isSpaced = spaced(all, delimiter)
    if (delimiter !== " " || !isSpaced) return weighQuotes(delimiter, isSpaced)
    // Several spaces are empty cells, unless no records are alike then.
    const [cells, aligned] = [weighQuotes(delimiter, false), weighQuotes(delimiter, true)]
    return {
      ...(cells.score > 0 && cells.share >= aligned.share ? cells : aligned),
      looked: cells.looked + aligned.looked,
    }
  }
  const told = options.delimiter
  const list = told === undefined && isList(samples)
  const found = (told === undefined ? (list ? [] : candidates(all)) : [told])
    .filter((delimiter) => delimiter !== ":" || told !== undefined || !areTimes(all))
    .map(weighAll)
    .toSorted((a, b) => b.score - a.score)
  const looked = found.reduce((total, each) => total + each.looked, 0)
  const [best, next] = found
  if (best !== undefined && (best.score > 0 || told !== undefined)) {
    const against =
      next !== undefined && next.score > 0
        ? `; next best ${JSON.stringify(next.dialect.delimiter)} (${next.score.toFixed(2)})`
        : ""
    return { ...best, looked, why: `score ${best.score.toFixed(2)}: ${best.why}${against}` }
  }
  const records = all.split(/[\r\n]/).filter((line) => line !== "").length
  const quote = options.quote === false ? undefined : (options.quote ?? '"')
  return {
    dialect: { delimiter: undefined, quote, escape: quote === undefined ? "doubled" : findEscape(all, "", quote) },
    width: Math.min(records, 1),
    share: 1,
    records,
    rare: false,
    looked,
    score: 0,
    why: list ? "every line is one value: one cell a line" : "no delimiter cuts the records alike: one cell a line",
  }
}
