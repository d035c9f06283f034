/** A cell of an ods: its value stands in its attributes, dates and times as ISO text (ODF 1.3 part 3, 19.385). */
import { errorCell, type SheetCell, textCell, uncomputedCell } from "../sheet.ts"
import { numberCell } from "../values/number-cell.ts"
import type { Shown } from "../values/number-format.ts"

/** `PT12H30M00S` → `12:30:00`, `PT25H30M00S` → `25:30:00`. */
const timeOf = (duration: string): string | undefined => {
  const match = /^(-?)PT?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?$/.exec(duration)
  if (match === null) return undefined
  const [, sign = "", hours = "0", minutes = "0", seconds = "0", fraction = ""] = match
  const rest = fraction.slice(0, 3).replace(/0+$/, "")
  const clock = [hours, minutes, seconds].map((part) => part.padStart(2, "0")).join(":")
  return `${sign}${clock}${rest === "" ? "" : `.${rest.padEnd(3, "0")}`}`
}

const dateOf = (text: string): string =>
  text
    .replace(/T00:00:00(?:\.0+)?$/, "")
    .replace(/(T\d\d:\d\d:\d\d)[.,](\d{1,9})$/, (_, time: string, fraction: string) => {
      const rest = fraction.slice(0, 3).replace(/0+$/, "")
      return rest === "" ? time : `${time}.${rest.padEnd(3, "0")}`
    })

const shownBy = (digits: number | undefined, unit: string | undefined): Shown =>
  digits !== undefined ? { is: "code", digits } : unit === undefined ? { is: "number" } : { is: "number", unit }

/** The cell with these attributes and this text; `digits`: see `Styles.digitsOf`. */
export const cellOf = (
  attributes: Readonly<Record<string, string>>,
  text: string,
  digits: number | undefined,
): SheetCell | undefined => {
  const type = attributes["office:value-type"]
  const value = attributes["office:value"]
  const formula = attributes["table:formula"]
  if (attributes["calcext:value-type"] === "error") return errorCell(text === "" ? "#ERROR" : text)
  if (type === "date") {
    const date = attributes["office:date-value"]
    return date === undefined ? textCell(text) : { kind: "date", text: dateOf(date) }
  }
  if (type === "time") {
    const time = timeOf(attributes["office:time-value"] ?? "")
    return time === undefined ? textCell(text) : { kind: "time", text: time }
  }
  if (type === "boolean")
    return { kind: "boolean", text: attributes["office:boolean-value"] === "true" ? "true" : "false" }
  if (type === "percentage" || type === "currency" || type === "float") {
    if (value === undefined) return textCell(text)
    const unit =
      type === "percentage" ? "%" : type === "currency" ? (attributes["office:currency"] ?? undefined) : undefined
    return numberCell(value, shownBy(type === "float" ? digits : undefined, unit), 1900)
  }
  if (type === undefined && text === "" && formula !== undefined)
    return uncomputedCell(formula.replace(/^(?:of|msoxl|oooc):=?/, ""))
  // An error as programs before ODF 1.2 wrote it: a formula, a text that is one of these.
  if (formula !== undefined && /^(?:#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!)|Err:\d{3})$/.test(text))
    return errorCell(text)
  return textCell(attributes["office:string-value"] ?? text)
}
