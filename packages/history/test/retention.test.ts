import { assert, describe, it } from "@effect/vitest"
import { thinned } from "@opendatahub-sql/history"
import * as fc from "fast-check"
import * as Effect from "effect/Effect"
import { warehouse } from "./warehouse.ts"

const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>, ReadonlyArray<string>]> = [
  [
    "the last of a day stays",
    ["2026-03-01T08:00:00Z", "2026-03-01T20:00:00Z", "2026-03-02T08:00:00Z"],
    ["2026-03-01T08:00:00Z"],
  ],
  [
    "before a month, the last of a month stays",
    ["2026-01-03T00:00:00Z", "2026-01-20T00:00:00Z", "2026-02-11T00:00:00Z", "2026-05-01T00:00:00Z"],
    ["2026-01-03T00:00:00Z"],
  ],
  ["one is never too many", ["2020-01-01T00:00:00Z"], []],
  ["order does not matter", ["2026-03-01T20:00:00Z", "2026-03-01T08:00:00Z"], ["2026-03-01T08:00:00Z"]],
]

const columns = [{ name: "code", type: "text" }] as const

describe("what is kept", () => {
  for (const [name, instants, gone] of cases) {
    it(`daily, then monthly: ${name}`, () => {
      assert.deepStrictEqual(thinned(instants, "daily-then-monthly"), gone)
      assert.deepStrictEqual(thinned(instants, "all"), [])
    })
  }

  it("every state that stays is exact, whatever goes between them", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            hours: fc.integer({ min: 1, max: 400 }),
            rows: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 }),
          }),
          { minLength: 2, maxLength: 8 },
        ),
        (steps) =>
          Effect.runPromise(
            Effect.scoped(
              Effect.gen(function* () {
                const t = yield* warehouse(columns)
                const states = new Map<string, ReadonlyArray<string>>()
                let hour = 0
                for (const { hours, rows } of steps) {
                  hour += hours
                  const at = new Date(Date.UTC(2026, 0, 1, hour)).toISOString()
                  yield* t.place({ at, columns, rows: rows.map((row) => [row]) })
                  states.set(at, rows.map((row) => JSON.stringify([row])).toSorted())
                }
                const gone = thinned([...states.keys()], "daily-then-monthly")
                yield* t.thin("daily-then-monthly")
                for (const [at, rows] of states)
                  if (!gone.includes(at)) assert.deepStrictEqual(yield* t.asOf(at), rows, at)
                assert.lengthOf(yield* t.rows("from odh.history"), states.size - gone.length)
              }),
            ),
          ),
      ),
      { numRuns: 25 },
    ))
})
