/**
 * The CSV that batches are staged as: our own dialect, so nothing has to be guessed. Text goes through it exactly: NULL is nothing, the empty
 * text is `""`, line ends and U+0000 are kept. It costs half the CPU of the engine's appender, and gives the Typer the input it has for files.
 */
import type { Column } from "@opendatahub-sql/core"
import { literal } from "../database/sql.ts"

/** One file of rows with the same columns. */
export interface Part {
  readonly path: string
  /** Columns of the table in this part: later ones were not known yet. */
  readonly width: number
  /** Bytes of the longest line. */
  readonly longest: number
}

/** Bytes are staged in base64, which the engine decodes at a tenth of the cost of proving that a text is hexadecimal. */
export const isStagedNatively = (column: Column): boolean => column.type === "blob"

const DEFAULT_LINE = 2_097_152
const DEFAULT_BUFFER = 4_000_000

/** `read_csv` in the dialect; `columns` with their types in file order. `tolerant`: lines that do not parse are left out. */
export const readStaged = (
  path: string,
  columns: Readonly<Record<string, string>>,
  longest: number,
  tolerant = false,
): string => {
  // The buffer must hold the longest line with room to spare.
  const bytes = Math.max(DEFAULT_LINE, longest + 16)
  const types = Object.entries(columns).map(([name, type]) => `'${name}': '${type}'`)
  return `read_csv(${literal(path)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false,
  new_line = '\\n', max_line_size = ${bytes}, buffer_size = ${Math.max(DEFAULT_BUFFER, bytes * 2)}, ignore_errors = ${tolerant}, columns = {${types.join(", ")}})`
}

/**
 * The rows of all parts in order: the columns of the table (text, or bytes), then `_row`, then `_parent_row` if there is a parent. `tolerant` is for
 * samples, whose blocks may begin inside a quoted cell.
 */
export const stagedQuery = (
  parts: ReadonlyArray<Part>,
  columns: ReadonlyArray<Column>,
  hasParent: boolean,
  tolerant = false,
): string => {
  const hidden = hasParent ? ["h0", "h1"] : ["h0"]
  const select = (part: Part): string => {
    const cells = columns.map((column, index) => {
      const text = index < part.width ? `r${index}` : "null::varchar"
      return `${isStagedNatively(column) ? `from_base64(${text})` : text} as r${index}`
    })
    const staged = Object.fromEntries([
      ...hidden.map((name) => [name, "BIGINT"]),
      ...Array.from({ length: part.width }, (_, index) => [`r${index}`, "VARCHAR"]),
    ])
    return `select ${[...cells, ...hidden].join(", ")} from ${readStaged(part.path, staged, part.longest, tolerant)}`
  }
  return parts.map(select).join(" union all ")
}
