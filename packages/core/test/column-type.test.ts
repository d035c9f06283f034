import { type ColumnType, joinTypes, widensInPlace } from "@opendatahub-sql/core"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

const decimals = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) =>
    fc.integer({ min: 0, max: precision }).map((scale): ColumnType => `decimal(${precision},${scale})`),
  )
const types: fc.Arbitrary<ColumnType> = fc.oneof(
  fc.constantFrom<ColumnType>(
    "null",
    "boolean",
    "bigint",
    "double",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "json",
    "blob",
    "text",
  ),
  decimals,
)

describe("the lattice of column types", () => {
  it("joins in any order to the same type", () => {
    fc.assert(
      fc.property(types, types, (a, b) => {
        assert.strictEqual(joinTypes(a, b), joinTypes(b, a))
      }),
      { numRuns: 2_000 },
    )
  })

  it("joins in any grouping to the same type", () => {
    fc.assert(
      fc.property(types, types, types, (a, b, c) => {
        assert.strictEqual(joinTypes(joinTypes(a, b), c), joinTypes(a, joinTypes(b, c)))
      }),
      { numRuns: 20_000 },
    )
  })

  it("joins a type with itself to itself, with null to itself, with text to text", () => {
    fc.assert(
      fc.property(types, (type) => {
        assert.strictEqual(joinTypes(type, type), type)
        assert.strictEqual(joinTypes("null", type), type)
        assert.strictEqual(joinTypes("text", type), "text")
      }),
    )
  })

  it("never narrows", () => {
    fc.assert(
      fc.property(types, types, (a, b) => {
        const joined = joinTypes(a, b)
        assert.strictEqual(joinTypes(joined, a), joined)
        assert.strictEqual(joinTypes(joined, b), joined)
      }),
      { numRuns: 2_000 },
    )
  })

  it("keeps every digit of whole and decimal numbers while 38 digits suffice, then takes double", () => {
    const cases: ReadonlyArray<readonly [ColumnType, ColumnType, ColumnType]> = [
      ["decimal(5,2)", "decimal(4,3)", "decimal(6,3)"],
      ["bigint", "decimal(5,2)", "decimal(21,2)"],
      ["bigint", "decimal(38,0)", "decimal(38,0)"],
      ["bigint", "decimal(30,20)", "double"],
      ["decimal(38,0)", "decimal(38,38)", "double"],
      ["date", "timestamp", "timestamp"],
      ["date", "timestamptz", "text"],
      ["timestamp", "timestamptz", "text"],
      ["boolean", "bigint", "text"],
    ]
    for (const [a, b, joined] of cases) assert.strictEqual(joinTypes(a, b), joined, `${a} with ${b}`)
  })

  it("widens numbers and dates where they are, and never turns stored values into text", () => {
    fc.assert(
      fc.property(types, types, (from, to) => {
        if (widensInPlace(from, to)) assert.strictEqual(joinTypes(from, to), to)
        if (from !== "text" && from !== "null") assert.isFalse(widensInPlace(from, "text"))
      }),
      { numRuns: 2_000 },
    )
    assert.isTrue(widensInPlace("bigint", "decimal(21,2)"))
    assert.isTrue(widensInPlace("date", "timestamp"))
    assert.isTrue(widensInPlace("null", "text"))
    assert.isFalse(widensInPlace("decimal(21,2)", "bigint"))
  })
})
