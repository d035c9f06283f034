/** Dates in the names of files and in addresses, as people write them there; UTC is what is meant. */
const TIME = "(?:[T_ -]?([01]\\d|2[0-3])[h:.-]?([0-5]\\d)(?:m|(?=\\D|$)))?"
const YEAR = "((?:19|20)\\d{2})"
const MONTH = "(0[1-9]|1[0-2])"
const DAY = "(0[1-9]|[12]\\d|3[01])"
const before = "(?<!\\d)"
const yearFirst = new RegExp(`${before}${YEAR}([-_./]?)${MONTH}\\2${DAY}(?!\\d(?!\\d[h:.-]?\\d{2}))${TIME}`)
const dayFirst = new RegExp(`${before}${DAY}([-_./]?)${MONTH}\\2${YEAR}(?!\\d)`)
const monthOnly = new RegExp(`${before}${YEAR}[-_./]${MONTH}(?![-_./]?\\d)`)

const instant = (year = "", month = "", day = "", hour = "00", minute = "00"): string | undefined => {
  const text = `${year}-${month}-${day}T${hour}:${minute}:00.000Z`
  const at = new Date(text)
  return Number.isNaN(at.getTime()) || at.toISOString() !== text ? undefined : text
}

/** The instant (ISO, UTC) that a name says: `2020-06-29`, `20200629`, `29-06-2020`, `2020-06`, with a time if there is one (`2020-06-29-19h00`). */
export const dateIn = (name: string): string | undefined => {
  const [, year, , month, day, hour, minute] = yearFirst.exec(name) ?? []
  if (year !== undefined) {
    const at = instant(year, month, day, hour, minute)
    if (at !== undefined) return at
  }
  const [, first, , middle, last] = dayFirst.exec(name) ?? []
  if (first !== undefined) {
    const at = instant(last, middle, first)
    if (at !== undefined) return at
  }
  const [, only, of] = monthOnly.exec(name) ?? []
  return only === undefined ? undefined : instant(only, of, "01")
}

/** The days, months or years between two dates, both included, as ISO dates. */
export const periods = (from: string, to: string, every: "day" | "month" | "year"): ReadonlyArray<string> => {
  const dates: Array<string> = []
  const at = new Date(`${from}T00:00:00Z`)
  while (at.toISOString().slice(0, 10) <= to) {
    dates.push(at.toISOString().slice(0, 10))
    if (every === "day") at.setUTCDate(at.getUTCDate() + 1)
    else if (every === "month") at.setUTCMonth(at.getUTCMonth() + 1)
    else at.setUTCFullYear(at.getUTCFullYear() + 1)
  }
  return dates
}

/** An address of a template: `{yyyy}`, `{yy}`, `{mm}`, `{dd}` and `{date}` (ISO) are those of the date. */
export const addressOn = (template: string, date: string): string =>
  template
    .replaceAll("{date}", date)
    .replaceAll("{yyyy}", date.slice(0, 4))
    .replaceAll("{yy}", date.slice(2, 4))
    .replaceAll("{mm}", date.slice(5, 7))
    .replaceAll("{dd}", date.slice(8, 10))
