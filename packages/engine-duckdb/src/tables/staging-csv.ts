/**
 * The text that batches are staged as: our own dialect, so nothing has to be guessed. It costs half the CPU of the engine's appender, and gives
 * the Typer the input it has for files. Text goes through it exactly: NULL is nothing, and there are no quotes. The engine begins to read
 * a file in many places, with one thread too, and takes lines inside quotes for records: here every line feed ends a record. What a cell cannot
 * hold as it is (line ends, the separator, the empty text) is escaped.
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
  /** Places in the record, from 0, that hold escaped texts. */
  readonly escaped: ReadonlySet<number>
}

/** Ends a cell: U+001F, made for this. */
export const SEPARATOR = "\u001f"
/** The empty text; NULL is nothing at all. */
export const EMPTY = "\u00010"
/** What a character becomes. U+0001 begins every escape, and only them. */
export const escapes: Readonly<Record<string, string>> = {
  "\n": "\u0001n",
  "\r": "\u0001r",
  [SEPARATOR]: "\u0001u",
  "\u0001": "\u00011",
}

const unescaped = (cell: string): string =>
  `case when contains(${cell}, ${literal("\u0001")}) then ${[
    [EMPTY, ""],
    ...Object.entries(escapes).map(([character, escape]) => [escape, character]),
  ].reduce(
    (sql, [escape = "", character = ""]) => `replace(${sql}, ${literal(escape)}, ${literal(character)})`,
    cell,
  )} else ${cell} end`

/** Bytes are staged in base64, which the engine decodes at a tenth of the cost of proving that a text is hexadecimal. */
export const isStagedNatively = (column: Column): boolean => column.type === "blob"

const DEFAULT_LINE = 2_097_152
const DEFAULT_BUFFER = 4_000_000

/** The records of a part; `columns` with their types in file order. */
export const readStaged = (
  { path, longest, escaped }: Omit<Part, "width">,
  columns: Readonly<Record<string, string>>,
): string => {
  // The buffer must hold the longest line with room to spare.
  const bytes = Math.max(DEFAULT_LINE, longest + 16)
  const types = Object.entries(columns).map(([name, type]) => `'${name}': '${type}'`)
  const decoded = Object.keys(columns).flatMap((name, place) =>
    escaped.has(place) ? [`${unescaped(`"${name}"`)} as "${name}"`] : [],
  )
  return `(select *${decoded.length === 0 ? "" : ` replace (${decoded.join(", ")})`} from read_csv(${literal(path)}, auto_detect = false, header = false,
  delim = ${literal(SEPARATOR)}, quote = '', escape = '', nullstr = '', new_line = '\\n', max_line_size = ${bytes}, buffer_size = ${Math.max(DEFAULT_BUFFER, bytes * 2)},
  columns = {${types.join(", ")}}))`
}

/** The rows of all parts in order: the columns of the table (text, or bytes), then `_row`, then `_parent_row` if there is a parent. */
export const stagedQuery = (parts: ReadonlyArray<Part>, columns: ReadonlyArray<Column>, hasParent: boolean): string => {
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
    return `select ${[...cells, ...hidden].join(", ")} from ${readStaged(part, staged)}`
  }
  return parts.map(select).join(" union all ")
}
