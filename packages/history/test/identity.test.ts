import { assert, describe, it } from "@effect/vitest"
import type { ColumnType } from "@opendatahub-sql/core"
import { openDatabase } from "@opendatahub-sql/engine-duckdb"
import { rowIdentity } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"

const ask = (expression: string): Effect.Effect<string, unknown> =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: tmpdir(), threads: 1 })
      const connection = yield* database.connect
      return String((yield* connection.one(`select ${expression} as x`))["x"])
    }),
  )

type Cell = readonly [id: number, value: string, type: ColumnType]
const identity = (...cells: ReadonlyArray<Cell>): Effect.Effect<string, unknown> =>
  ask(rowIdentity(cells.map(([id, value, type]) => ({ id, value: `(${value})`, type }))))

const same: ReadonlyArray<readonly [string, ReadonlyArray<Cell>, ReadonlyArray<Cell>]> = [
  ["1 and 1.00", [[0, "1::bigint", "bigint"]], [[0, "1.00::decimal(9,2)", "decimal(9,2)"]]],
  ["100 and 100.0", [[0, "100::bigint", "bigint"]], [[0, "100::decimal(9,1)", "decimal(9,1)"]]],
  ["1.5 as a decimal and as a double", [[0, "1.5::decimal(9,2)", "decimal(9,2)"]], [[0, "1.5::double", "double"]]],
  [
    "a small number as a decimal and as a double",
    [[0, "0.00001::decimal(9,5)", "decimal(9,5)"]],
    [[0, "1e-5::double", "double"]],
  ],
  [
    "a large number as an integer and as a double",
    [[0, "12345678901234568::bigint", "bigint"]],
    [[0, "12345678901234568::double", "double"]],
  ],
  ["zero and minus zero", [[0, "0::bigint", "bigint"]], [[0, "'-0.0'::double", "double"]]],
  ["a day and its midnight", [[0, "date '2020-02-29'", "date"]], [[0, "timestamp '2020-02-29 00:00:00'", "timestamp"]]],
  [
    "columns in another order",
    [
      [0, "'a'", "text"],
      [1, "2::bigint", "bigint"],
    ],
    [
      [1, "2::bigint", "bigint"],
      [0, "'a'", "text"],
    ],
  ],
  [
    "a column that is added empty",
    [[0, "'a'", "text"]],
    [
      [0, "'a'", "text"],
      [1, "null::varchar", "text"],
    ],
  ],
]

const different: ReadonlyArray<readonly [string, ReadonlyArray<Cell>, ReadonlyArray<Cell>]> = [
  ["an empty text and no value", [[0, "''", "text"]], [[0, "null::varchar", "text"]]],
  [
    "the same value in two columns",
    [
      [0, "'a'", "text"],
      [1, "null::varchar", "text"],
    ],
    [
      [0, "null::varchar", "text"],
      [1, "'a'", "text"],
    ],
  ],
  [
    "text that spells another cell",
    [
      [0, "'a'", "text"],
      [1, "'b'", "text"],
    ],
    [
      [0, "'a1:1:b'", "text"],
      [1, "null::varchar", "text"],
    ],
  ],
  [
    "text cut elsewhere",
    [
      [0, "'ab'", "text"],
      [1, "'c'", "text"],
    ],
    [
      [0, "'a'", "text"],
      [1, "'bc'", "text"],
    ],
  ],
  ["10 and 1", [[0, "10::bigint", "bigint"]], [[0, "1::bigint", "bigint"]]],
  [
    "100 and 1 with zeros in the scale",
    [[0, "100::decimal(9,2)", "decimal(9,2)"]],
    [[0, "1::decimal(9,2)", "decimal(9,2)"]],
  ],
  [
    "a moment after midnight",
    [[0, "timestamp '2020-02-29 00:00:00.5'", "timestamp"]],
    [[0, "timestamp '2020-02-29 00:00:00'", "timestamp"]],
  ],
]

describe("the identity of a row", () => {
  it("is SQL of a hash over ids and canonical texts, in the order of the ids", () => {
    assert.strictEqual(
      rowIdentity([
        { id: 3, value: '"n"', type: "bigint" },
        { id: 0, value: '"code"', type: "text", isComplete: true },
      ]),
      "md5(concat('0:', strlen(\"code\"::varchar), ':', \"code\"::varchar, case when \"n\" is not null then concat('3=', \"n\"::varchar, ';') end))::uuid",
    )
    assert.strictEqual(rowIdentity([]), "md5('')::uuid")
  })
  it.effect("is 128 bits that any MD5 gives", () =>
    Effect.gen(function* () {
      // printf '0:5:010011=12;' | md5sum
      assert.strictEqual(
        (yield* identity([0, "'01001'", "text"], [1, "12::bigint", "bigint"])).replaceAll("-", ""),
        "bcb34ec03eedd0e5360745fce6b32ef0",
      )
    }),
  )
  for (const [name, left, right] of same) {
    it.effect(`is the same for ${name}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* identity(...left), yield* identity(...right))
      }),
    )
  }
  for (const [name, left, right] of different) {
    it.effect(`is another for ${name}`, () =>
      Effect.gen(function* () {
        assert.notStrictEqual(yield* identity(...left), yield* identity(...right))
      }),
    )
  }
})
