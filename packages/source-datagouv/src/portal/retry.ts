/** When to ask the portal again. Instants and waits are milliseconds. */

/** How often one question is asked at most. */
export const ATTEMPTS = 5

/** The longest wait: what servers ask for in `Retry-After` has been wrong by hours. */
const LONGEST_WAIT = 60_000
const FIRST_WAIT = 500

/** Reads `Retry-After`: seconds or an HTTP date; nonsense and the past are no wish. */
export const retryAfter = (header: string | null, now: number): number | undefined => {
  const text = header?.trim() ?? ""
  if (text === "") return undefined
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined
}

/** The wait before attempt `next` (2 is the first repetition): what the server asked for within bounds, else a doubling one; `random` in [0, 1) spreads both. */
export const waitBefore = (next: number, asked: number | undefined, random: number): number =>
  asked === undefined
    ? Math.min(FIRST_WAIT * 2 ** (next - 2), LONGEST_WAIT) * (0.5 + random / 2)
    : Math.min(asked, LONGEST_WAIT) + FIRST_WAIT * random
