import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { ModelTimeline, Oracle } from "./model.ts"

const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      at: fc.integer({ min: 0, max: 6 }),
      rows: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ at: fc.integer({ min: 0, max: 6 }), rows: fc.constant(undefined) }) },
)

describe("the model of a history", () => {
  it("gives every state as it was, whatever comes, goes, repeats, arrives late or is taken back", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
        const model = new ModelTimeline()
        const oracle = new Oracle()
        for (const { at, rows } of operations) {
          model.drop(at)
          oracle.states.delete(at)
          if (rows !== undefined) {
            model.place(at, rows)
            oracle.states.set(at, rows)
          }
          for (let day = 0; day <= 6; day++) assert.deepStrictEqual(model.asOf(day), oracle.asOf(day))
        }
        // And no mark is there that the states do not ask for: what comes goes before it comes again.
        for (const came of model.added) {
          const marks = [...model.added, ...model.removed]
            .filter((one) => one.row === came.row && one.copy === came.copy)
            .map((one) => one.at)
          assert.strictEqual(new Set(marks).size, marks.length)
        }
      }),
      { numRuns: 500 },
    )
  })
})
