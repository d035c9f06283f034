/** What a cell looks like, whatever it is stored as: publishers store numbers and dates as text, too. */
import type { SheetCell } from "../sheet.ts"

export type Look = "number" | "date" | "boolean" | "text"

const NUMBER = /^[+-]?\d[\d \u00a0\u202f]*(?:[.,]\d+)?\s?[%€]?$/
const DATE = /^(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[ T]\d{1,2}:\d{2}.*)?$/

export const lookOf = ({ kind, text }: SheetCell): Look => {
  if (kind === "date" || kind === "time") return "date"
  if (kind === "boolean" || kind === "number") return kind
  const trimmed = text.trim()
  return NUMBER.test(trimmed) ? "number" : DATE.test(trimmed) ? "date" : "text"
}

/** A year names a column as well as a word does. */
export const isYear = ({ text }: SheetCell): boolean => /^(?:1[5-9]|20|21)\d\d$/.test(text.trim())
