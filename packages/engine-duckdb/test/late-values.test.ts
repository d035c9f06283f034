/** What the values that no sample shows do to the types of their columns. */
import { assert, layer as withLayer } from "@effect/vitest"
import { type TypedTable } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { engineLayer, ask, rejectsOf, types, typed, lines } from "./engine-tables.ts"

withLayer(engineLayer)("the engine", (it) => {
  it.effect("makes the column text when one late value proves a code, keeping its zeros", () =>
    Effect.gen(function* () {
      const csv = `code;n\n${lines(300_000, (i) => (i === 299_990 ? `01001;${i}` : `${10_000 + (i % 80_000)};${i}`))}\n`
      const table = yield* typed(csv)
      assert.deepStrictEqual(types(table), { code: "text", n: "bigint" })
      assert.include(table.columns[0]?.why ?? "", "01001")
      assert.deepStrictEqual(yield* ask(`select _row, code from (${table.relation}) where n = 299990`), [
        { _row: 299_991n, code: "01001" },
      ])
    }),
  )

  it.effect(
    "makes a column text when too many late values are words, and takes NaN for no value where all else is a number",
    () =>
      Effect.gen(function* () {
        const csv = `id;n\n${lines(300_000, (i) => `${i};${i > 250_000 && i % 100 === 0 ? "beaucoup" : i}`)}\n`
        const table = yield* typed(csv)
        assert.deepStrictEqual(types(table), { id: "bigint", n: "text" })
        assert.deepStrictEqual(yield* ask(`select count(*) as n from (${table.relation}) where n = 'beaucoup'`), [
          { n: 499n },
        ])
        const unknown = yield* typed(csv.replaceAll("beaucoup", "NaN"))
        assert.deepStrictEqual(types(unknown), { id: "bigint", n: "bigint" })
        assert.deepStrictEqual([unknown.columns[1]?.nulls, unknown.cellRejects], [499, 0])
        assert.include(unknown.columns[1]?.why ?? "", "NaN")
      }),
  )

  it.effect("widens when late values have more decimals, a time of day or scientific notation", () =>
    Effect.gen(function* () {
      const csv = `price;at;count\n${lines(300_000, (i) => (i === 299_000 ? "1.23456;2024-01-01 10:00:00;12.5" : `${i}.5;2024-01-01;${i}`))}\n`
      const table = yield* typed(csv)
      assert.deepStrictEqual(types(table), { price: "decimal(18,5)", at: "timestamp", count: "decimal(18,1)" })
      assert.strictEqual(table.cellRejects, 0)
      assert.deepStrictEqual(yield* ask(`select * from (${table.relation}) where _row = 299001`), [
        { _row: 299_001n, price: "1.23456", at: "2024-01-01T10:00:00", count: "12.5" },
      ])
    }),
  )

  it.effect("turns days and months round when late values prove it, unless others prove the contrary", () =>
    Effect.gen(function* () {
      const two = (n: number): string => String(n).padStart(2, "0")
      const csv = (late: ReadonlyMap<number, string>) =>
        `id;d\n${lines(300_000, (i) => `${i};${late.get(i) ?? `${two(1 + (i % 12))}/${two(1 + (i % 11))}/2024`}`)}\n`
      const monthFirst = yield* typed(csv(new Map([[150_001, "12/31/2024"]])))
      const second = (table: TypedTable) => ask(`select d from (${table.relation}) where id = 1`)
      assert.deepStrictEqual(
        [types(monthFirst)["d"], monthFirst.cellRejects, yield* second(monthFirst)],
        ["date", 0, [{ d: "2024-02-02" }]],
      )
      assert.deepStrictEqual(
        yield* ask(`select d from (${monthFirst.relation}) where id in (11, 150001) order by id`),
        [{ d: "2024-12-01" }, { d: "2024-12-31" }],
      )
      const both = yield* typed(
        csv(
          new Map([
            [150_001, "12/31/2024"],
            [150_777, "31/12/2024"],
          ]),
        ),
      )
      assert.deepStrictEqual(
        [types(both)["d"], (yield* rejectsOf(both)).map(({ raw, _row }) => [raw, _row])],
        ["date", [["12/31/2024", 150_002n]]],
      )
      assert.deepStrictEqual(yield* ask(`select d from (${both.relation}) where id = 11`), [{ d: "2024-01-12" }])
    }),
  )

  it.effect("finds the type of a column that is empty in the sample", () =>
    Effect.gen(function* () {
      const csv = `n;rare\n${lines(400_000, (i) => (i === 131_071 ? `${i};31/12/2024` : `${i};`))}\n`
      assert.deepStrictEqual(types(yield* typed(csv)), { n: "bigint", rare: "date" })
    }),
  )

  it.effect(
    "keeps a type that one value in a thousand does not fit, with the value as a reject, and gives it up for more",
    () =>
      Effect.gen(function* () {
        const csv = (bad: number) => `n;b\n${lines(20_000, (i) => `${i};${i % 20_000 < bad ? "beaucoup" : i}`)}\n`
        const table = yield* typed(csv(20))
        assert.deepStrictEqual([types(table)["b"], table.cellRejects, table.columns[1]?.nulls], ["bigint", 20, 20])
        assert.deepStrictEqual((yield* rejectsOf(table))[7], {
          kind: "cell",
          _row: 8n,
          column_name: "b",
          code: "not-bigint",
          raw: "beaucoup",
          message: null,
          line: null,
          byte: null,
          byte_length: null,
        })
        assert.deepStrictEqual(types(yield* typed(csv(21)))["b"], "text")
      }),
  )

  it.effect("keeps a column as text when late values have another unit, or none", () =>
    Effect.gen(function* () {
      for (const other of ["12 m", "12"]) {
        const csv = `n;d\n${lines(300_000, (i) => `${i};${i > 250_000 && i % 50 === 0 ? other : `${i % 90} km`}`)}\n`
        assert.deepStrictEqual(types(yield* typed(csv)), { n: "bigint", d: "text" }, other)
      }
    }),
  )
})
