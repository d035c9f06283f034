import { assert, describe, it } from "@effect/vitest"
import type { Batch, ColumnType } from "@opendatahub-sql/core"
import { toRecordBatch } from "@opendatahub-sql/engine-duckdb/arrow"
import { DataType, Table, tableFromIPC, tableToIPC, util } from "apache-arrow"
import * as fc from "fast-check"

const columns: ReadonlyArray<{ readonly name: string; readonly type: ColumnType }> = [
  { name: "yes", type: "boolean" },
  { name: "n", type: "bigint" },
  { name: "d", type: "decimal(38,10)" },
  { name: "f", type: "double" },
  { name: "day", type: "date" },
  { name: "clock", type: "time" },
  { name: "at", type: "timestamp" },
  { name: "instant", type: "timestamptz" },
  { name: "text", type: "text" },
  { name: "raw", type: "blob" },
]

const batchOf = (cells: Batch["columns"]): Batch => ({
  table: "t",
  size: cells[0]?.length ?? 0,
  columns: cells,
  rowNumbers: new Float64Array(cells[0]?.length ?? 0),
})

/** Through Arrow's own file form and back. */
const throughIpc = (batch: Batch) => tableFromIPC(tableToIPC(new Table(toRecordBatch(batch, columns)), "file"))

describe("toRecordBatch", () => {
  it("keeps every type, its parameters and its values", () => {
    const table = throughIpc(
      batchOf([
        [true, false, null],
        [9007199254740993n, -1n, null],
        ["1234567890123456789012345678.0000000001", "-0.5000000000", null],
        [0.1, -0, null],
        ["2024-02-29", "0001-01-01", null],
        ["23:59:59.000001", "00:00:00", null],
        ["1969-12-31T23:59:59.999999", "9999-12-31T00:00:00", null],
        ["2024-01-01T00:00:00.5Z", "1970-01-01T00:00:00Z", null],
        ["é\u0000\ufeff", "", null],
        [Uint8Array.of(0, 255), new Uint8Array(), null],
      ]),
    )
    assert.deepStrictEqual(
      table.schema.fields.map(({ type }) => String(type)),
      [
        "Bool",
        "Int64",
        "Decimal[38e+10]",
        "Float64",
        "Date32<DAY>",
        "Time64<MICROSECOND>",
        "Timestamp<MICROSECOND>",
        "Timestamp<MICROSECOND, UTC>",
        "Utf8",
        "Binary",
      ],
    )
    const [first, second, third] = [0, 1, 2].map((row) =>
      columns.map(({ name }) =>
        table.getChild(name)?.data[0]?.type instanceof DataType ? table.getChild(name)?.get(row) : undefined,
      ),
    )
    assert.strictEqual(first?.[1], 9007199254740993n)
    assert.strictEqual(util.bigNumToString(util.BN.new(first?.[2], true)), "12345678901234567890123456780000000001")
    assert.strictEqual(util.bigNumToString(util.BN.new(second?.[2], true)), "-5000000000")
    assert.deepStrictEqual(
      [first?.[0], first?.[3], first?.[8], first?.[9]],
      [true, 0.1, "é\u0000\ufeff", Uint8Array.of(0, 255)],
    )
    assert.deepStrictEqual(table.getChild("day")?.data[0]?.values.slice(0, 2), Int32Array.of(19782, -719162))
    assert.deepStrictEqual(table.getChild("clock")?.data[0]?.values.slice(0, 2), BigInt64Array.of(86399000001n, 0n))
    assert.deepStrictEqual(
      table.getChild("at")?.data[0]?.values.slice(0, 2),
      BigInt64Array.of(-1n, 253402214400000000n),
    )
    assert.deepStrictEqual(
      table.getChild("instant")?.data[0]?.values.slice(0, 2),
      BigInt64Array.of(1704067200500000n, 0n),
    )
    assert.deepStrictEqual(
      third,
      columns.map(() => null),
    )
  })

  it("keeps any mix of integers, texts and nulls", () => {
    const two = [
      { name: "n", type: "bigint" },
      { name: "t", type: "text" },
    ] as const
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
            fc.option(fc.string({ unit: "grapheme" })),
          ),
        ),
        (rows) => {
          const batch = batchOf([rows.map(([n]) => n), rows.map(([, t]) => t)])
          const table = tableFromIPC(tableToIPC(new Table(toRecordBatch(batch, two)), "stream"))
          assert.deepStrictEqual(
            rows.map((_, row) => [table.getChild("n")?.get(row), table.getChild("t")?.get(row)]),
            rows,
          )
        },
      ),
    )
  })

  it("refuses a batch of another width", () => assert.throws(() => toRecordBatch(batchOf([[1n]]), columns), RangeError))
})
