/** Days and microseconds since 1970 as ISO text, exactly, for every value the engine can hold. */

const pad = (value: number, width: number): string => String(value).padStart(width, "0")

const year = (value: number): string =>
  value >= 0 && value <= 9999 ? pad(value, 4) : `${value < 0 ? "-" : "+"}${pad(Math.abs(value), 6)}`

/** Days since 1970-01-01 as `YYYY-MM-DD`. Years outside 0 to 9999 get a sign and six digits, as in ISO 8601. */
export const isoDate = (days: number): string => {
  if (days === 2147483647) return "infinity"
  if (days === -2147483647) return "-infinity"
  // Civil date from days, with 400-year eras that start on 1 March of year 0.
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return `${year(yearOfEra + era * 400 + (month <= 2 ? 1 : 0))}-${pad(month, 2)}-${pad(day, 2)}`
}

/** Microseconds of a day as `HH:MM:SS`, with a fraction of up to six digits when there is one. */
export const isoTime = (micros: number): string => {
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = micros - seconds * 1_000_000
  const clock = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`
  return fraction === 0 ? clock : `${clock}.${pad(fraction, 6).replace(/0+$/, "")}`
}

const DAY = 86_400_000_000n
const INFINITE = 9223372036854775807n

/** Microseconds since 1970 as `YYYY-MM-DDTHH:MM:SS[.ffffff]`. */
export const isoTimestamp = (micros: bigint): string => {
  if (micros === INFINITE) return "infinity"
  if (micros === -INFINITE) return "-infinity"
  const rest = micros % DAY
  const time = rest < 0n ? rest + DAY : rest
  return `${isoDate(Number((micros - time) / DAY))}T${isoTime(Number(time))}`
}

/** Microseconds since 1970 in UTC as `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`. */
export const isoInstant = (micros: bigint): string => {
  const text = isoTimestamp(micros)
  return text.endsWith("infinity") ? text : `${text}Z`
}
