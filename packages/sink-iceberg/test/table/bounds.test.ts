import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { encodeBound } from "../../src/table/values/bounds.ts"
import { daysOf, microsOf } from "../../src/table/values/instants.ts"

const hex = (type: string, value: string, side: "lower" | "upper" = "lower"): string | undefined =>
  encodeBound(type, value, side)?.toString("hex")

describe("bounds", () => {
  it("are spelled as the specification says", () => {
    assert.deepStrictEqual(
      [
        hex("boolean", "1"),
        hex("boolean", "0"),
        hex("int", "34"),
        hex("long", "34"),
        hex("date", "1970-01-02"),
        hex("date", "1969-12-31"),
        hex("timestamp", "1969-12-31 23:59:59.999999"),
        hex("timestamptz", "2023-12-31 22:00:00.5+00"),
        hex("string", "ICEBERG"),
        hex("binary", "AA0061"),
        hex("decimal(9, 2)", "14.20"),
        hex("decimal(9, 2)", "-14.20"),
        hex("decimal(9, 2)", "0.00"),
        hex("decimal(38, 0)", "128"),
        hex("decimal(38, 0)", "-129"),
      ],
      [
        "01",
        "00",
        "22000000",
        "2200000000000000",
        "01000000",
        "ffffffff",
        "ffffffffffffffff",
        "20790163d50d0600",
        "49434542455247",
        "aa0061",
        "058c",
        "fa74",
        "00",
        "0080",
        "ff7f",
      ],
    )
  })

  it("keep microseconds: a bound inside its values would hide rows", () => {
    assert.strictEqual(microsOf("2026-11-21 10:00:59.123456"), 1795255259123456n)
    assert.strictEqual(microsOf("0001-01-01 00:00:00"), -62135596800000000n)
    assert.strictEqual(daysOf("0050-01-01"), -701265)
  })

  it("are left out where a reader would prune wrongly, or there is no number", () => {
    for (const [type, value] of [
      ["float", "1.5"],
      ["double", "1.5"],
      ["time", "10:00:00"],
      ["uuid", "cfcd2084-95d5-65ef-66e7-dff9f98764da"],
      ["date", "infinity"],
      ["date", "0044-03-15 (BC)"],
      ["timestamp", "infinity"],
      ["timestamp", "290309-12-22 (BC) 00:00:00"],
    ] as const)
      assert.isUndefined(encodeBound(type, value, "upper"), `${type} ${value}`)
  })

  it("of text are cut by code points, an upper one grown so that it stays above", () => {
    const long = "abcdefghijklmnop and more"
    assert.strictEqual(encodeBound("string", long, "lower")?.toString(), "abcdefghijklmnop")
    assert.strictEqual(encodeBound("string", long, "upper")?.toString(), "abcdefghijklmnoq")
    assert.strictEqual(
      encodeBound("string", `${"x".repeat(15)}\u{d7ff}y`, "upper")?.toString(),
      `${"x".repeat(15)}\u{e000}`,
    )
    assert.strictEqual(encodeBound("string", `${"x".repeat(15)}\u{10ffff}y`, "upper")?.toString(), `${"x".repeat(14)}y`)
    assert.isUndefined(encodeBound("string", "\u{10ffff}".repeat(17), "upper"))
    assert.strictEqual(hex("binary", "ff".repeat(15) + "0102", "upper"), "ff".repeat(15) + "02")
    assert.isUndefined(hex("binary", "ff".repeat(17), "upper"))
  })

  it("hold every text that lies between", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (value) => {
        const bytes = Buffer.from(value)
        const [lower, upper] = [encodeBound("string", value, "lower"), encodeBound("string", value, "upper")]
        assert.isAtMost(Buffer.compare(lower ?? Buffer.alloc(0), bytes), 0)
        if (upper !== undefined) assert.isAtLeast(Buffer.compare(upper, bytes), 0)
      }),
    )
  })
})
