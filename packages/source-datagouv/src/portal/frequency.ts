/** How often a dataset is renewed, by the ids of the portal's `/datasets/frequencies/`, those of before 2025 included. */

const HOUR = 3_600_000
const DAY = 24 * HOUR
const YEAR = 365.25 * DAY

const periods: Readonly<Record<string, number>> = {
  continuous: HOUR,
  realtime: HOUR,
  oneMinute: HOUR / 60,
  fiveMinutes: HOUR / 12,
  tenMinutes: HOUR / 6,
  fifteenMinutes: HOUR / 4,
  thirtyMinutes: HOUR / 2,
  hourly: HOUR,
  bihourly: 2 * HOUR,
  trihourly: 3 * HOUR,
  fourTimesADay: 6 * HOUR,
  severalTimesADay: 6 * HOUR,
  threeTimesADay: 8 * HOUR,
  twelveHours: 12 * HOUR,
  semidaily: 12 * HOUR,
  daily: DAY,
  fiveTimesAWeek: 3 * DAY,
  fourTimesAWeek: 2 * DAY,
  threeTimesAWeek: 3 * DAY,
  semiweekly: 4 * DAY,
  weekly: 7 * DAY,
  biweekly: 14 * DAY,
  fortnighly: 14 * DAY,
  threeTimesAMonth: 11 * DAY,
  semimonthly: 16 * DAY,
  monthly: 31 * DAY,
  bimonthly: 62 * DAY,
  quarterly: 92 * DAY,
  threeTimesAYear: 123 * DAY,
  semiannual: 184 * DAY,
  biannual: 184 * DAY,
  annual: 366 * DAY,
  biennial: 2 * YEAR,
  triennial: 3 * YEAR,
  quadrennial: 4 * YEAR,
  quinquennial: 5 * YEAR,
  decennial: 10 * YEAR,
  bidecennial: 20 * YEAR,
  tridecennial: 30 * YEAR,
}

/** The longest time between two updates, in milliseconds; `undefined` for `irregular`, `punctual`, `never` and what we do not know. */
export const periodOf = (frequency: unknown): number | undefined =>
  typeof frequency === "string" && Object.hasOwn(periods, frequency) ? periods[frequency] : undefined
