/**
 * What the values of a column say about its type, counted one by one. Pure: the same for the sample and for the values that later did not fit.
 * A pattern proves each reading; nothing is tried and seen to work (`TRY_CAST('1.5' AS BIGINT)` is 2).
 */

import { booleanLetter, booleanOf } from "./text/boolean-words.ts"
import { provesCode } from "./text/codes.ts"
import { isMonthOnly } from "./text/month-names.ts"
import { isNullWord } from "./text/null-words.ts"
import { isCompactDay, type TemporalForm, temporalForms, temporalFormsOf } from "./text/temporal-forms.ts"
import { splitUnit } from "./text/units.ts"

/** The characters that group thousands in French files: space, no-break space, narrow no-break space, thin space, figure space. */
export const groupingSpaces = " \u00a0\u202f\u2009\u2007"

/** Counts over non-blank values. */
export interface Evidence {
  values: number
  /** Text length in UTF-16 units, all values together. */
  length: number
  /** The first value that proves the column holds codes: `01001`, `2A004`, `+33123456789`. */
  code: string | undefined
  booleans: number
  /** `O`, `n`, `t`…, in lower case. */
  readonly letters: Map<string, number>
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
  /** What is written with a unit, by unit: at most 4 kept. */
  readonly units: Map<string, Evidence>
  readonly temporal: Record<TemporalForm, number>
  /** `31/01/2024`: no month first. `01/31/2024`: no day first. */
  dayFirstProofs: number
  monthFirstProofs: number
  readonly compactDays: Set<string>
  /** How booleans are spelled and what dates look like (digits as `9`), to choose the fastest reading: at most 16 kept. */
  readonly spellings: Map<string, number>
  /** Words that may stand for no value, as spelled: at most 8 kept. */
  readonly nullWords: Map<string, number>
  /** What a spreadsheet may have made of a day or a code, by kind: how many, and the first. */
  readonly damage: Map<Damage, { count: number; first: string }>
}

/** `43831`, the day 2020-01-01 as a spreadsheet stores it · `mars-18` · `2,601E+13`. */
export type Damage = "serial-date" | "month" | "scientific"

/** No value seen yet. */
export const noEvidence = (): Evidence => ({
  values: 0,
  length: 0,
  code: undefined,
  booleans: 0,
  letters: new Map(),
  wholes: 0,
  fractions: { ",": 0, ".": 0 },
  scale: { ",": 0, ".": 0 },
  digits: 0,
  wide: 0,
  grouped: new Map(),
  scientific: { ",": 0, ".": 0, none: 0 },
  trulyScientific: 0,
  units: new Map(),
  temporal: Object.fromEntries(temporalForms.map((form) => [form, 0])) as Record<TemporalForm, number>,
  dayFirstProofs: 0,
  monthFirstProofs: 0,
  compactDays: new Set(),
  spellings: new Map(),
  nullWords: new Map(),
  damage: new Map(),
})

const number = new RegExp(
  `^([+\u2212-]?)(\\d{1,3}(?:[${groupingSpaces}]\\d{3})+|\\d+)?(?:([.,])(\\d*))?(?:([eE])([+-]?)(\\d+))?$`,
)
const space = new RegExp(`[${groupingSpaces}]`)
const spaces = new RegExp(space, "g")

/** The minus of typographers. */
const MINUS = 0x2212

const MOST_KEPT = 16
const MOST_WORDS = 8
const MOST_UNITS = 4
/** 1954-10-03 and 2064-04-08 as a spreadsheet stores them: days since 1899-12-30. */
const FIRST_SERIAL = "20000"
const LAST_SERIAL = "60000"

const damaged = (evidence: Evidence, kind: Damage, text: string): void => {
  const seen = evidence.damage.get(kind)
  if (seen === undefined) evidence.damage.set(kind, { count: 1, first: text })
  else seen.count++
}

/** Counts a key, unless there are as many others already. */
const count = (counts: Map<string, number>, key: string, most: number): void => {
  const seen = counts.get(key)
  if (seen !== undefined || counts.size < most) counts.set(key, (seen ?? 0) + 1)
}

const observeTemporal = (evidence: Evidence, text: string): boolean => {
  const forms = temporalFormsOf(text)
  for (const form of forms) evidence.temporal[form]++
  const [form] = forms
  if (form?.startsWith("day-first") === true && Number.parseInt(text, 10) > 12) evidence.dayFirstProofs++
  // Day first is no day.
  if (form?.startsWith("month-first") === true) evidence.monthFirstProofs++
  return forms.length > 0
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
  if (letter === "E" && sign === "+") {
    if (exponent >= 11) evidence.code ??= text
    damaged(evidence, "scientific", text)
  }
  evidence.scientific[mark ?? "none"]++
  if (letter === "e" || sign === "-") evidence.trulyScientific++
}

const observeWhole = (evidence: Evidence, text: string, digits: string): void => {
  evidence.wholes++
  if (digits.length > 38) evidence.code ??= text
  if (digits.length >= 19) {
    const value = BigInt((text.startsWith("-") || text.startsWith("\u2212") ? "-" : "") + digits)
    if (BigInt.asIntN(64, value) !== value) evidence.wide++
  }
  if (isCompactDay(text)) {
    evidence.temporal.compact++
    if (evidence.compactDays.size < 16) evidence.compactDays.add(text)
  }
  if (text.length === 5 && text >= FIRST_SERIAL && text <= LAST_SERIAL) damaged(evidence, "serial-date", text)
}

const observeNumber = (evidence: Evidence, text: string): boolean => {
  const match = number.exec(text)
  if (match === null || (match[2] === undefined && (match[4] ?? "") === "")) return false
  const whole = match[2] ?? ""
  const mark = match[3] as "," | "." | undefined
  const grouping = space.exec(whole)?.[0]
  const digits = grouping === undefined ? whole : whole.replaceAll(spaces, "")
  if (match[5] !== undefined) {
    if (grouping !== undefined) return false
    observeScientific(evidence, text, mark, match[5], match[6] ?? "", Number(match[7]))
    return true
  }
  if (grouping !== undefined) count(evidence.grouped, grouping, MOST_KEPT)
  evidence.digits = Math.max(evidence.digits, digits.length)
  if (mark === undefined) observeWhole(evidence, text, digits)
  else {
    evidence.fractions[mark]++
    evidence.scale[mark] = Math.max(evidence.scale[mark], (match[4] ?? "").length)
  }
  return true
}

/** A number with its unit is counted apart, as a number. */
const observeUnit = (evidence: Evidence, text: string): boolean => {
  const split = splitUnit(text)
  if (split === undefined) return false
  const known = evidence.units.get(split.unit)
  const numbers = known ?? noEvidence()
  if (known === undefined && evidence.units.size < MOST_UNITS) evidence.units.set(split.unit, numbers)
  if (provesCode(split.number)) numbers.code ??= text
  else if (observeNumber(numbers, split.number)) numbers.values++
  return true
}

const isVisible = (unit: number): boolean => unit > 32 && unit < 127

/** Without outer spaces of any kind (Unicode's space separators): what the engine's `trim` does. */
const trimSpaces = (raw: string): string =>
  isVisible(raw.charCodeAt(0)) && isVisible(raw.charCodeAt(raw.length - 1))
    ? raw
    : raw.replaceAll(/^\p{Zs}+|\p{Zs}+$/gu, "")

const observeWord = (evidence: Evidence, text: string): void => {
  const letter = booleanLetter(text)
  if (booleanOf(text) !== undefined) evidence.booleans++
  else if (letter !== undefined) count(evidence.letters, letter, MOST_KEPT)
  else {
    // Days with their names, amounts behind their currency.
    if (/\d/.test(text) && !observeTemporal(evidence, text) && !observeUnit(evidence, text) && isMonthOnly(text))
      damaged(evidence, "month", text)
    return
  }
  count(evidence.spellings, text, MOST_KEPT)
}

/** Counts one value. Outer spaces do not matter; a blank value is no value. */
export const observe = (evidence: Evidence, raw: string): void => {
  const text = trimSpaces(raw)
  if (text === "") return
  evidence.values++
  evidence.length += raw.length
  if (text.length > 64) return
  if (isNullWord(text)) return count(evidence.nullWords, text, MOST_WORDS)
  const first = text.charCodeAt(0)
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 44 || first === 46 || first === MINUS) {
    if (provesCode(text)) evidence.code ??= text
    else if (!observeNumber(evidence, text)) {
      if (!observeTemporal(evidence, text) && !observeUnit(evidence, text) && isMonthOnly(text))
        damaged(evidence, "month", text)
      count(evidence.spellings, text.replaceAll(/\d/g, "9"), MOST_KEPT)
    }
  } else observeWord(evidence, text)
}

/** What both say together. */
export const merge = (left: Evidence, right: Evidence): Evidence => {
  const counts = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> => {
    const sum = new Map(a)
    for (const [key, count] of b) sum.set(key, (sum.get(key) ?? 0) + count)
    return sum
  }
  const units = new Map(left.units)
  for (const [unit, numbers] of right.units) units.set(unit, merge(units.get(unit) ?? noEvidence(), numbers))
  const damage = new Map(left.damage)
  for (const [kind, { count, first }] of right.damage) {
    const known = damage.get(kind)
    damage.set(kind, { count: count + (known?.count ?? 0), first: known?.first ?? first })
  }
  const temporal = { ...left.temporal }
  for (const form of Object.keys(temporal) as Array<TemporalForm>) temporal[form] += right.temporal[form]
  return {
    values: left.values + right.values,
    length: left.length + right.length,
    code: left.code ?? right.code,
    booleans: left.booleans + right.booleans,
    letters: counts(left.letters, right.letters),
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
    units,
    temporal,
    dayFirstProofs: left.dayFirstProofs + right.dayFirstProofs,
    monthFirstProofs: left.monthFirstProofs + right.monthFirstProofs,
    compactDays: new Set([...left.compactDays, ...right.compactDays]),
    spellings: counts(left.spellings, right.spellings),
    nullWords: counts(left.nullWords, right.nullWords),
    damage,
  }
}
