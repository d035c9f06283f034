/** How fast a host may be asked: decisions only, from what it answered so far. Times in milliseconds since 1970, UTC. */

/** What is remembered of a host. */
export interface HostPace {
  /** Requests at once that it bears, by its answers; a fraction grows into the next one. */
  readonly ceiling: number
  /** The ceiling at which it last said that it was too much; 0 when it never did. */
  readonly complainedAt: number
  /** No request before this time: the host asked for it, or its rate is used up. */
  readonly restUntil: number
  readonly nextAt: number
  /** When the last requests went, where a rate is set. */
  readonly recent: ReadonlyArray<number>
  /** Requests in a row without an answer of use, from one address after another. */
  readonly failures: number
  readonly lastFailed: string
  readonly why: string
  /** The circuit is open until then; `openings` in a row make it longer. */
  readonly openUntil: number
  readonly openings: number
  /** Milliseconds to the head of an answer: the best seen, and a moving average. */
  readonly bestLatency: number
  readonly latency: number
}

/** A host that was never asked. */
export const unknownHost = (perHost: number): HostPace => ({
  ceiling: perHost,
  complainedAt: 0,
  restUntil: 0,
  nextAt: 0,
  recent: [],
  failures: 0,
  lastFailed: "",
  why: "",
  openUntil: 0,
  openings: 0,
  bestLatency: 0,
  latency: 0,
})

/** What the configuration allows. `perSecond` undefined: as many as come. */
export interface PaceLimits {
  readonly perHost: number
  readonly perSecond: number | undefined
}

/** Whether a request may go now. `Wait` is in milliseconds. */
export type Admission =
  | { readonly _tag: "Go" }
  | { readonly _tag: "Wait"; readonly ms: number }
  | { readonly _tag: "Refused"; readonly until: number }

/** Failures in a row that open the circuit. One resource that fails again and again does not: it counts once. */
const FAILURES_TO_OPEN = 5
/** Longer than a download waits for a retry: while the circuit is open, downloads fail at once. */
const FIRST_OPENING = 180_000
const LONGEST_OPENING = 3_600_000
/** How long until a full host is looked at again. */
const LOOK_AGAIN = 25
/** The longest `Retry-After` that all requests to the host obey; beyond, the one that was told so fails, and the others may go. */
const LONGEST_REST = 120_000
/** An average so many times the best, and above the floor, is a host under pressure. */
const SLOW = 4
const SLOW_FLOOR = 1_000
/** How much is dared after a round of answers near the number that was once too much. */
const CAREFULLY = 0.05

/** `probing`: this process has not seen for itself that the host is down, so one request may find out. */
export const admit = (pace: HostPace, running: number, probing: boolean, now: number): Admission => {
  if (now < pace.openUntil && !(probing && running === 0)) return { _tag: "Refused", until: pace.openUntil }
  const wait = Math.max(pace.restUntil, pace.nextAt) - now
  if (wait > 0) return { _tag: "Wait", ms: wait }
  return running < Math.max(1, Math.floor(pace.ceiling)) ? { _tag: "Go" } : { _tag: "Wait", ms: LOOK_AGAIN }
}

/** A twentieth of the time in which so many may go is kept back: requests arrive less evenly than they leave. */
const MARGIN = 1.05

/**
 * A request went. The rate is counted over the last second (or the time of one request, where that is longer), so that what waited too long
 * because this machine was busy is made up for, at twice the rate at most, and still no second has more than its number.
 */
export const went = (pace: HostPace, { perSecond }: PaceLimits, now: number): HostPace => {
  if (perSecond === undefined) return pace
  const most = Math.ceil(perSecond)
  const within = (most / perSecond) * 1_000 * MARGIN
  const recent = [...pace.recent.filter((at) => at > now - within), now].slice(-most)
  const oldest = recent[0]
  const spread = now + 500 / perSecond
  return {
    ...pace,
    recent,
    nextAt: recent.length < most || oldest === undefined ? spread : Math.max(spread, oldest + within),
  }
}

/**
 * The host answered with something of use, `ms` after it was asked: one more at once after a round of answers, much more slowly where it once
 * complained, one less after four slow answers.
 */
export const answered = (pace: HostPace, { perHost }: PaceLimits, ms: number): HostPace => {
  const bestLatency = pace.bestLatency === 0 ? ms : Math.min(pace.bestLatency, ms)
  const latency = pace.latency === 0 ? ms : pace.latency * 0.8 + ms * 0.2
  const slow = latency > SLOW_FLOOR && latency > bestLatency * SLOW
  const careful = pace.complainedAt > 0 && pace.ceiling + 1 > pace.complainedAt
  const grown = pace.ceiling + (careful ? CAREFULLY : 1) / pace.ceiling
  const ceiling = slow ? Math.max(1, pace.ceiling - 0.25) : Math.min(perHost, grown)
  return { ...pace, ceiling, latency, bestLatency, failures: 0, openings: 0, openUntil: 0, lastFailed: "", why: "" }
}

/** The host says that it is too much (429, 503): half as many at once, and the rest it asks for. */
export const pressed = (pace: HostPace, retryAfterMs: number | undefined, now: number): HostPace => ({
  ...pace,
  ceiling: Math.max(1, pace.ceiling / 2),
  complainedAt: Math.floor(pace.ceiling),
  restUntil:
    retryAfterMs === undefined || retryAfterMs > LONGEST_REST
      ? pace.restUntil
      : Math.max(pace.restUntil, now + retryAfterMs),
})

/** No answer, or a failure of the server. `address` tells resources apart, `why` is for people. */
export const failed = (pace: HostPace, address: string, why: string, now: number): HostPace => {
  const wasOpen = pace.openings > 0
  const failures = pace.failures + (address === pace.lastFailed && !wasOpen ? 0 : 1)
  const counted = { ...pace, failures, lastFailed: address, why, ceiling: Math.max(1, pace.ceiling / 2) }
  if (failures < FAILURES_TO_OPEN) return counted
  const openUntil = now + Math.min(FIRST_OPENING * 2 ** pace.openings, LONGEST_OPENING)
  return { ...counted, openUntil, openings: pace.openings + 1 }
}
