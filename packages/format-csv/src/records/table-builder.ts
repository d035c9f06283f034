/** Records on their way to batches: at most 8,192 rows or 4 MiB of text each, column by column. */
import type { Batch, Reject, TableEvent } from "@opendatahub-sql/core"

const ROWS = 8192
const CHARACTERS = 4 * 1024 * 1024

/** The first table of a CSV file, by its local name. */
export const TABLE = "main"

export interface TableBuilder {
  /** A kept row: its number, and each cell's text. */
  readonly row: (number: number, characters: number, cell: (column: number) => string | null) => void
  readonly reject: (reject: Reject) => void
  /** The events that are due; all that is left when `all`. */
  readonly take: (all: boolean) => ReadonlyArray<TableEvent>
}

export const tableBuilder = (width: number, table = TABLE): TableBuilder => {
  let columns: Array<Array<string | null>> = []
  let numbers: Array<number> = []
  let characters = 0
  let rejects: Array<Reject> = []
  let rejected = 0
  const due: Array<TableEvent> = []
  const fresh = () => {
    columns = Array.from({ length: width }, () => [])
    numbers = []
    characters = 0
  }
  const flushRows = () => {
    if (numbers.length === 0) return
    const batch: Batch = { table, size: numbers.length, columns, rowNumbers: Float64Array.from(numbers) }
    due.push({ _tag: "Batch", ...batch })
    fresh()
  }
  const flushRejects = () => {
    if (rejects.length === 0) return
    due.push({ _tag: "Rejects", table, rejects })
    rejects = []
    rejected = 0
  }
  fresh()
  return {
    row: (number, size, cell) => {
      for (let c = 0; c < width; c++) columns[c]?.push(cell(c))
      numbers.push(number)
      characters += size
      if (numbers.length >= ROWS || characters >= CHARACTERS) flushRows()
    },
    reject: (reject) => {
      rejects.push(reject)
      rejected += reject.raw.length
      if (rejects.length >= ROWS || rejected >= CHARACTERS) flushRejects()
    },
    take: (all) => {
      if (all) {
        flushRows()
        flushRejects()
      }
      return due.splice(0)
    },
  }
}
