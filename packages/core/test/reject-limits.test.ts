import { assert, describe, it } from "@effect/vitest"
import { checkRejects, type RejectCounts, rejectCounts, type RejectLimits } from "../src/pipeline/load/reject-limits.ts"

const outcome = (counts: RejectCounts, limits: RejectLimits): string => {
  const checked = checkRejects("t", counts, limits)
  return checked === undefined ? "loaded" : typeof checked === "string" ? "warning" : checked.reason._tag
}
/** 100 records: `left` left out, and as many more with a refused cell as make `rejected`. */
const of100 = (left: number, rejected: number): RejectCounts => ({
  rows: 100 - left,
  rowRejects: left,
  rejectedRows: rejected,
})

const cases: ReadonlyArray<readonly [what: string, counts: RejectCounts, limits: RejectLimits, expected: string]> = [
  ["nothing was rejected", of100(0, 0), { maxShare: 0, maxRows: 0 }, "loaded"],
  ["a record in a hundred, without a word", of100(1, 1), {}, "loaded"],
  ["two in a hundred, without a word", of100(1, 2), {}, "warning"],
  ["the share is the limit", of100(5, 10), { maxShare: 0.1, warnShare: 1 }, "loaded"],
  ["the share is above the limit", of100(0, 11), { maxShare: 0.1 }, "DataQuality"],
  ["the number is above the limit", of100(3, 3), { maxRows: 2 }, "DataQuality"],
  ["no limit but a high one for warnings", of100(50, 100), { warnShare: 1 }, "loaded"],
  ["one, where none may be", of100(0, 1), { maxShare: 0 }, "DataQuality"],
  ["a table without records", { rows: 0, rowRejects: 0, rejectedRows: 0 }, { maxShare: 0 }, "loaded"],
]

describe("limits of rejects", () => {
  for (const [what, counts, limits, expected] of cases)
    it(`${what}: ${expected}`, () => assert.strictEqual(outcome(counts, limits), expected))

  it("count the parts of a table together, and say what was found, where, and what to do", () => {
    const checked = checkRejects("lieux", rejectCounts([of100(1, 2), of100(2, 3)]), { maxRows: 4 })
    assert(typeof checked === "object")
    assert.match(checked.message, /^5 of 200 records of "lieux" \(2\.5 %\) .*\(maxRows 4\).*`odh lake ls`/)
  })
})
