/** How a file writes its records. */
export interface Dialect {
  /** The character between cells; `undefined`: one cell a line. */
  readonly delimiter: string | undefined
  /** The character around cells; `undefined`: quotes are plain text. */
  readonly quote: string | undefined
  /** How a quote is written inside quotes: twice, or after a backslash. */
  readonly escape: "doubled" | "backslash"
  /** Whether spaces after a delimiter are no part of the cell: `a, "b", c`. */
  readonly initialSpace?: boolean
  /** What starts a line that is no record; `undefined`: nothing does. */
  readonly comment?: string | undefined
}
