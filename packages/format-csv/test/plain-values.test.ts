/** What is written plainly and what is not, and that the cuts of the chunks do not matter. */
import { assert, describe, it } from "@effect/vitest"
import type { PlainForm } from "@opendatahub-sql/core"
import { plainValues } from "../src/plain/plain-values.ts"

/** What is not plain in the first of two columns, with the widest number. */
const look = (form: PlainForm, ...values: ReadonlyArray<string>) => {
  const found = plainValues([form, undefined], { delimiter: ";", quote: '"', skip: 1 })
  found.add(Buffer.from(["h;i", ...values.map((value) => `${value};x`)].join("\n")))
  return found.end()
}
const others = (form: PlainForm, ...values: ReadonlyArray<string>) =>
  values.filter((value) => look(form, value).columns[0]?.others === 1)

const number: PlainForm = { kind: "number", mark: "," }

describe("a plain number", () => {
  const plain = ["0", "7", "-12", "0,5", "-0,50", "1234567890", '"42"', '"0,25"', ""]
  const not = [
    "01",
    "00",
    "+5",
    " 1",
    "1 ",
    "1 000",
    "1,",
    ",5",
    "1.5",
    "1e3",
    "0x1F",
    "1_000",
    "-",
    "--1",
    "1,5,6",
    "2A",
    "NaN",
    '"1"2',
  ]
  it("has no zero in front, no sign but a minus, digits on both sides of the mark", () => {
    assert.deepStrictEqual(others(number, ...plain), [])
    assert.deepStrictEqual(others(number, ...not), not)
  })
  it("tells the most digits before the mark and after it", () => {
    assert.deepStrictEqual(look(number, "1", "-123,4", "5,6789", "").columns[0], {
      others: 0,
      examples: [],
      complete: true,
      digits: 3,
      scale: 4,
    })
  })
})

describe("a plain date", () => {
  it("is a day of the calendar, in one of the orders that are looked for", () => {
    const dayFirst: PlainForm = { kind: "date", orders: ["day-first"] }
    const not = [
      "31/04/2024",
      "29/02/2023",
      "29/02/1900",
      "00/01/2024",
      "01/13/2024",
      "1/1/2024",
      "01/01/0999",
      "01/01/24",
      "2024-01-31",
      "01-01-2024",
      "01/01/20245",
    ]
    assert.deepStrictEqual(others(dayFirst, "31/01/2024", "29/02/2024", "29/02/2000", '"30/04/1000"', "31/12/9999"), [])
    assert.deepStrictEqual(others(dayFirst, ...not), not)
  })
  it("may come in two orders", () => {
    const both: PlainForm = { kind: "date", orders: ["month-first", "iso"] }
    assert.deepStrictEqual(others(both, "01/31/2024", "2024-01-31", "31/01/2024", "2024-31-01"), [
      "31/01/2024",
      "2024-31-01",
    ])
  })
  it("may have a time of day", () => {
    const timestamp: PlainForm = { kind: "timestamp", separator: "T" }
    const not = [
      "2024-01-31 10:00:00",
      "2024-01-31T24:00:00",
      "2024-01-31T10:60:00",
      "2024-01-31T10:00:60",
      "2024-01-31T10:00",
      "2024-01-31T10:00:00Z",
      "2024-02-30T10:00:00",
    ]
    assert.deepStrictEqual(others(timestamp, "2024-01-31T10:00:00", "1000-12-31T23:59:59"), [])
    assert.deepStrictEqual(others(timestamp, ...not), not)
  })
})

it("finds whole words only", () => {
  const not = ["ouii", "ou", "Oui", "non ", "oui-da", "oui1"]
  assert.deepStrictEqual(others({ kind: "words", words: ["oui", "non"] }, "oui", '"non"', "", ...not), not)
})

it("gives the same however the bytes are cut, with quotes, line feeds in them, any line end, empty lines and ragged records", () => {
  const text = ["title", "h;i", '1;"a;b\r\n""c"""', "", '"2";', "3", "x;y", "4;5;", "5;6;7", '"6;9";"', '"'].join(
    "\r\n",
  )
  const forms: ReadonlyArray<PlainForm | undefined> = [number, undefined]
  const results = [1, 2, 3, 5, 7, 1000].map((size) => {
    const found = plainValues(forms, { delimiter: ";", quote: '"', skip: 2 })
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += size) found.add(bytes.subarray(at, at + size))
    return found.end()
  })
  // 1, "2", x, 4 with an empty cell too much, "6;9".
  assert.deepStrictEqual(results[0], {
    rows: 5,
    ragged: 2,
    columns: [
      { others: 2, examples: ["x", "6;9"], complete: true, digits: 1, scale: 0 },
      { others: 0, examples: [], complete: true, digits: 0, scale: 0 },
    ],
  })
  for (const result of results) assert.deepStrictEqual(result, results[0])
})
