/**
 * Rows as lines of well-formed CSV in the dialect of their file, in UTF-8: every line end ends a record, whatever a reader begins with. Cells have
 * no line ends: the escape and a letter stand for them.
 */
import type { TableEvent } from "@opendatahub-sql/core"
import type { TableBuilder } from "../records/table-builder.ts"
import { rejectLine } from "./rejects-file.ts"

/** A record's number and the delimiter, in bytes. */
const NUMBER = 20

/** What the lines are like. */
export interface LineDialect {
  readonly delimiter: string
  readonly quote: string | undefined
  readonly lineEnd: "\n" | "\r\n"
  /** Begins what stands for a character: a control character that is no delimiter. */
  readonly escape: string
  /** What stands for no value: nothing, but in one column, where an empty line is no record. */
  readonly nothing: string
  /** Whether each line begins with the number of its record. */
  readonly numbered: boolean
}

/** What stands for a character behind the escape. */
export const escapes = ({ delimiter, quote, escape }: LineDialect): ReadonlyArray<readonly [string, string]> => [
  ["\n", "n"],
  ["\r", "r"],
  ...(quote === undefined ? [[delimiter, "d"] as const] : []),
  [escape, "e"],
]

export interface LineBuilder extends TableBuilder {
  /** Lines as they are; `number`: of the record, where each has its own. */
  readonly lines: (utf8: Uint8Array, number: number) => void
  /** The lines since the last call; good until more are added. */
  readonly takeLines: () => Uint8Array
  /** The rejects since the last call, a line each: see `rejects-file.ts`. */
  readonly takeRejects: () => string
  readonly rejected: () => number
  /** The columns that hold escapes. */
  readonly escaped: ReadonlySet<number>
  /** In bytes, of the lines of `row`. */
  readonly longest: () => number
}

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

export const lineBuilder = (dialect: LineDialect, width: number): LineBuilder => {
  const { delimiter, quote, lineEnd } = dialect
  const letters = new Map(escapes(dialect))
  const special = new RegExp(`[${[...letters.keys()].map(unicodeEscape).join("")}]`, "g")
  let rejects = ""
  let rejected = 0
  const escaped = new Set<number>()
  let buffer = Buffer.allocUnsafeSlow(1 << 21)
  let at = 0
  let longest = 0

  const reserve = (bytes: number): void => {
    if (at + bytes <= buffer.length) return
    const grown = Buffer.allocUnsafeSlow(2 * (at + bytes))
    buffer.copy(grown, 0, 0, at)
    buffer = grown
  }

  const written = (cell: string, column: number): string => {
    let text = cell
    if (cell.search(special) >= 0) {
      escaped.add(column)
      text = cell.replaceAll(special, (character) => `${dialect.escape}${letters.get(character) ?? ""}`)
    }
    if (quote === undefined || !(text.includes(quote) || text.includes(delimiter))) return text
    return `${quote}${text.replaceAll(quote, `${quote}${quote}`)}${quote}`
  }

  return {
    lines: (utf8, number) => {
      reserve(utf8.length + NUMBER)
      if (dialect.numbered) at += buffer.write(`${number}${delimiter}`, at, "latin1")
      buffer.set(utf8, at)
      at += utf8.length
    },
    row: (number, _characters, cell) => {
      let line = dialect.numbered ? `${number}${delimiter}` : ""
      for (let column = 0; column < width; column++) {
        const text = cell(column)
        line += `${column === 0 ? "" : delimiter}${text === null ? dialect.nothing : written(text, column)}`
      }
      line += lineEnd
      reserve(line.length * 3)
      const bytes = buffer.write(line, at)
      at += bytes
      longest = Math.max(longest, bytes)
    },
    reject: (reject) => {
      rejects += rejectLine(reject)
      rejected++
    },
    take: (): ReadonlyArray<TableEvent> => [],
    takeLines: () => {
      const lines = buffer.subarray(0, at)
      at = 0
      return lines
    },
    takeRejects: () => {
      const lines = rejects
      rejects = ""
      return lines
    },
    rejected: () => rejected,
    escaped,
    longest: () => longest,
  }
}
