/** Dates that are stored as a number of days, in either of the two systems of Excel. */

/** The year in which day 1 (1900) or day 0 (1904) lies. */
export type DateSystem = 1900 | 1904

const DAY = 86_400_000
const LAST_DAY = 2_958_465 // 9999-12-31, in the system of 1900
const SYSTEM_GAP = 1_462

const pad = (value: number, digits: number): string => String(value).padStart(digits, "0")

const clockText = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1_000)
  const rest = milliseconds % 1_000
  const clock = `${pad(Math.floor(seconds / 3_600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`
  return rest === 0 ? clock : `${clock}.${pad(rest, 3)}`
}

/** Days and milliseconds; a stored fraction is exact to the millisecond at best. */
const split = (serial: number): readonly [number, number] => {
  const total = Math.round(serial * DAY)
  const days = Math.floor(total / DAY)
  return [days, total - days * DAY]
}

/** Columns of dates have few different days, and a date costs more than a look. */
const days1900 = new Map<number, string>()
const MOST_DAYS = 20_000

/** The ISO date of a day of the system of 1900. */
const dayText = (days: number): string => {
  const known = days1900.get(days)
  if (known !== undefined) return known
  if (days1900.size >= MOST_DAYS) days1900.clear()
  // Before 1900-03-01 the system is one day off: it knows a 29 February 1900.
  const text = new Date(Date.UTC(1899, 11, days < 60 ? 31 : 30) + days * DAY).toISOString().slice(0, 10)
  days1900.set(days, text)
  return text
}

/**
 * ISO text: `2024-03-01`, or `2024-03-01T12:30:00` when it is not midnight. `undefined` for what is no date: day 0 and before, day 60
 * (the 29 February 1900 that never was), after 9999.
 */
export const dateText = (serial: number, system: DateSystem): string | undefined => {
  const [stored, time] = split(serial)
  const days = system === 1904 ? stored + SYSTEM_GAP : stored
  if (
    !Number.isFinite(serial) ||
    stored < (system === 1904 ? 0 : 1) ||
    days > LAST_DAY ||
    (system === 1900 && days === 60)
  )
    return undefined
  const date = dayText(days)
  return time === 0 ? date : `${date}T${clockText(time)}`
}

/** The time of a day, `12:30:00`; beyond one day it is the date and time that it stands for. */
export const timeText = (serial: number, system: DateSystem): string | undefined => {
  const [days, time] = split(serial)
  return days === 0 ? clockText(time) : dateText(serial, system)
}

/** Hours, minutes and seconds, as many as there are: `25:30:00`. */
export const durationText = (serial: number): string =>
  serial < 0 ? `-${clockText(Math.round(-serial * DAY))}` : clockText(Math.round(serial * DAY))
