/** Which extractions of a resource a lake may lose: a decision on times alone. */
import type { Extraction } from "@opendatahub-sql/core"

/** What stays. An extraction goes only when nothing here keeps it; the newest always stays. */
export interface PrunePolicy {
  /** So many of the newest stay (1 at least). */
  readonly keep: number
  /** Younger ones stay, in days. */
  readonly olderThan: number
  /** Of each of these periods (UTC) the last one stays. */
  readonly onePer?: "day" | "month" | "year"
}

const DAY = 24 * 3600 * 1000
const PERIOD = { day: 10, month: 7, year: 4 } as const

/** The policy in a few words, for the audit. */
export const policyText = ({ keep, olderThan, onePer }: PrunePolicy): string =>
  [`keep ${keep}`, `older than ${olderThan} days`, ...(onePer === undefined ? [] : [`one per ${onePer}`])].join(", ")

/** The extractions that a policy gives up, out of all of a resource, oldest first. `now` in milliseconds since 1970. */
export const givenUp = (
  extractions: ReadonlyArray<Extraction>,
  { keep, olderThan, onePer }: PrunePolicy,
  now: number,
): ReadonlyArray<Extraction> => {
  const youngest = extractions.length - Math.max(1, keep)
  const periodOf = (index: number): string | undefined =>
    onePer === undefined ? undefined : extractions[index]?.extractedAt.slice(0, PERIOD[onePer])
  return extractions.filter(
    ({ extractedAt }, index) =>
      index < youngest &&
      now - Date.parse(extractedAt) > olderThan * DAY &&
      (onePer === undefined || periodOf(index) === periodOf(index + 1)),
  )
}

/** The stored files that only these extractions have, out of all of their resource. */
export const filesOfOnly = (
  gone: ReadonlyArray<Extraction>,
  all: ReadonlyArray<Extraction>,
): ReadonlyMap<string, number> => {
  const filesOf = ({ file, siblings }: Extraction) => [file, ...Object.values(siblings)]
  const kept = new Set(all.filter((one) => !gone.includes(one)).flatMap((one) => filesOf(one).map(({ path }) => path)))
  return new Map(
    gone.flatMap((one) =>
      filesOf(one)
        .filter(({ path }) => !kept.has(path))
        .map(({ path, bytes }) => [path, bytes] as const),
    ),
  )
}
