/** Days written with the name of their month: `12 janvier 2020`, `1er févr. 2019`, `lundi 3 août 2020`, `12-JAN-20`. Day first, always. */

/** Month names, French and English, whole and cut, without accents and in lower case. `jui` is two months. */
const months: ReadonlyArray<ReadonlyArray<string>> = [
  ["janvier", "january", "janv", "jan"],
  ["fevrier", "february", "fevr", "fev", "feb"],
  ["mars", "march", "mar"],
  ["avril", "april", "avr", "apr"],
  ["mai", "may"],
  ["juin", "june", "jun"],
  ["juillet", "july", "juil", "jul"],
  ["aout", "august", "aou", "aug"],
  ["septembre", "september", "sept", "sep"],
  ["octobre", "october", "oct"],
  ["novembre", "november", "nov"],
  ["decembre", "december", "dec"],
]

const weekdays = "(?:lun(?:di)?|mar(?:di)?|mer(?:credi)?|jeu(?:di)?|ven(?:dredi)?|sam(?:edi)?|dim(?:anche)?)"
const word = `(?:${months.flat().join("|")})`
const separator = "[ \u00a0\u202f/-]"

/** For a text in lower case without accents, in JavaScript and in the engine (RE2): day, month and year are groups 1 to 3. */
export const wordedDay = `(?:${weekdays}[.,]? )?(?:le )?(0?1er|[0-9]{1,2})${separator}(${word})[.]?${separator}([0-9]{4}|[0-9]{2})`

const monthOnly = new RegExp(`^${word}[.]?-(?:[0-9]{4}|[0-9]{2})$|^[0-9]{1,2}-${word}[.]?$`)

/** Cheap tests, before a text is rid of its accents. */
const mayHaveDay = new RegExp(`[0-9](?:er)?${separator}\\p{L}{3,9}[.]?${separator}[0-9]{2}`, "iu")
const mayBeMonth = /^(?:\p{L}{3,9}[.]?-[0-9]{2,4}|[0-9]{1,2}-\p{L}{3,9}[.]?)$/u

const unaccented = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase()

/** The text in lower case and without accents, if it may hold a day with the name of its month. */
export const withMonthName = (text: string): string | undefined =>
  mayHaveDay.test(text) ? unaccented(text) : undefined

/** The number of a month by its name. */
export const monthNumber = (name: string): number => months.findIndex((names) => names.includes(name)) + 1

/** The same in the engine, two digits. */
export const monthNumberSql = (name: string): string =>
  `case ${months.map((names, index) => `when list_contains([${names.map((one) => `'${one}'`).join(", ")}], ${name}) then '${String(index + 1).padStart(2, "0")}'`).join(" ")} end`

/** `mars-18`, `3-janv`: what a spreadsheet shows of a day, or makes of a code; it writes a hyphen, where people write `8 mai`. */
export const isMonthOnly = (text: string): boolean => mayBeMonth.test(text) && monthOnly.test(unaccented(text))
