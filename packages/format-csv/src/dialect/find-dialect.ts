/** Finds the delimiter, the quote and its escape in samples of a file. */
import { parse } from "csv-parse/sync"
import type { Options } from "../options.ts"
import type { Dialect } from "./dialect.ts"

/** A dialect, and what speaks for it. */
export interface FoundDialect {
  readonly dialect: Dialect
  /** The most frequent number of cells in a record. */
  readonly width: number
  /** The share of sampled records with that many cells, 0 to 1. */
  readonly share: number
  readonly records: number
  /** Whether the delimiter is one that plain text is full of. */
  readonly rare: boolean
  readonly why: string
}

/** Characters looked at in each sample, and how many samples. */
const SAMPLE = 32 * 1024
const SAMPLES = 5
/** More lines than this above a table are part of it. */
export const TITLES = 50

/** What data.gouv.fr publishes with, and how readily one is believed. */
export const common = [";", ",", "\t", "|"]
const prior: Readonly<Record<string, number>> = {
  ";": 1,
  ",": 1,
  "\t": 1,
  "|": 1,
  "^": 0.7,
  "~": 0.7,
  ":": 0.6,
  " ": 0.4,
}
/** Rare delimiters occur in plain text: they must cut every record alike. */
const RARE_SHARE = 0.95

const cut = (text: string, dialect: Dialect): Array<Array<string>> =>
  parse(text, {
    delimiter: dialect.delimiter ?? [],
    quote: dialect.quote ?? false,
    escape: dialect.escape === "backslash" ? "\\" : (dialect.quote ?? null),
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  })

/** Records as csv-parse cuts them; when quotes are broken (records lost to one that never closes), as if they were plain text. */
const recordsOf = (text: string, dialect: Dialect): Array<Array<string>> => {
  const records = cut(text, dialect)
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== "").length
  return records.length * 2 >= lines || dialect.quote === undefined
    ? records
    : longer(records, cut(text, { ...dialect, quote: undefined }), lines)
}

/** Cells with many line feeds give fewer records than lines, and are no reason to give up quotes. */
const longer = (quoted: Array<Array<string>>, plain: Array<Array<string>>, lines: number): Array<Array<string>> => {
  const inner = quoted.reduce(
    (total, record) => total + record.reduce((n, cell) => n + cell.split("\n").length - 1, 0),
    0,
  )
  return quoted.length + inner >= lines * 0.8 ? quoted : plain
}

/** A line quoted as a whole is one cell that holds a record. */
const unwrapped = (record: Array<string>, dialect: Dialect): Array<string> =>
  record.length === 1 && dialect.delimiter !== undefined && record[0]?.includes(dialect.delimiter) === true
    ? (cut(record[0], dialect)[0] ?? record)
    : record

const mode = (values: ReadonlyArray<number>): { readonly value: number; readonly times: number } => {
  const times = new Map<number, number>()
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1)
  return [...times].reduce((best, [value, n]) => (n > best.times ? { value, times: n } : best), { value: 0, times: 0 })
}

/** Titles above a table are no argument; with commas, two cells a line are as well an address under the word "adresse". */
const withoutTitles = (widths: ReadonlyArray<number>, width: number, delimiter: string): ReadonlyArray<number> => {
  const first = widths.indexOf(width)
  return (width > 2 || delimiter !== ",") && first <= TITLES && widths.slice(0, first).every((w) => w < width)
    ? widths.slice(first)
    : widths
}

const weigh = (samples: ReadonlyArray<string>, dialect: Dialect): FoundDialect & { readonly score: number } => {
  const records = samples.flatMap((sample) => recordsOf(sample, dialect)).map((record) => unwrapped(record, dialect))
  const widths = records.map((record) => record.length)
  const { value: width, times } = mode(widths)
  const body = withoutTitles(widths, width, dialect.delimiter ?? "")
  const share = body.length === 0 ? 0 : times / body.length
  // Cells that hold another common delimiter speak against this one: lists and decimal commas are the exception, not the rule.
  const others = common.filter((c) => c !== dialect.delimiter && c !== ",")
  const cells = records.flat()
  const impure =
    cells.length === 0 ? 0 : cells.filter((cell) => others.some((c) => cell.includes(c))).length / cells.length
  const trusted =
    share >= (width === 2 && dialect.delimiter === "," ? 0.8 : 0.5) ||
    (body[0] === width && share >= 0.4 && body.length > 1)
  const rare = !common.includes(dialect.delimiter ?? "")
  const believable =
    width > 1 &&
    trusted &&
    (!rare || (share >= RARE_SHARE && records.length > 1 && (dialect.delimiter !== " " || width > 2)))
  const score = believable
    ? share * share * (1 - 1 / width) * (1 - impure / 2) * (prior[dialect.delimiter ?? ""] ?? 0)
    : 0
  const why = `${Math.round(share * 1000) / 10} % of ${body.length} sampled records have ${width} cells`
  return { dialect, width, share, records: records.length, rare, score, why }
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** `'` is an apostrophe far more often than a quote: it must open and close cells alike, with no `"` around any. */
const findQuote = (sample: string): string => {
  const doubles = count(sample, /(?:^|[;,\t|])"/gm)
  const opening = count(sample, /(?:^|[;,\t|])'/gm)
  const closing = count(sample, /'(?:$|[;,\t|\r])/gm)
  return doubles === 0 && opening > 1 && opening === closing ? "'" : '"'
}

const findEscape = (sample: string, quote: string): Dialect["escape"] => {
  const backslashes = count(
    sample,
    new RegExp(`[^${quote}\\\\;,\\t|\\r\\n](?:\\\\\\\\)*\\\\${quote}(?![;,\\t|\\r\\n]|$)`, "g"),
  )
  const doubled = count(sample, new RegExp(`[^${quote};,\\t|\\r\\n]${quote}${quote}`, "g"))
  return backslashes > doubled ? "backslash" : "doubled"
}

/** The head and samples from all over the file, without their last, unfinished record. */
const trim = (texts: ReadonlyArray<string>, whole: boolean): ReadonlyArray<string> =>
  texts
    .filter((_, index) => index % Math.ceil(texts.length / SAMPLES) === 0)
    .map((text, index) => {
      const piece = text.slice(0, SAMPLE)
      if (piece.length === text.length && (whole || index > 0)) return piece
      const end = Math.max(piece.lastIndexOf("\n"), piece.lastIndexOf("\r"))
      return end > 0 ? piece.slice(0, end + 1) : piece
    })

/** The dialect of a file from its head and blocks further on; what the options tell is taken as it is. */
export const findDialect = (texts: ReadonlyArray<string>, whole: boolean, options: Options): FoundDialect => {
  const samples = trim(texts, whole)
  const all = samples.join("\n")
  const quote = options.quote === false ? undefined : (options.quote ?? findQuote(all))
  const escape = quote === undefined ? "doubled" : findEscape(all, quote.replace(/[\\\]^-]/, "\\$&"))
  const candidates = (options.delimiter === undefined ? Object.keys(prior) : [options.delimiter])
    .filter((delimiter) => delimiter !== quote && (options.delimiter !== undefined || all.includes(delimiter)))
    .map((delimiter) => weigh(samples, { delimiter, quote, escape }))
  const [best] = candidates.toSorted((a, b) => b.score - a.score)
  if (best !== undefined && (best.score > 0 || options.delimiter !== undefined)) return best
  const records = all.split(/[\r\n]/).filter((line) => line !== "").length
  return {
    dialect: { delimiter: undefined, quote, escape },
    width: Math.min(records, 1),
    share: 1,
    records,
    rare: false,
    why: "no delimiter cuts the records alike: one cell a line",
  }
}
