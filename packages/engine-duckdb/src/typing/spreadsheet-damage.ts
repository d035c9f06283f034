/** What spreadsheets do to values before they are published: told, never undone, as what is lost is not in the file. Pure. */
import type { Evidence } from "./evidence.ts"
import type { Rule } from "./rule.ts"

const DAY = 86_400_000
const FIRST_DAY = Date.UTC(1899, 11, 30)

const serialDay = (serial: string): string => new Date(FIRST_DAY + Number(serial) * DAY).toISOString().slice(0, 10)

/** What a person should know of a column, in full sentences; `dateNamed`: its name speaks of a date. */
export const spreadsheetDamage = (
  name: string,
  rule: Rule,
  seen: Evidence,
  dateNamed: boolean,
): ReadonlyArray<string> => {
  const column = `column "${name}"`
  const became = rule.kind === "text" ? "the column is kept as text" : "such values are not taken"
  const scientific = seen.damage.get("scientific")
  const month = seen.damage.get("month")
  const serial = seen.damage.get("serial-date")
  const { compact: _compact, clock: _clock, ...dates } = seen.temporal
  const days = Object.values(dates).reduce((sum, count) => sum + count, 0)
  const most = 0.9 * seen.values
  const isSerialColumn = rule.kind === "number" && dateNamed && serial !== undefined && serial.count >= most
  const isAmongDays =
    rule.kind === "temporal" || (rule.kind === "text" && days > 0 && days + (serial?.count ?? 0) >= most)
  return [
    ...(scientific === undefined || rule.kind !== "text"
      ? []
      : [
          `${column}: a spreadsheet shortened codes to numbers such as ${scientific.first}; their other digits are not in the file, ${became}`,
        ]),
    ...(month === undefined || month.count >= most
      ? []
      : [`${column}: a spreadsheet wrote ${month.first} for a day or a code; ${became}`]),
    ...(serial === undefined || !(isSerialColumn || isAmongDays)
      ? []
      : [
          `${column}: ${serial.first} is how a spreadsheet stores the day ${serialDay(serial.first)}; ${isSerialColumn ? "the numbers are left as they are" : became}`,
        ]),
  ]
}
