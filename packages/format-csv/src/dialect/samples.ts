/** Samples of a file, and what a dialect makes of them. */
import { recordScanner } from "../records/record-scanner.ts"
import { unwrapLine } from "../records/wrapped-line.ts"
import { against } from "./candidates.ts"
import type { Dialect } from "./dialect.ts"

/** Characters looked at in each sample, and how many samples. */
const SAMPLE = 32 * 1024
const SAMPLES = 5
/** A sample is longer where its first lines are. */
const LONGEST_SAMPLE = 1024 * 1024
const LINES = /^(?:[^\r\n]*(?:\r\n|\n|\r)+){3}/
/** Characters inside quotes that one candidate may look at: broken quotes are looked at again and again. */
const PATIENCE = 8 * SAMPLE

/** The head and samples from all over the file, without their last, unfinished record. */
export const samplesOf = (texts: ReadonlyArray<string>, whole: boolean): ReadonlyArray<string> =>
  texts
    .filter((_, index) => index % Math.ceil(texts.length / SAMPLES) === 0)
    .map((text, index) => {
      const long = LINES.exec(text.slice(0, LONGEST_SAMPLE))?.[0].length ?? LONGEST_SAMPLE
      const piece = text.slice(0, Math.max(SAMPLE, long))
      if (piece.length === text.length && (whole || index > 0)) return piece
      const end = Math.max(piece.lastIndexOf("\n"), piece.lastIndexOf("\r"))
      return end > 0 ? piece.slice(0, end + 1) : piece
    })

/** What a dialect makes of samples. */
export interface Sampled {
  readonly records: ReadonlyArray<ReadonlyArray<string>>
  readonly quoted: number
  readonly stray: number
  /** Unquoted cells that hold another delimiter, among all that hold something. */
  readonly impure: number
  readonly filled: number
  /** Characters looked at, those in quotes each time. */
  readonly looked: number
}

/** The records of the samples, lines quoted as a whole unwrapped, empty ones left out. */
export const cutSamples = (samples: ReadonlyArray<string>, dialect: Dialect): Sampled => {
  const scanner = recordScanner(dialect, PATIENCE)
  const inner = recordScanner(dialect, PATIENCE)
  const { delimiter = "", quote = "" } = dialect
  const others = against(delimiter)
  // Apostrophes are everywhere, and JSON holds quotes of its own.
  const isStray =
    quote === "'"
      ? (cell: string) => cell.startsWith("'") !== cell.endsWith("'")
      : (cell: string) => quote !== "" && cell.includes(quote) && !/^\s*[{[]/.test(cell)
  const records: Array<ReadonlyArray<string>> = []
  const seen = { quoted: 0, stray: 0, impure: 0, filled: 0 }
  const look = (cell: string, isQuoted: boolean, isClean: boolean): string => {
    if (cell === "") return cell
    seen.filled++
    if (isClean) seen.quoted++
    else if (isQuoted) seen.stray += quote === "'" ? 0 : 1
    else {
      if (isStray(cell)) seen.stray++
      if (others.some((c) => cell.includes(c))) seen.impure++
    }
    return cell
  }
  let looked = 0
  for (const text of samples) {
    looked += text.length
    for (let from = 0; from < text.length;) {
      const next = scanner.scan(text, from, true)
      const line = unwrapLine(scanner, text, inner, undefined)
      const [record, source] = line === undefined ? [scanner, text] : [inner, line]
      if (!scanner.isEmpty()) {
        if (record.recovered()) seen.stray++
        records.push(
          Array.from({ length: record.count() }, (_, index) =>
            look(record.cell(source, index), record.isQuoted(index), record.isClean(index)),
          ),
        )
      }
      from = next
    }
  }
  return { records, ...seen, looked: looked + scanner.looked() + inner.looked() }
}
