import { assert, describe, it } from "@effect/vitest"
import { type LedgerEntry, suspicions } from "@opendatahub-sql/core"

const slice = { source: "s", dataset: "d", resource: "r", extractedAt: "2026-01-01T00:00:00.000Z" }
const before = (...tables: ReadonlyArray<readonly [table: string, rows: number]>): LedgerEntry => ({
  key: "k",
  slice,
  tables: tables.map(([table, rows]) => ({ table, rows, rejects: 0 })),
})
const shapes = new Map([["t", [["code", "nom", "an_2024"], ["code"]]]])
const found = (rows: number, columns: ReadonlyArray<string>, was = 100) =>
  suspicions(before(["t", was]), shapes, [{ table: "t", rows, columns }], {})

describe("an extraction is suspicious", () => {
  it("when nine rows in ten are gone, and not when one more is left", () => {
    assert.match(found(10, ["code", "nom", "an_2024"]).join(), /"t" has 10 rows, 100 in the extraction before/)
    assert.deepStrictEqual(found(11, ["code", "nom", "an_2024"]), [])
  })

  it("without a row, where there were some", () => {
    assert.match(found(0, ["code"], 1).join(), /has no row, 1 in/)
    assert.deepStrictEqual(found(0, ["code"], 0), [])
  })

  it("when it looks like no file before: one like it is enough", () => {
    assert.deepStrictEqual(found(100, ["code", "libelle", "an_2026"]), [])
    assert.match(
      found(100, ["libelle", "an_2026"]).join(),
      /of the 3 before \(code, nom, an_2024\) it has 0|of the 1 before/,
    )
  })

  it("when none of its tables was there", () => {
    const other = [{ table: "t_2", rows: 100, columns: ["a"] }]
    assert.match(suspicions(before(["t", 100]), shapes, other, {}).join(), /none of its tables \(t_2\)/)
    assert.match(suspicions(before(["t", 100]), shapes, [], {}).join(), /holds no table/)
  })

  it("never at first, nor by a rule that is off", () => {
    assert.deepStrictEqual(suspicions(undefined, shapes, [{ table: "t", rows: 0, columns: [] }], {}), [])
    const now = [{ table: "t", rows: 1, columns: ["x"] }]
    assert.deepStrictEqual(suspicions(before(["t", 100]), shapes, now, { rowLoss: false, columnLoss: false }), [])
  })
})
