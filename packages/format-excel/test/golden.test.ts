import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { corpus, fixture, read } from "./reading.ts"

type Cells = Readonly<Record<string, string>>
type Golden = Readonly<Record<string, Readonly<Record<string, ReadonlyArray<readonly [number, Cells]>>>>>

const golden = JSON.parse(fixture("golden.json").toString()) as Golden
const bytesOf = (name: string): Buffer => (name.includes("/") ? fixture(name) : corpus(`one-table-xlsx-ods/${name}`))

describe("every cell is what openpyxl, xlrd and odfpy read", () => {
  for (const [name, sheets] of Object.entries(golden)) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const { tables, facts } = yield* read(bytesOf(name), { header: false, merged: "first", hidden: true })
        const filled = Object.entries(sheets).filter(([, rows]) => rows.length > 0)
        assert.deepStrictEqual(
          Object.keys(tables),
          filled.map(([sheet]) => sheet),
        )
        let cells = 0
        for (const [sheet, rows] of filled) {
          const table = tables[sheet]
          if (table === undefined) throw new Error(`no table ${sheet}`)
          const { firstRow } = facts[sheet] as { readonly firstRow: number }
          assert.deepStrictEqual(
            table.rowNumbers.map((number) => number + firstRow - 1),
            rows.map(([number]) => number),
            `rows of ${sheet}`,
          )
          // Without a header the places are those of the sheet, in order.
          const columns = [...new Set(rows.flatMap(([, row]) => Object.keys(row).map(Number)))].toSorted(
            (a, b) => a - b,
          )
          assert.strictEqual(table.columns.length, columns.length, `columns of ${sheet}`)
          const rejected = new Map(table.rejects.map((reject) => [reject.row + firstRow - 1, reject]))
          const expected = rows.map(([number, row], r) =>
            columns.map((column, c) => {
              const text = row[String(column)]
              cells++
              // What has no value is NULL here and a reject; openpyxl sees an error, or gives days that never were a date.
              const isProblem =
                text?.startsWith("!") || (rejected.get(number)?.code === "not-date" && table.rows[r]?.[c] === null)
              return text === undefined || isProblem ? null : text
            }),
          )
          assert.deepStrictEqual(table.rows, expected, `cells of ${sheet}`)
          for (const [number, row] of rows) {
            for (const text of Object.values(row))
              if (text.startsWith("!")) assert.strictEqual(rejected.get(number)?.raw, text.slice(1))
          }
        }
        assert.isAbove(cells, 0)
      }),
    )
  }
})

it.effect("the same table as xlsx and as ods gives the same rows", () =>
  Effect.gen(function* () {
    const xlsx = yield* read(corpus("one-table-xlsx-ods/lave-linge.xlsx"))
    const ods = yield* read(corpus("one-table-xlsx-ods/lave-linge.ods"))
    assert.deepStrictEqual(ods.tables, xlsx.tables)
    const [table] = Object.values(xlsx.tables)
    assert.strictEqual(table?.rows.length, 1)
    assert.deepStrictEqual(table?.columns.slice(0, 3), ["id_unique", "id_modele", "referentiel_id_modele"])
  }),
)
