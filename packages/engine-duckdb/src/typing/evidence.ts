/**
 * What the values of a column say about its type, counted one by one. Pure: the same for the sample and for the values that later did not fit.
 * A pattern proves each reading; nothing is tried and seen to work (`TRY_CAST('1.5' AS BIGINT)` is 2).
 */

import { isNullWord } from "./null-words.ts"

/** How a date or time is written. */
export type TemporalForm =
  | "iso" // 2024-01-31, 2024-1-31, 2024/01/31
  | "day-first" // 31/01/2024, 31-01-2024, 31.01.2024, 31/01/24
  | "month-first" // 01/31/2024
  | "compact" // 20240131
  | "iso-time" // 2024-01-31T10:00, 2024-01-31 10:00:00.5
  | "day-first-time" // 31/01/2024 10:00
  | "month-first-time" // 01/31/2024 10:00
  | "instant" // 2024-01-31T10:00:00+02:00
  | "clock" // 10:00, 10:00:00

/** The words of a boolean. `o`, `n`, `0` and `1` are not among them. */
export const booleanWords: Readonly<Record<string, boolean>> = {
  oui: true,
  non: false,
  vrai: true,
  faux: false,
  true: true,
  false: false,
  yes: true,
  no: false,
}

/** The three characters that group thousands in French files: space, no-break space, narrow no-break space. */
export const groupingSpaces = " \u00a0\u202f"

/** Counts over non-blank values. */
export interface Evidence {
  values: number
  /** Text length in UTF-16 units, all values together. */
  length: number
  /** The first value that proves the column holds codes: `01001`, `2A004`, `+33123456789`. */
  code: string | undefined
  booleans: number
  /** Digits only, perhaps signed or grouped. */
  wholes: number
  /** Numbers with a fraction, by decimal mark. */
  readonly fractions: { ",": number; ".": number }
  readonly scale: { ",": number; ".": number }
  /** The most digits before the mark. */
  digits: number
  /** Whole numbers beyond 64 bits. */
  wide: number
  readonly grouped: Map<string, number>
  readonly scientific: { ",": number; ".": number; none: number }
  /** Scientific numbers no spreadsheet would have made of a code: `1e-5`, `1.2E-05`. */
  trulyScientific: number
  readonly temporal: Record<TemporalForm, number>
  /** `31/01/2024`: no month first. `01/31/2024`: no day first. */
  dayFirstProofs: number
  monthFirstProofs: number
  readonly compactDays: Set<string>
  /** How booleans are spelled and what dates look like (digits as `9`), to choose the fastest reading: at most 16 kept. */
  readonly spellings: Map<string, number>
  /** Words that may stand for no value, as spelled: at most 8 kept. */
  readonly nullWords: Map<string, number>
}

/** No value seen yet. */
export const noEvidence = (): Evidence => ({
  values: 0,
  length: 0,
  code: undefined,
  booleans: 0,
  wholes: 0,
  fractions: { ",": 0, ".": 0 },
  scale: { ",": 0, ".": 0 },
  digits: 0,
  wide: 0,
  grouped: new Map(),
  scientific: { ",": 0, ".": 0, none: 0 },
  trulyScientific: 0,
  temporal: {
    iso: 0,
    "day-first": 0,
    "month-first": 0,
    compact: 0,
    "iso-time": 0,
    "day-first-time": 0,
    "month-first-time": 0,
    instant: 0,
    clock: 0,
  },
  dayFirstProofs: 0,
  monthFirstProofs: 0,
  compactDays: new Set(),
  spellings: new Map(),
  nullWords: new Map(),
})

const number = /^([+-]?)(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)?(?:([.,])(\d*))?(?:([eE])([+-]?)(\d+))?$/
const isoDate = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})$/
const localDate = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/
const shortDate = /^(\d{1,2})\/(\d{1,2})\/\d{2}$/
const clock = "(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.\\d{1,9})?)?"
const isoTime = new RegExp(`^(\\d{4})-(\\d{1,2})-(\\d{1,2})[ T]${clock}$`)
const instant = new RegExp(
  `^(\\d{4})-(\\d{2})-(\\d{2})[ T](\\d{2}):(\\d{2})(?::(\\d{2})(?:\\.\\d{1,9})?)? ?(?:Z|[+-](?:0\\d|1[0-5])(?::?[0-5]\\d)?)$`,
)
const localTime = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})[ T]${clock}$`)
const timeOfDay = new RegExp(`^${clock}$`)
const overlongTime = /^\d{2,3}:[0-5]\d(?::[0-5]\d)?$/

const leadingZero = /^[+-]?0[ \u00a0\u202f]?\d[\d \u00a0\u202f]*(?:[.,]\d*)?$/
const letterInside = /^\d+[A-Z]\d*$/
const dialled = /^\+\d[\d \u00a0\u202f]*$/

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31

const isDay = (year: number, month: number, day: number): boolean =>
  year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)

const isTime = (hour: number, minute: number, second: number): boolean => hour <= 23 && minute <= 59 && second <= 59

/** Why a text can only be a code, if it can. Dates and clock times never are. */
export const provesCode = (text: string): boolean => {
  if (leadingZero.test(text) || letterInside.test(text)) return true
  if (dialled.test(text)) return text.replaceAll(/\D/g, "").length >= 8
  if (overlongTime.test(text)) return Number(text.slice(0, text.indexOf(":"))) > 23
  return false
}

const observeLocalDate = (
  evidence: Evidence,
  first: number,
  second: number,
  year: number,
  time: "" | "-time",
): void => {
  const dayFirst = isDay(year, second, first)
  const monthFirst = isDay(year, first, second)
  if (dayFirst) evidence.temporal[`day-first${time}`]++
  if (monthFirst) evidence.temporal[`month-first${time}`]++
  if (dayFirst && first > 12) evidence.dayFirstProofs++
  if (monthFirst && second > 12) evidence.monthFirstProofs++
}

const observeTemporal = (evidence: Evidence, text: string): void => {
  let match = isoDate.exec(text)
  if (match !== null) {
    if (isDay(Number(match[1]), Number(match[3]), Number(match[4]))) evidence.temporal.iso++
    return
  }
  match = localDate.exec(text)
  if (match !== null) return observeLocalDate(evidence, Number(match[1]), Number(match[3]), Number(match[4]), "")
  match = isoTime.exec(text)
  if (match !== null) {
    const valid =
      isDay(Number(match[1]), Number(match[2]), Number(match[3])) &&
      isTime(Number(match[4]), Number(match[5]), Number(match[6] ?? 0))
    if (valid) evidence.temporal["iso-time"]++
    return
  }
  match = instant.exec(text)
  if (match !== null) {
    const valid =
      isDay(Number(match[1]), Number(match[2]), Number(match[3])) &&
      isTime(Number(match[4]), Number(match[5]), Number(match[6] ?? 0))
    if (valid) evidence.temporal.instant++
    return
  }
  match = localTime.exec(text)
  if (match !== null) {
    if (isTime(Number(match[5]), Number(match[6]), Number(match[7] ?? 0))) {
      observeLocalDate(evidence, Number(match[1]), Number(match[3]), Number(match[4]), "-time")
    }
    return
  }
  match = timeOfDay.exec(text)
  if (match !== null) {
    if (isTime(Number(match[1]), Number(match[2]), Number(match[3] ?? 0))) evidence.temporal.clock++
    return
  }
  match = shortDate.exec(text)
  // Two-digit years are read as the engine does: 00 to 68 are 2000 to 2068. 1900 is no leap year but 2000 is, so 29/02/00 exists.
  if (match !== null) {
    const short = Number(text.slice(-2))
    if (isDay(short <= 68 ? 2000 + short : 1900 + short, Number(match[2]), Number(match[1]))) {
      evidence.temporal["day-first"]++
      if (Number(match[1]) > 12) evidence.dayFirstProofs++
    }
  }
}

const observeScientific = (
  evidence: Evidence,
  text: string,
  mark: "," | "." | undefined,
  letter: string,
  sign: string,
  exponent: number,
): void => {
  // A spreadsheet shows a code of twelve digits or more as 1,23457E+12: what follows is lost, and the column holds codes.
  if (letter === "E" && sign === "+" && exponent >= 11) evidence.code ??= text
  evidence.scientific[mark ?? "none"]++
  if (letter === "e" || sign === "-") evidence.trulyScientific++
}

const observeWhole = (evidence: Evidence, text: string, digits: string): void => {
  evidence.wholes++
  if (digits.length > 38) evidence.code ??= text
  if (digits.length >= 19) {
    const value = BigInt((text.startsWith("-") ? "-" : "") + digits)
    if (BigInt.asIntN(64, value) !== value) evidence.wide++
  }
  if (digits.length === 8 && text.length === 8 && (text.startsWith("19") || text.startsWith("20"))) {
    if (isDay(Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6)))) {
      evidence.temporal.compact++
      if (evidence.compactDays.size < 16) evidence.compactDays.add(text)
    }
  }
}

const observeNumber = (evidence: Evidence, text: string): boolean => {
  const match = number.exec(text)
  if (match === null || (match[2] === undefined && (match[4] ?? "") === "")) return false
  const whole = match[2] ?? ""
  const mark = match[3] as "," | "." | undefined
  const space = /[ \u00a0\u202f]/.exec(whole)?.[0]
  const digits = space === undefined ? whole : whole.replaceAll(/[ \u00a0\u202f]/g, "")
  if (match[5] !== undefined) {
    if (space !== undefined) return false
    observeScientific(evidence, text, mark, match[5], match[6] ?? "", Number(match[7]))
    return true
  }
  if (space !== undefined) evidence.grouped.set(space, (evidence.grouped.get(space) ?? 0) + 1)
  evidence.digits = Math.max(evidence.digits, digits.length)
  if (mark === undefined) observeWhole(evidence, text, digits)
  else {
    evidence.fractions[mark]++
    evidence.scale[mark] = Math.max(evidence.scale[mark], (match[4] ?? "").length)
  }
  return true
}

const spell = (evidence: Evidence, text: string): void => {
  const seen = evidence.spellings.get(text)
  if (seen !== undefined || evidence.spellings.size < 16) evidence.spellings.set(text, (seen ?? 0) + 1)
}

const isVisible = (unit: number): boolean => unit > 32 && unit < 127

/** Without outer spaces of any kind (Unicode's space separators): what the engine's `trim` does. */
const trimSpaces = (raw: string): string =>
  isVisible(raw.charCodeAt(0)) && isVisible(raw.charCodeAt(raw.length - 1))
    ? raw
    : raw.replaceAll(/^\p{Zs}+|\p{Zs}+$/gu, "")

/** Counts one value. Outer spaces do not matter; a blank value is no value. */
export const observe = (evidence: Evidence, raw: string): void => {
  const text = trimSpaces(raw)
  if (text === "") return
  evidence.values++
  evidence.length += raw.length
  if (text.length > 64) return
  if (isNullWord(text)) {
    const seen = evidence.nullWords.get(text)
    if (seen !== undefined || evidence.nullWords.size < 8) evidence.nullWords.set(text, (seen ?? 0) + 1)
    return
  }
  const first = text.charCodeAt(0)
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 44 || first === 46) {
    if (provesCode(text)) evidence.code ??= text
    else if (!observeNumber(evidence, text)) {
      observeTemporal(evidence, text)
      spell(evidence, text.replaceAll(/\d/g, "9"))
    }
  } else if (text.length <= 5 && Object.hasOwn(booleanWords, text.toLowerCase())) {
    evidence.booleans++
    spell(evidence, text)
  }
}

/** What both say together. */
export const merge = (left: Evidence, right: Evidence): Evidence => {
  const counts = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> => {
    const sum = new Map(a)
    for (const [key, count] of b) sum.set(key, (sum.get(key) ?? 0) + count)
    return sum
  }
  const temporal = { ...left.temporal }
  for (const form of Object.keys(temporal) as Array<TemporalForm>) temporal[form] += right.temporal[form]
  return {
    values: left.values + right.values,
    length: left.length + right.length,
    code: left.code ?? right.code,
    booleans: left.booleans + right.booleans,
    wholes: left.wholes + right.wholes,
    fractions: { ",": left.fractions[","] + right.fractions[","], ".": left.fractions["."] + right.fractions["."] },
    scale: { ",": Math.max(left.scale[","], right.scale[","]), ".": Math.max(left.scale["."], right.scale["."]) },
    digits: Math.max(left.digits, right.digits),
    wide: left.wide + right.wide,
    grouped: counts(left.grouped, right.grouped),
    scientific: {
      ",": left.scientific[","] + right.scientific[","],
      ".": left.scientific["."] + right.scientific["."],
      none: left.scientific.none + right.scientific.none,
    },
    trulyScientific: left.trulyScientific + right.trulyScientific,
    temporal,
    dayFirstProofs: left.dayFirstProofs + right.dayFirstProofs,
    monthFirstProofs: left.monthFirstProofs + right.monthFirstProofs,
    compactDays: new Set([...left.compactDays, ...right.compactDays]),
    spellings: counts(left.spellings, right.spellings),
    nullWords: counts(left.nullWords, right.nullWords),
  }
}
