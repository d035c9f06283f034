import { assert, describe, it } from "@effect/vitest"
import type { ColumnType } from "@opendatahub-sql/core"
import * as fc from "fast-check"
import * as Effect from "effect/Effect"
import { type TestExtraction, warehouse } from "./warehouse.ts"

const day = (n: number): string => `2026-01-${String(n + 1).padStart(2, "0")}T00:00:00.000Z`

const columns = [
  { name: "code", type: "text" },
  { name: "n", type: "decimal(18,2)" },
  { name: "d", type: "timestamp" },
  { name: "late", type: "text" },
] as const satisfies ReadonlyArray<{ name: string; type: ColumnType }>

/** What an oracle says of one row: the cells in the order of the table, whatever the file's order and types. */
const spelled = (names: ReadonlyArray<string>, row: ReadonlyArray<string | number | null>): string =>
  JSON.stringify(
    columns.map(({ name, type }) => {
      const value = row[names.indexOf(name)] ?? null
      if (value === null) return null
      if (type === "timestamp") return `${String(value)}T00:00:00`
      return type === "text" ? String(value) : Number(value).toFixed(2)
    }),
  )

/** A file as publishers write them: fewer columns, another order, narrower types. */
const file = fc.record({
  shape: fc.constantFrom(["code", "n", "d"], ["n", "code"], ["d", "code", "n", "late"], ["late", "n", "code", "d"]),
  narrow: fc.boolean(),
  rows: fc.array(
    fc.record({
      code: fc.constantFrom("01001", "2A004", "", null),
      n: fc.constantFrom(1, 2, null),
      d: fc.constantFrom("2020-01-01", "2020-02-29", null),
      late: fc.constantFrom(null, null, "x"),
    }),
    { maxLength: 7 },
  ),
})

const extractionOf = (
  at: number,
  resource: string,
  { shape, narrow, rows }: typeof file extends fc.Arbitrary<infer F> ? F : never,
): TestExtraction => ({
  at: day(at),
  resource,
  columns: shape.map((name) => ({
    name,
    type: name === "n" ? (narrow ? "bigint" : "decimal(4,1)") : name === "d" ? (narrow ? "date" : "timestamp") : "text",
  })),
  rows: rows.map((row) => shape.map((name) => row[name])),
})

const step = fc.record({
  at: fc.integer({ min: 0, max: 5 }),
  resource: fc.constantFrom("r1", "r2"),
  file: fc.option(file, { freq: 5, nil: undefined }),
})

/** Of a multiset, what another does not hold. */
const without = (rows: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> => {
  const left = [...others]
  return rows.filter((row) => {
    const at = left.indexOf(row)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

describe("a history in DuckDB", () => {
  it(
    "gives every state as it was, for any sequence of files, orders of arrival and take-backs, of two resources in one table",
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 9 }), (steps) =>
          Effect.runPromise(
            Effect.scoped(
              Effect.gen(function* () {
                const t = yield* warehouse(columns)
                const oracle = new Map<string, Map<number, ReadonlyArray<string>>>([
                  ["r1", new Map()],
                  ["r2", new Map()],
                ])
                const statesAt = (at: number): ReadonlyArray<ReadonlyArray<string>> =>
                  [...oracle.values()].map(
                    (states) => states.get(Math.max(...[...states.keys()].filter((one) => one <= at))) ?? [],
                  )
                const expected = (at: number): ReadonlyArray<string> => statesAt(at).flat().toSorted()
                // Each resource has its own time: a row that leaves one and enters the other went and came.
                const onlyAt = (at: number, other: number): ReadonlyArray<string> =>
                  statesAt(at)
                    .flatMap((rows, index) => without(rows, statesAt(other)[index] ?? []))
                    .toSorted()
                for (const { at, resource, file } of steps) {
                  const states = oracle.get(resource)!
                  if (file === undefined) {
                    yield* t.drop(day(at), resource)
                    states.delete(at)
                  } else {
                    const extraction = extractionOf(at, resource, file)
                    yield* t.place(extraction)
                    states.set(
                      at,
                      extraction.rows.map((row) => spelled(file.shape, row)),
                    )
                  }
                }
                for (let at = 0; at <= 5; at++)
                  assert.deepStrictEqual(yield* t.asOf(day(at)), expected(at), `as of ${day(at)}`)
                assert.deepStrictEqual((yield* t.rows("from bronze.t")).length, expected(5).length)
                for (const [from, to] of [
                  [0, 5],
                  [1, 3],
                  [4, 4],
                ] as const) {
                  assert.deepStrictEqual(
                    yield* t.changes(day(from), day(to)),
                    { added: onlyAt(to, from), removed: onlyAt(from, to) },
                    `changes from ${day(from)} to ${day(to)}`,
                  )
                }
              }),
            ),
          ),
        ),
        { numRuns: 60 },
      ),
    120_000,
  )
})
