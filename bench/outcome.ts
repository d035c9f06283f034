/** What a benchmark gives: figures, and whether its promises are kept. */
import type { Pair } from "./measure/pairs.ts"
import type { Usage } from "./measure/usage.ts"

/** A promise: `value` may be `limit` at most. */
export interface Promised {
  readonly what: string
  readonly value: number
  readonly limit: number
  readonly unit: "x" | "MB"
}

/** One case of a benchmark. */
export interface Outcome {
  readonly benchmark: string
  readonly subject: string
  /** In the order they ran; empty where there is nothing to compare with. */
  readonly pairs: ReadonlyArray<Pair>
  /** Runs of ours alone, where there is nothing to compare with. */
  readonly runs: ReadonlyArray<Usage>
  readonly promises: ReadonlyArray<Promised>
  /** Where the result differs from the oracle; fast and wrong is wrong. */
  readonly problems: ReadonlyArray<string>
}

/** What every benchmark is given. */
export interface Setting {
  /** A folder of its own, empty at the start. */
  readonly folder: string
  readonly odh: ReadonlyArray<string>
  readonly pairs: number
  /** Bytes of the generated CSV file. */
  readonly csvBytes: number
  /** Bytes of the generated JSON file. */
  readonly jsonBytes: number
  /** Rows of each day of the history. */
  readonly historyRows: number
  /** Tells what is going on. */
  readonly note: (text: string) => void
}

/** The outcome, or one that says why there is none, so that one failure does not hide the rest. */
export const orFailure = (benchmark: string, subject: string, measured: Promise<Outcome>): Promise<Outcome> =>
  measured.catch((error: unknown) => ({
    benchmark,
    subject,
    pairs: [],
    runs: [],
    promises: [],
    problems: [error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error)],
  }))

/** Bytes as MB, of 10^6. */
export const megabytes = (bytes: number): number => bytes / 1e6

/** Whether all that was promised holds, and the result is right. */
export const kept = ({ promises, problems }: Outcome): boolean =>
  problems.length === 0 && promises.every(({ value, limit }) => value <= limit)
