/** The same values written otherwise: what makes published files hard to read. */
import type { Respell } from "./generate.ts"

/** Dates half of them ISO, amounts from a thousand with spaces. */
export const halfInOtherForms: Respell = (column, row, published) => {
  if (column === "date_convention" && row % 2 === 0) return published.split("/").toReversed().join("-")
  return column === "montant" ? published.replaceAll(/(?<=\d)(?=(?:\d{3})+,)/g, " ") : published
}

/** One value with more decimals than all others, where no sample is likely to see it. */
export const lateDecimals =
  (at: number): Respell =>
  (column, row, published) =>
    column === "latitude" && row === at ? `${published}${published.includes(",") ? "" : ","}0000000` : published

/** One name in a thousand with blanks around its quotes, which a strict reader does not take. */
export const blanksAroundQuotes: Respell = (column, row, published) =>
  column === "commune" && row % 1000 === 500 ? ` "${published}" ` : published
