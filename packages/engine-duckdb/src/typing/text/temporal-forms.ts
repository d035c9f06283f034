/** Which dates and times a text may be: a pattern for each form, then the calendar. */
import { monthNumber, withMonthName, wordedDay } from "./month-names.ts"

/** How a date or time is written. */
export type TemporalForm =
  | "iso" // 2024-01-31, 2024-1-31, 2024/01/31
  | "day-first" // 31/01/2024, 31-01-2024, 31.01.2024, 31/01/24
  | "month-first" // 01/31/2024
  | "compact" // 20240131
  | "worded" // 31 janvier 2024, 1er févr. 2024, 31-JAN-24
  | "iso-time" // 2024-01-31T10:00, 2024/01/31 10:00:00.5
  | "day-first-time" // 31/01/2024 10:00, 31/01/2024 à 10h00
  | "month-first-time" // 01/31/2024 10:00, 1/31/2024 10:00:00 PM
  | "worded-time" // 31 janvier 2024 à 10h30
  | "instant" // 2024-01-31T10:00:00+02:00, 2024/01/31 10:00:00+00, 2024-01-31 10:00:00 UTC
  | "clock" // 10:00, 10:00:00

/** All of them. */
export const temporalForms: ReadonlyArray<TemporalForm> = [
  "iso",
  "day-first",
  "month-first",
  "compact",
  "worded",
  "iso-time",
  "day-first-time",
  "month-first-time",
  "worded-time",
  "instant",
  "clock",
]

const clock = "(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.\\d{1,9})?)?"
const spokenClock = "(\\d{1,2})[:h](\\d{2})(?::(\\d{2})(?:\\.\\d{1,9})?)?"
const isoDate = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})$/
const isoTime = new RegExp(`^(\\d{4})([-/])(\\d{1,2})\\2(\\d{1,2})[ T]${clock}$`)
const instant = new RegExp(
  `^(\\d{4})([-/])(\\d{2})\\2(\\d{2})[ T](\\d{2}):(\\d{2})(?::(\\d{2})(?:\\.\\d{1,9})?)? ?(?:Z|UTC|[+-](?:0\\d|1[0-5])(?::?[0-5]\\d)?)$`,
)
const localDate = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/
const shortDate = /^(\d{1,2})(\/)(\d{1,2})\/(\d{2})$/
const localTime = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})[ T]${clock}$`)
const spokenTime = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|(?<=/)\\d{2})(?:[ T]| à )${spokenClock}$`)
const halfDayTime = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}) (0?[1-9]|1[0-2]):(\d{2})(?::(\d{2}))? [AP]M$/i
const timeOfDay = new RegExp(`^${clock}$`)
const worded = new RegExp(`^${wordedDay}$`)
const wordedTime = new RegExp(`^${wordedDay}(?:,? (?:a )?)${spokenClock}$`)

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31

/** Whether the calendar knows the day; years from 1. */
export const isDay = (year: number, month: number, day: number): boolean =>
  year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)

const isTime = (hour: number, minute: number, second: number): boolean => hour <= 23 && minute <= 59 && second <= 59

/** Two digits are read as the engine does: 00 to 68 are 2000 to 2068. 1900 is no leap year but 2000 is, so 29/02/00 exists. */
const fullYear = (digits: string): number =>
  digits.length === 4 ? Number(digits) : Number(digits) <= 68 ? 2000 + Number(digits) : 1900 + Number(digits)

type Groups = ReadonlyArray<string | undefined>
const numbersOf = (groups: Groups, ...places: ReadonlyArray<number>): ReadonlyArray<number> =>
  places.map((place) => Number(groups[place] ?? 0))

const isIso = (groups: Groups, ...places: readonly [number, number, number]): boolean => {
  const [year = 0, month = 0, day = 0] = numbersOf(groups, ...places)
  return isDay(year, month, day)
}

const isClock = (groups: Groups, first: number): boolean => {
  const [hour = 0, minute = 0, second = 0] = numbersOf(groups, first, first + 1, first + 2)
  return isTime(hour, minute, second)
}

const isWorded = (groups: Groups): boolean =>
  isDay(fullYear(groups[3] ?? ""), monthNumber(groups[2] ?? ""), Number.parseInt(groups[1] ?? "", 10))

const orders = (groups: Groups, time: "" | "-time"): ReadonlyArray<TemporalForm> => {
  const [first = 0, second = 0] = numbersOf(groups, 1, 3)
  const year = fullYear(groups[4] ?? "")
  return [
    ...(isDay(year, second, first) ? [`day-first${time}` as const] : []),
    ...(isDay(year, first, second) ? [`month-first${time}` as const] : []),
  ]
}

type Reader = readonly [pattern: RegExp, forms: (groups: Groups) => ReadonlyArray<TemporalForm>]
const when = (isSo: boolean, form: TemporalForm): ReadonlyArray<TemporalForm> => (isSo ? [form] : [])

const readers: ReadonlyArray<Reader> = [
  [isoDate, (groups) => when(isIso(groups, 1, 3, 4), "iso")],
  [localDate, (groups) => orders(groups, "")],
  [isoTime, (groups) => when(isIso(groups, 1, 3, 4) && isClock(groups, 5), "iso-time")],
  [instant, (groups) => when(isIso(groups, 1, 3, 4) && isClock(groups, 5), "instant")],
  [localTime, (groups) => (isClock(groups, 5) ? orders(groups, "-time") : [])],
  [halfDayTime, (groups) => (isClock(groups, 5) ? orders(groups, "-time") : [])],
  [timeOfDay, (groups) => when(isClock(groups, 1), "clock")],
  [shortDate, (groups) => orders(groups, "").filter((form) => form === "day-first")],
  [
    spokenTime,
    (groups) => (isClock(groups, 5) ? orders(groups, "-time").filter((form) => form === "day-first-time") : []),
  ],
]
/** For texts without accents, in lower case. */
const wordReaders: ReadonlyArray<Reader> = [
  [worded, (groups) => when(isWorded(groups), "worded")],
  [wordedTime, (groups) => when(isWorded(groups) && isClock(groups, 4), "worded-time")],
]

const firstOf = (some: ReadonlyArray<Reader>, text: string): ReadonlyArray<TemporalForm> => {
  for (const [pattern, forms] of some) {
    const groups = pattern.exec(text)
    if (groups !== null) return forms(groups)
  }
  return []
}

/** The forms that the text has; two where day and month could be either. Eight digits alone are numbers first: see {@link isCompactDay}. */
export const temporalFormsOf = (text: string): ReadonlyArray<TemporalForm> => {
  const forms = firstOf(readers, text)
  const named = forms.length === 0 ? withMonthName(text) : undefined
  return named === undefined ? forms : firstOf(wordReaders, named)
}

/** Whether eight digits are a day of the last century or this one. */
export const isCompactDay = (digits: string): boolean =>
  digits.length === 8 &&
  (digits.startsWith("19") || digits.startsWith("20")) &&
  isDay(Number(digits.slice(0, 4)), Number(digits.slice(4, 6)), Number(digits.slice(6)))
