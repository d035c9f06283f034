/** What a number format says of the numbers under it: ECMA-376 part 1, 18.8.30 and 18.8.31. */

/** How a number is shown, and so what it is. */
export type Shown =
  | { readonly is: "number"; readonly unit?: string }
  /** Filled up with zeros to `digits`: a code. */
  | { readonly is: "code"; readonly digits: number }
  | { readonly is: "date" | "time" | "duration" }

const NUMBER: Shown = { is: "number" }

/** Formats that a file names by number alone. Dates of other calendars (27 to 36, 50 to 58) are dates all the same. */
const builtIn = (id: number): Shown => {
  if ((id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return { is: "date" }
  if (id >= 18 && id <= 21) return { is: "time" }
  if (id === 45 || id === 47) return { is: "time" }
  if (id === 46) return { is: "duration" }
  return id === 9 || id === 10 ? { is: "number", unit: "%" } : NUMBER
}

const currencyOf = (section: string): string | undefined => {
  const named = /\[\$([^\]-]+)(?:-[^\]]*)?\]/.exec(section)?.[1]?.trim()
  return named !== undefined && named !== "" ? named : /[€$£¥]/.exec(section.replaceAll(/\[\$[^\]]*\]/g, ""))?.[0]
}

/** What a format code says. Only its first section counts: it is the one of positive numbers. */
export const shownBy = (code: string): Shown => {
  const section = /^(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\[])*/.exec(code)?.[0] ?? ""
  if (/^(?:general|standard|@|)$/i.test(section.trim())) return NUMBER
  const elapsed = /\[(?:h+|m+|s+)\]/i.test(section)
  const letters = section
    .replaceAll(/"[^"]*"|\\.|_.|\*./g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(/AM\/PM|A\/P/gi, "h")
    .toLowerCase()
  if (elapsed) return { is: "duration" }
  // `m` is a month, unless hours or seconds stand beside it.
  const hasTime = /[hs]/.test(letters)
  if (/[yd]/.test(letters) || (letters.includes("m") && !hasTime && !/[0#?]/.test(letters))) return { is: "date" }
  if (hasTime && !/[0#?]/.test(letters.replaceAll(/s[.,]0+/g, ""))) return { is: "time" }
  if (/^0{2,}$/.test(section)) return { is: "code", digits: section.length }
  if (letters.includes("%")) return { is: "number", unit: "%" }
  const currency = currencyOf(section.replaceAll(/\\(.)/g, "$1").replaceAll('"', ""))
  return currency === undefined ? NUMBER : { is: "number", unit: currency }
}

/** What the format of this number says; `code` when the file defines it. */
export const shownByFormat = (id: number, code: string | undefined): Shown =>
  code === undefined ? builtIn(id) : shownBy(code)
