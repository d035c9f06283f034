/**
 * Record numbers without storing them: a Parquet file keeps the order of the file it was read from, so a row's number is its position plus the
 * records left out before it. The records left out come as a small sorted list; the shift is a tree of comparisons, as a join would lose the
 * order.
 */

/** From this position in the Parquet file on (from 0), `shift` records were left out. */
export interface Step {
  readonly from: number
  readonly shift: number
}

/** More steps than this would make a query of megabytes: read the file record by record instead. */
export const MOST_STEPS = 4000

/** The steps for the record numbers (from 1, sorted, distinct) of the records left out. */
export const stepsOf = (leftOut: ReadonlyArray<number>): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  leftOut.forEach((record, index) => {
    const step = { from: record - 1 - index, shift: index + 1 }
    if (steps.at(-1)?.from === step.from) steps.pop()
    steps.push(step)
  })
  return steps
}

const tree = (steps: ReadonlyArray<Step>, low: number, high: number, before: number): string => {
  const middle = (low + high) >> 1
  const step = steps[middle]
  if (low >= high || step === undefined) return String(before)
  return `case when file_row_number < ${step.from} then ${tree(steps, low, middle, before)} else ${tree(steps, middle + 1, high, step.shift)} end`
}

/** The record number as SQL over `read_parquet(…, file_row_number = true)`. */
export const recordNumber = (steps: ReadonlyArray<Step>): string =>
  steps.length === 0 ? "file_row_number + 1" : `file_row_number + 1 + ${tree(steps, 0, steps.length, 0)}`
