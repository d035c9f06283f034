import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import { shownBy } from "../src/values/number-format.ts"
import { numberText, shortestNumber } from "../src/values/number-text.ts"
import { dateText, durationText, timeText } from "../src/values/serial-date.ts"

describe("number formats", () => {
  for (const [code, is] of [
    ["General", "number"],
    ["0.00", "number"],
    ["# ##0", "number"],
    ["0.00E+00", "number"],
    ["@", "number"],
    ['0 "mois"', "number"],
    ["0\\ \\d", "number"],
    ["[Red]-0.0", "number"],
    ["# ?/?", "number"],
    ["yyyy-mm-dd", "date"],
    ["dd/mm/yy;@", "date"],
    ["mmm\\-yy", "date"],
    ["mmmm", "date"],
    ["[$-40C]d mmmm yyyy;@", "date"],
    ["dd/mm/yyyy hh:mm", "date"],
    ["yyyy", "date"],
    ["hh:mm", "time"],
    ["h:mm:ss AM/PM", "time"],
    ["mm:ss.0", "time"],
    ["[$-F400]h:mm:ss", "time"],
    ["[h]:mm", "duration"],
    ["[mm]:ss", "duration"],
    ["00000", "code"],
    ["00000000000000", "code"],
  ] as const) {
    it(`${code} shows a ${is}`, () => assert.strictEqual(shownBy(code).is, is))
  }

  it("name percent and currencies", () => {
    assert.deepStrictEqual(shownBy("0.0%"), { is: "number", unit: "%" })
    assert.deepStrictEqual(shownBy('#,##0.00\\ "€"'), { is: "number", unit: "€" })
    assert.deepStrictEqual(shownBy("[$CHF-807] #,##0"), { is: "number", unit: "CHF" })
    assert.deepStrictEqual(shownBy("[$-40C]#,##0"), { is: "number" })
  })
})

describe("numbers", () => {
  for (const [stored, text] of [
    ["1.1000000000000001", "1.1"],
    ["0.30000000000000004", "0.30000000000000004"],
    ["12", "12"],
    ["-0.50", "-0.5"],
    ["3.0", "3"],
    ["100", "100"],
    ["1E-3", "0.001"],
    ["1.2345678901234568E+17", "123456789012345680"],
    ["26010000000000", "26010000000000"],
    ["12345678901234567890", "12345678901234567890"],
    ["0.12345678901234567890123", "0.12345678901234567890123"],
    ["4.9406564584124654E-324", "5e-324"],
    ["1.5e300", "1.5e+300"],
    [" 7 ", "7"],
  ] as const) {
    it(`${stored} is ${text}`, () => assert.strictEqual(numberText(stored), text))
  }

  it("that are none are not made up", () => {
    assert.isUndefined(numberText("abc"))
    assert.isUndefined(numberText("  "))
  })

  it("give back the same number, whatever it is", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const text of [
          shortestNumber(value),
          numberText(value.toExponential(16)),
          numberText(value.toPrecision(17)),
          numberText(String(value)),
        ])
          assert.isTrue(Number(text) === value, `${text} for ${value}`)
      }),
    )
  })
})

describe("dates", () => {
  for (const [serial, system, text] of [
    [1, 1900, "1900-01-01"],
    [59, 1900, "1900-02-28"],
    [60, 1900, undefined],
    [61, 1900, "1900-03-01"],
    [45_352, 1900, "2024-03-01"],
    [45_352.520833333336, 1900, "2024-03-01T12:30:00"],
    [45_352.99999999999, 1900, "2024-03-02"],
    [2_958_465, 1900, "9999-12-31"],
    [2_958_466, 1900, undefined],
    [0, 1900, undefined],
    [-1, 1900, undefined],
    [0, 1904, "1904-01-01"],
    [43_890, 1904, "2024-03-01"],
    [45_352.0000058, 1900, "2024-03-01T00:00:00.501"],
  ] as const) {
    it(`${serial} in the system of ${system} is ${String(text)}`, () =>
      assert.strictEqual(dateText(serial, system), text))
  }

  it("times of a day, of more than a day, durations", () => {
    assert.strictEqual(timeText(0.5, 1900), "12:00:00")
    assert.strictEqual(timeText(45_352.5, 1900), "2024-03-01T12:00:00")
    assert.strictEqual(durationText(1.0625), "25:30:00")
    assert.strictEqual(durationText(-0.5), "-12:00:00")
  })
})
