/**
 * The CSV that batches are staged as: our own dialect, so nothing has to be guessed. Text goes through it exactly: NULL is nothing, the empty
 * text is `""`, line ends and U+0000 are kept. It costs half the CPU of the engine's appender, and gives the Typer the input it has for files.
 */
import type { Batch, Cell, Column } from "@opendatahub-sql/core"
import { literal } from "../database/sql.ts"

/** One file of rows with the same columns. */
export interface Part {
  readonly path: string
  /** Columns of the table in this part: later ones were not known yet. */
  readonly width: number
  /** UTF-16 units of the longest line. */
  readonly longest: number
}

const special = /[",\r\n]/

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** Bytes are staged in base64, which the engine decodes at a tenth of the cost of proving that a text is hexadecimal. */
export const isStagedNatively = (column: Column): boolean => column.type === "blob"

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")

/** A cell: text as it is, other values in the canonical text that the engine casts back. */
const field = (cell: Cell | undefined): string => {
  if (cell === null || cell === undefined) return ""
  if (typeof cell === "string") return cell === "" || special.test(cell) ? quote(cell) : cell
  if (cell instanceof Uint8Array) return cell.length === 0 ? '""' : base64(cell)
  return String(cell)
}

/** One record. */
export const line = (cells: ReadonlyArray<Cell | undefined>): string => `${cells.map(field).join(",")}\n`

/** The rows of a batch: record number, parent's record number if there is a parent, cells. */
export const lines = (
  batch: Batch,
  hasParent: boolean,
  width: number,
): { readonly text: string; readonly longest: number } => {
  let text = ""
  let longest = 0
  for (let row = 0; row < batch.size; row++) {
    let record = String(batch.rowNumbers[row])
    if (hasParent) record += `,${String(batch.parentRows?.[row] ?? "")}`
    for (let column = 0; column < width; column++) record += `,${field(batch.columns[column]?.[row])}`
    if (record.length > longest) longest = record.length
    text += `${record}\n`
  }
  return { text, longest }
}

const DEFAULT_LINE = 2_097_152
const DEFAULT_BUFFER = 4_000_000

/** `read_csv` in the dialect; `columns` with their types in file order. `tolerant`: lines that do not parse are left out. */
export const readStaged = (
  path: string,
  columns: Readonly<Record<string, string>>,
  longest: number,
  tolerant = false,
): string => {
  // A UTF-16 unit is at most three bytes of UTF-8. The buffer must hold the longest line with room to spare.
  const bytes = Math.max(DEFAULT_LINE, longest * 3 + 16)
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
