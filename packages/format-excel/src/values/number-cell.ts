/** A stored number as a cell: what it is depends on how it is shown. */
import type { SheetCell } from "../sheet.ts"
import type { Shown } from "./number-format.ts"
import { numberText } from "./number-text.ts"
import { type DateSystem, dateText, durationText, timeText } from "./serial-date.ts"

const temporal = (stored: string, shown: "date" | "time" | "duration", system: DateSystem): SheetCell => {
  const serial = Number(stored)
  const text =
    shown === "date" ? dateText(serial, system) : shown === "time" ? timeText(serial, system) : durationText(serial)
  if (text === undefined) return { kind: "problem", text: stored, code: "not-date" }
  return { kind: text.length >= 10 && text.charCodeAt(4) === 0x2d ? "date" : "time", text }
}

/** The cell of a number as the file stores it. */
export const numberCell = (stored: string, shown: Shown, system: DateSystem): SheetCell => {
  const text = numberText(stored)
  if (text === undefined) return { kind: "problem", text: stored, code: "not-double" }
  if (shown.is === "number")
    return shown.unit === undefined ? { kind: "number", text } : { kind: "number", text, unit: shown.unit }
  if (shown.is !== "code") return temporal(text, shown.is, system)
  return /^\d+$/.test(text) ? { kind: "text", text: text.padStart(shown.digits, "0") } : { kind: "number", text }
}
