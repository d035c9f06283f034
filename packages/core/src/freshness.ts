/** Whether data is as new as one may expect, and when to look again. Decisions only; instants are ISO text in UTC, periods milliseconds. */

const MINUTE = 60_000
const DAY = 86_400_000

/** What is known of a resource. `changes`: when new contents were found, oldest first, the last few. */
export interface Sightings {
  readonly changes: ReadonlyArray<string>
  readonly seenAt?: string | undefined
  /** The publisher's word. */
  readonly declared?: number | undefined
  /** Our own word to those who read the table. */
  readonly promised?: number | undefined
}

/** How old the contents are, what may be expected, and by whose word. `unknown`: nobody said anything, and nothing was observed. */
export interface Freshness {
  readonly age?: number
  readonly declared?: number
  /** The median time between changes, once there were three. */
  readonly observed?: number
  readonly promised?: number
  readonly state: "fresh" | "late" | "unknown"
  /** When it is worth asking again. */
  readonly nextLook: string
}

/** Publishers are people: a period may pass by a fifth and a day (by a fifth and itself, if it is shorter than a day). */
const tolerated = (period: number): number => period * 1.2 + Math.min(period, DAY)

const medianOf = (values: ReadonlyArray<number>): number | undefined => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

/** Eight looks a period, at least one a day and at most one in five minutes. */
const lookEvery = (period: number): number => Math.min(DAY, Math.max(5 * MINUTE, period / 8))

/** What the sightings say at `now` (milliseconds since 1970). A promise is kept to the letter; a declared or observed period has some grace. */
export const freshness = ({ changes, seenAt, declared, promised }: Sightings, now: number): Freshness => {
  const times = changes.map((change) => Date.parse(change))
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time))
  const observed = gaps.length >= 2 ? medianOf(gaps) : undefined
  const last = times.at(-1)
  const age = last === undefined ? undefined : Math.max(0, now - last)
  const expected = promised ?? declared ?? observed
  const limit = promised ?? (expected === undefined ? undefined : tolerated(expected))
  const period = Math.min(...[promised, observed ?? declared].filter((one) => one !== undefined))
  const seen = seenAt === undefined ? now - DAY : Date.parse(seenAt)
  return {
    ...(age === undefined ? {} : { age }),
    ...(declared === undefined ? {} : { declared }),
    ...(observed === undefined ? {} : { observed }),
    ...(promised === undefined ? {} : { promised }),
    state: limit === undefined || age === undefined ? "unknown" : age > limit ? "late" : "fresh",
    nextLook: new Date(seen + lookEvery(period)).toISOString(),
  }
}
