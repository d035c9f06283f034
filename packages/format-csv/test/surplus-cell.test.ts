import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { withoutSurplusCell } from "../src/records/surplus-cell.ts"
import { read } from "./reading.ts"

const shape = {
  columns: ["jour", "nombre", "nom", "lien", "note"],
  kinds: ["date", "number", "text", "code", "empty"],
} as const

describe("a record with one delimiter too many", () => {
  const cases: ReadonlyArray<
    readonly [what: string, cells: ReadonlyArray<string>, expected: ReadonlyArray<string> | undefined]
  > = [
    ["before the first cell", ["", "28/01/2018", "2", "Lyon", "A12", ""], ["28/01/2018", "2", "Lyon", "A12", ""]],
    ["between two values", ["28/01/2018", "", "2", "Lyon", "A12", ""], ["28/01/2018", "2", "Lyon", "A12", ""]],
    [
      "after words, beside another empty cell",
      ["28/01/2018", "2", "", "", "A12", ""],
      ["28/01/2018", "2", "", "A12", ""],
    ],
    ["at the end, where it moves nothing", ["28/01/2018", "2", "Lyon", "A12", "", ""], undefined],
    ["where no cell fits anyway", ["x", "", "y", "Lyon", "A12", ""], undefined],
    ["where two would do", ["", "2", "", "A12", "", ""], undefined],
  ]
  for (const [what, cells, expected] of cases) {
    it(`has it ${what}`, () => {
      assert.deepStrictEqual(withoutSurplusCell(cells, shape), expected)
    })
  }

  it("has it before values only, where the last cell is none to spare", () => {
    const four = { columns: ["jour", "nombre", "lien", "nom"], kinds: ["date", "number", "code", "text"] } as const
    const record = ["28/01/2018", "2", "A12", "Lyon"]
    assert.deepStrictEqual(withoutSurplusCell(record.toSpliced(1, 0, ""), four), record)
    assert.isUndefined(withoutSurplusCell(record.toSpliced(3, 0, ""), four))
    assert.isUndefined(withoutSurplusCell([...record, "et Ain"], four))
  })

  it.effect("is a row in its columns, and told", () =>
    Effect.gen(function* () {
      const lines = ["jour,nombre,nom,note", ...[1, 2, 3, 4, 5].map((n) => `0${n}/01/2018,${n},Lyon,`)]
      const { rows, facts } = yield* read(lines.toSpliced(3, 1, "02/01/2018,,2,Lyon,").join("\n"))
      assert.deepStrictEqual(rows[2], ["02/01/2018", "2", "Lyon", null])
      assert.deepStrictEqual(facts["realigned"], { records: 1, lines: [4] })
    }),
  )
})
