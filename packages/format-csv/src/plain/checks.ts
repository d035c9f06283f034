/** Whether bytes begin with a value in a plain form. Pure, and called for every cell of a file, so without a string or an object. */
import type { PlainForm } from "@opendatahub-sql/core"

/** The offset after the plain value at `at`, or `NONE`. The bytes go on for a while, with anything, after the value. */
export type Check = (bytes: Uint8Array, at: number) => number

/** No plain value. */
export const NONE = -1

const ZERO = 48
const NINE = 57
const MINUS = 45
const SLASH = 47
const COLON = 58

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE

/** Of numbers, the most digits seen before the mark, and after it. */
export interface Widest {
  digits: number
  scale: number
}

const number = (mark: number, widest: Widest): Check => {
  let digits = 0
  let scale = 0
  return (bytes, at) => {
    let i = at
    if (bytes[i] === MINUS) i++
    const first = i
    if (bytes[i] === ZERO) i++
    else while (isDigit(bytes[i])) i++
    if (i === first) return NONE
    if (i - first > digits) widest.digits = digits = i - first
    if (bytes[i] !== mark) return i
    const fraction = ++i
    while (isDigit(bytes[i])) i++
    if (i === fraction) return NONE
    if (i - fraction > scale) widest.scale = scale = i - fraction
    return i
  }
}

/** The number that two digits write, far above any year when they are none. */
const two = (bytes: Uint8Array, at: number): number => {
  const tens = (bytes[at] ?? 0) - ZERO
  const ones = (bytes[at + 1] ?? 0) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1_000_000
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const isDay = (bytes: Uint8Array, yearAt: number, monthAt: number, dayAt: number): boolean => {
  const day = two(bytes, dayAt)
  const month = two(bytes, monthAt)
  const century = two(bytes, yearAt)
  const year = century * 100 + two(bytes, yearAt + 2)
  if (century < 10 || year > 9999 || month < 1 || month > 12 || day < 1) return false
  if (day <= 28) return true
  if (month === 2) return day === 29 && isLeap(year)
  return day <= 30 || (day === 31 && (month < 8 ? month % 2 === 1 : month % 2 === 0))
}

const isIsoDay = (bytes: Uint8Array, at: number): boolean =>
  bytes[at + 4] === MINUS && bytes[at + 7] === MINUS && isDay(bytes, at, at + 5, at + 8)

const date = (orders: ReadonlyArray<"day-first" | "month-first" | "iso">): Check => {
  const iso = orders.includes("iso")
  const dayFirst = orders.includes("day-first")
  const slashed = dayFirst || orders.includes("month-first")
  const [day, month] = dayFirst ? [0, 3] : [3, 0]
  return (bytes, at) => {
    if (bytes[at + 2] === SLASH)
      return slashed && bytes[at + 5] === SLASH && isDay(bytes, at + 6, at + month, at + day) ? at + 10 : NONE
    return iso && isIsoDay(bytes, at) ? at + 10 : NONE
  }
}

const timestamp =
  (separator: number): Check =>
  (bytes, at) =>
    bytes[at + 10] === separator &&
    bytes[at + 13] === COLON &&
    bytes[at + 16] === COLON &&
    two(bytes, at + 11) < 24 &&
    two(bytes, at + 14) < 60 &&
    two(bytes, at + 17) < 60 &&
    isIsoDay(bytes, at)
      ? at + 19
      : NONE

const words = (spelled: ReadonlyArray<string>): Check => {
  const known = spelled.map((word) => Uint8Array.from(word, (character) => character.charCodeAt(0)))
  return (bytes, at) => {
    for (const word of known) {
      let i = 0
      while (i < word.length && bytes[at + i] === word[i]) i++
      // A longer word may begin with this one.
      if (i === word.length && !isLetter(bytes[at + i])) return at + i
    }
    return NONE
  }
}

const isLetter = (byte: number | undefined): boolean => byte !== undefined && (byte | 32) >= 97 && (byte | 32) <= 122

/** The check of a form; `widest` is told of numbers. */
export const checkOf = (form: PlainForm, widest: Widest): Check => {
  switch (form.kind) {
    case "number":
      return number(form.mark.charCodeAt(0), widest)
    case "date":
      return date(form.orders)
    case "timestamp":
      return timestamp(form.separator.charCodeAt(0))
    case "words":
      return words(form.words)
  }
}
