import type { Usage } from "./usage.ts"

/** One run of each side, one right after the other. */
export interface Pair {
  readonly ours: Usage
  readonly reference: Usage
}

/** Interleaves the two sides, so that what else the machine does falls on both; odd pairs begin with the reference. */
export const interleave = async (
  count: number,
  ours: () => Promise<Usage>,
  reference: () => Promise<Usage>,
): Promise<ReadonlyArray<Pair>> => {
  const pairs: Array<Pair> = []
  for (let index = 0; index < count; index++) {
    if (index % 2 === 0) {
      const first = await reference()
      pairs.push({ reference: first, ours: await ours() })
    } else {
      const first = await ours()
      pairs.push({ ours: first, reference: await reference() })
    }
  }
  return pairs
}

/** The middle value; of an even number of values, the mean of the two in the middle. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Median of the ratios of the pairs: each ratio compares two runs of the same minute. */
export const ratioOf = (pairs: ReadonlyArray<Pair>, of: (usage: Usage) => number): number =>
  median(pairs.map(({ ours, reference }) => of(ours) / of(reference)))
