/** Dates and instants as the engine prints them, as numbers. `undefined` for what has no number: infinities, years before 1 or after 9999. */

const date = /^(\d{4})-(\d{2})-(\d{2})$/
const instant = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?:\+00|Z)?$/

/** Days since 1970-01-01. */
export const daysOf = (text: string): number | undefined => {
  const match = date.exec(text)
  if (match === null) return undefined
  const at = new Date(0)
  // `Date.UTC` takes years below 100 for years of the 20th century.
  at.setUTCFullYear(Number(match[1]), Number(match[2]) - 1, Number(match[3]))
  return at.getTime() / 86_400_000
}

/** The date of a number of days, `YYYY-MM-DD`. */
export const dateOf = (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10)

/** Microseconds since 1970-01-01T00:00, all of them: rounding would put a bound inside its values. */
export const microsOf = (text: string): bigint | undefined => {
  const match = instant.exec(text)
  const days = match === null ? undefined : daysOf(match[1] ?? "")
  if (match === null || days === undefined) return undefined
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4])
  return BigInt(days * 86_400 + seconds) * 1_000_000n + BigInt((match[5] ?? "").padEnd(6, "0"))
}
