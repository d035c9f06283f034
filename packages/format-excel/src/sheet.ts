/** A workbook as its reader tells it, whatever its file format: sheets in their order, and in them the rows that hold something. */
import type { JsonObject, RejectCode } from "@opendatahub-sql/core"

/** What a cell holds. */
type CellKind = "text" | "number" | "date" | "time" | "boolean" | "problem"

/** A cell that is not empty. `text` is ISO for dates and times, `true` or `false` for booleans, the raw text for a problem. */
export interface SheetCell {
  readonly kind: CellKind
  readonly text: string
  /** `%` or a currency, where the number is shown with one. */
  readonly unit?: string
  /** Of a problem: the code of the reject that it becomes. */
  readonly code?: RejectCode
}

/** A merged cell: columns and rows that it covers, the one that holds its value included. */
export interface Merged {
  readonly column: number
  readonly width: number
  readonly height: number
}

/** A row that holds something. `number` is the sheet's, from 1; `columns`, from 0, are those of `cells`. */
export interface SheetRow {
  readonly number: number
  readonly columns: ReadonlyArray<number>
  readonly cells: ReadonlyArray<SheetCell>
  /** The merged cells that begin in this row. */
  readonly merged: ReadonlyArray<Merged>
}

export type SheetState = "visible" | "hidden" | "very hidden"

/** Decides whether a sheet is read: `undefined`, or why not. */
export type Unwanted = (name: string, state: SheetState) => string | undefined

/** What a reader of workbooks tells, in this order: the workbook, then each sheet with its rows. */
export type SheetEvent =
  | { readonly _tag: "Workbook"; readonly facts: JsonObject }
  | { readonly _tag: "SheetStarted"; readonly name: string; readonly state: SheetState }
  | { readonly _tag: "SheetSkipped"; readonly name: string; readonly state: SheetState; readonly why: string }
  | { readonly _tag: "Rows"; readonly rows: ReadonlyArray<SheetRow> }

/** The rows and columns of a sheet: those of Excel and, since 2022, of LibreOffice. */
export const MOST_ROWS = 1_048_576
export const MOST_COLUMNS = 16_384

/** A cell of text, `undefined` when it is empty: one blank typed into a cell is how many are emptied. */
export const textCell = (text: string): SheetCell | undefined =>
  text.trim() === "" ? undefined : { kind: "text", text }

/** `#N/A`, `#REF!`…: what a formula gives when it fails. */
export const errorCell = (text: string): SheetCell => ({ kind: "problem", text, code: "formula-error" })

/** A formula whose result was never stored: programs that write formulas without computing them. */
export const uncomputedCell = (formula: string): SheetCell => ({
  kind: "problem",
  text: `=${formula}`,
  code: "formula-not-computed",
})
