/** One table of a file while its records are read: rows, rejects, and counts of what was odd about them. */
import { type JsonObject, rawText, type TableEvent } from "@opendatahub-sql/core"
import type { Held, Shape } from "./aside.ts"
import type { Expected } from "./record-scanner.ts"
import type { TableBuilder } from "./table-builder.ts"

const FIRST = 10

/** A record as the scanner has it: no cell is text before it is asked for. */
export interface Record {
  readonly count: number
  readonly size: number
  readonly recovered: boolean
  readonly cell: (column: number) => string
}

export interface OpenTable {
  readonly name: string
  readonly shape: Shape
  readonly expected: Expected
  readonly row: (record: Record) => void
  readonly reject: (record: Pick<Held, "raw" | "line" | "byte" | "byteLength">, count: number) => void
  readonly unwrapped: () => void
  /** A record on this line goes on without the cell of a delimiter too many. */
  readonly realigned: (line: number) => void
  /** Rows that went to the same place another way. */
  readonly passed: (rows: number) => void
  readonly records: () => number
  readonly take: (all: boolean) => ReadonlyArray<TableEvent>
  readonly facts: () => JsonObject
}

/** `value`: the text of a cell to what it means. */
export const openTable = (
  name: string,
  builder: TableBuilder,
  shape: Shape,
  expected: Expected,
  value: (text: string) => string | null,
): OpenTable => {
  const { width } = expected
  const rejected = { "missing-columns": 0, "too-many-columns": 0 }
  const seen = { unwrapped: 0, recovered: 0, padded: 0, surplus: 0, realigned: 0 }
  const recoveredRows: Array<number> = []
  const realignedLines: Array<number> = []
  let number = 0
  return {
    name,
    shape,
    expected,
    row: ({ count, size, recovered, cell }) => {
      number++
      if (count < width) seen.padded++
      else if (count > width) seen.surplus++
      if (recovered) {
        seen.recovered++
        if (recoveredRows.length < FIRST) recoveredRows.push(number)
      }
      builder.row(number, size, (column) => (column < count ? value(cell(column)) : null))
    },
    reject: ({ raw, line, byte, byteLength }, count) => {
      number++
      const code = count < width ? "missing-columns" : "too-many-columns"
      rejected[code]++
      builder.reject({
        row: number,
        raw: rawText(raw),
        code,
        message: `${count} cells instead of ${width}`,
        line,
        ...(byte === undefined || byteLength === undefined ? {} : { byte, byteLength }),
      })
    },
    unwrapped: () => {
      seen.unwrapped++
    },
    realigned: (line) => {
      seen.realigned++
      if (realignedLines.length < FIRST) realignedLines.push(line)
    },
    passed: (rows) => {
      number += rows
    },
    records: () => number,
    take: builder.take,
    facts: () => ({
      table: name,
      records: number,
      rejected,
      wrappedLines: seen.unwrapped,
      unclosedQuotes: { records: seen.recovered, first: recoveredRows },
      shortRecords: seen.padded,
      surplusEmptyCells: seen.surplus,
      ...(seen.realigned === 0 ? {} : { realigned: { records: seen.realigned, lines: realignedLines } }),
    }),
  }
}
