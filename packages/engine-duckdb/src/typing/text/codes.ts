/** Texts that can only be codes, whatever the others of their column are: their digits are no number. */
const leadingZero = /^[+\u2212-]?0\p{Zs}?\d[\d\p{Zs}]*(?:[.,]\d*)?$/u
const letterInside = /^\d+[A-Z]\d*$/
const dialled = /^\+\d[\d\p{Zs}]*$/u
const overlongTime = /^\d{2,3}:[0-5]\d(?::[0-5]\d)?$/

/** `01001`, `2A004`, `+33123456789`, `25:10`; dates and times of day never are. */
export const provesCode = (text: string): boolean => {
  if (leadingZero.test(text) || letterInside.test(text)) return true
  if (dialled.test(text)) return text.replaceAll(/\D/g, "").length >= 8
  if (overlongTime.test(text)) return Number(text.slice(0, text.indexOf(":"))) > 23
  return false
}
