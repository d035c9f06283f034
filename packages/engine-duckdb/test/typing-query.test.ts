/** What the typing query makes of any text is what a slow and obvious reading makes of it. */
import { assert, describe, it } from "@effect/vitest"
import type { ColumnType } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Connection, literal, openDatabase } from "../src/index.ts"
import { noEvidence, observe } from "../src/typing/evidence.ts"
import { pinned } from "../src/typing/asked.ts"
import type { Rule } from "../src/typing/rule.ts"
import { readable } from "../src/typing/verdict.ts"
import { typingQuery } from "../src/typing/typing-sql.ts"
import * as oracle from "./typing-oracle.ts"

const evidence = (values: ReadonlyArray<string>) => {
  const seen = noEvidence()
  for (const value of values) observe(seen, value)
  return seen
}

const withConnection = <A>(use: (connection: Connection) => Effect.Effect<A, unknown>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const workFolder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-typing-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
      )
      const database = yield* openDatabase({ workFolder, threads: 1 })
      return yield* use(yield* database.connect)
    }),
  )

/** What the typing query makes of texts: value, and whether the raw text was kept as a reject. */
const read = (connection: Connection, rule: Rule, texts: ReadonlyArray<string>) =>
  Effect.map(
    connection.all(
      `select v, len(_rejects) as misfits, _rejects[1].v as raw from (${typingQuery({
        source: `select t from (select unnest([${texts.map(literal).join(", ")}]::varchar[]) as t)`,
        columns: [{ name: "v", rule }],
        hidden: [],
      })})`,
    ),
    (rows) =>
      rows.map(({ v, misfits, raw }) => ({ value: v === null ? null : String(v), raw: misfits === null ? null : raw })),
  )

const number = (type: ColumnType, mark: "," | ".", grouping?: string): Extract<Rule, { kind: "number" }> => ({
  kind: "number",
  type,
  mark,
  grouping,
  leadingZeros: false,
  why: "",
})
const temporal = (type: ColumnType, forms: Extract<Rule, { kind: "temporal" }>["forms"], shape?: string): Rule => ({
  kind: "temporal",
  type,
  forms,
  shape,
  why: "",
})

const isoOnly = () => true
const midnight = (date: string | null) => (date === null ? null : `${date}T00:00:00`)

/** Rules with the slow, obvious reading of each. */
const readings: ReadonlyArray<readonly [string, Rule, (raw: string) => string | null]> = [
  ["bigint", number("bigint", "."), oracle.bigint],
  ["grouped bigint", number("bigint", ",", " "), oracle.bigint],
  ["decimal with comma", number("decimal(18,2)", ","), (raw) => oracle.decimal(raw, ",", 18, 2)],
  ["grouped decimal", number("decimal(18,2)", ",", "\u202f"), (raw) => oracle.decimal(raw, ",", 18, 2)],
  ["decimal with point", number("decimal(18,3)", "."), (raw) => oracle.decimal(raw, ".", 18, 3)],
  ["wide decimal", number("decimal(38,10)", "."), (raw) => oracle.decimal(raw, ".", 38, 10)],
  ["wide whole numbers", number("decimal(38,0)", "."), (raw) => oracle.decimal(raw, ".", 38, 0)],
  ["boolean", { kind: "boolean", type: "boolean", spellings: ["oui", "Non"], letters: [], why: "" }, oracle.boolean],
  ["ISO day", temporal("date", ["iso"], "9999-99-99"), oracle.isoDate],
  ["ISO day, unusual shape", temporal("date", ["iso"], "9999-9-9"), oracle.isoDate],
  ["day first", temporal("date", ["day-first"], "99/99/9999"), (raw) => oracle.localDate(raw, "day-first")],
  ["month first", temporal("date", ["month-first"], "99/99/9999"), (raw) => oracle.localDate(raw, "month-first")],
  [
    "both forms",
    temporal("date", ["iso", "day-first"], "9999-99-99"),
    (raw) => oracle.isoDate(raw) ?? oracle.localDate(raw, "day-first"),
  ],
  [
    "ISO timestamp",
    temporal("timestamp", ["iso-time", "iso"], "9999-99-99 99:99:99"),
    (raw) => midnight(oracle.isoDate(raw)) ?? oracle.timestamp(raw, oracle.isoDate, isoOnly),
  ],
  [
    "ISO timestamp with T",
    temporal("timestamp", ["iso-time"], "9999-99-99T99:99:99"),
    (raw) => oracle.timestamp(raw, oracle.isoDate, isoOnly),
  ],
  ["French timestamp", temporal("timestamp", ["day-first-time"], "99/99/9999 99:99:99"), oracle.frenchTimestamp],
  ["French timestamp, other shape", temporal("timestamp", ["day-first-time"], undefined), oracle.frenchTimestamp],
  [
    "American timestamp",
    temporal("timestamp", ["month-first-time"]),
    (raw) => oracle.localTimestamp(raw, "month-first"),
  ],
  ["instant", temporal("timestamptz", ["instant"]), oracle.instant],
  ["clock", temporal("time", ["clock"]), oracle.clock],
  ["day in words", temporal("date", ["worded"]), oracle.wordedDate],
  [
    "amount",
    { ...number("decimal(18,2)", ",", " "), unit: "€" },
    oracle.measured(["€", "EUR", "euro", "euros"], true, (text) => oracle.decimal(text, ",", 18, 2)),
  ],
  ["percent", { ...number("bigint", ","), unit: "%" }, oracle.measured(["%"], false, oracle.bigint)],
  [
    "power",
    { ...number("decimal(18,1)", "."), unit: "kW" },
    oracle.measured(["kW"], false, (text) => oracle.decimal(text, ".", 18, 1)),
  ],
  [
    "letters",
    { kind: "boolean", type: "boolean", spellings: ["O", "N"], letters: ["o", "n"], why: "" },
    (raw) =>
      oracle.boolean(raw) ??
      new Map([
        ["o", "true"],
        ["n", "false"],
      ]).get(raw.replaceAll(/\p{Zs}/gu, "").toLowerCase()) ??
      null,
  ],
]

const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, "0"))
const maybe = (of: fc.Arbitrary<string>) => fc.oneof(fc.constant(""), of)
const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${max}}$`))
const join2 = (...parts: ReadonlyArray<fc.Arbitrary<string>>) => fc.tuple(...parts).map((found) => found.join(""))
const dateText = fc
  .tuple(
    fc.integer({ min: 0, max: 32 }),
    fc.integer({ min: 0, max: 13 }),
    fc.constantFrom("2024", "2023", "1900", "2000", "0001", "0000", "0999", "9999", "24", "69", "10000"),
    fc.constantFrom("/", "-", "."),
    fc.boolean(),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([day, month, year, separator, padded, order]) => {
    const d = padded ? String(day).padStart(2, "0") : String(day)
    const m = padded ? String(month).padStart(2, "0") : String(month)
    return (order === 0 ? [d, m, year] : order === 1 ? [m, d, year] : [year, m, d]).join(separator)
  })
const clockText = join2(
  fc.oneof(two(25), fc.integer({ min: 0, max: 30 }).map(String)),
  fc.constant(":"),
  two(61),
  maybe(join2(fc.constant(":"), two(61), maybe(join2(fc.constant("."), digits(10))))),
)
const zoneText = fc.oneof(
  fc.constantFrom("Z", " Z", "+02:00", "-0330", " +02", "+16:00", "+1", "+02:", "z"),
  join2(fc.constantFrom("+", "-"), two(17), maybe(fc.constant(":")), two(61)),
)
const numberText = join2(
  fc.constantFrom("", "", "-", "+", "\u2212"),
  fc.oneof(
    digits(20),
    join2(digits(4), fc.constantFrom(" ", "\u00a0", "\u202f"), fc.stringMatching(/^[0-9]{2,4}$/)),
    fc.constantFrom("1 234 567", "12\u202f345", "0 123", "999"),
  ),
  maybe(join2(fc.constantFrom(",", "."), digits(12))),
)
const traps = [
  "12.6",
  "0x1F",
  "1e3",
  "1_000",
  " 7 ",
  "+5",
  "infinity",
  "-infinity",
  "epoch",
  "nan",
  "2024-01-05 99",
  "2024 01 05",
  "2024-01-05 (BC)",
  "0044-03-15 (BC)",
  "12024-01-05",
  "01/02/24  ",
  "  1/2/2024",
  "2024-1-5  ",
  "24:00:00",
  "2024-01-05 24:00:00",
  "2024-01-05T10:00:60",
  "1.005",
  ".",
  "-",
  "+",
  "",
  " ",
  "\u00a0",
  "\t",
  "12\n",
  "\n12",
  "oui\u00a0",
  " Oui",
  "1",
  "0",
  "2024-01-05T10:00:00 Europe/Paris",
  "2024-02-30",
  "29/02/1900",
  "29/02/2000",
  "29/02/00",
  "5.",
  ",5",
  "-,5",
  "--1",
  "1 2",
  "a".repeat(100),
  "٣",
  "１２",
  "2024–01–05",
]
const anyText = fc.oneof(
  dateText,
  clockText,
  join2(dateText, fc.constantFrom(" ", "T"), clockText),
  join2(dateText, fc.constantFrom(" ", "T"), clockText, zoneText),
  numberText,
  join2(
    numberText,
    fc.constantFrom("", " ", "\u00a0", "\u202f "),
    fc.constantFrom("€", "EUR", "euros", "%", "kW", "KW", "m", "k€", "€ HT"),
  ),
  join2(fc.constantFrom("€", "€ ", "$", "EUR ", "%"), numberText),
  join2(
    fc.constantFrom("", "", "lundi ", "Mar. ", "le ", "samedi, ", "dimanche le "),
    fc.constantFrom("1", "01", "1er", "12", "31", "32", "0", "2er"),
    fc.constantFrom(" ", "-", "/", "\u00a0", "  ", ""),
    fc.constantFrom(
      "janvier",
      "Février",
      "fe\u0301vr.",
      "MARS",
      "mar",
      "avr.",
      "mai",
      "juin",
      "jui",
      "juil",
      "AOÛT",
      "sept.",
      "OCT",
      "nov",
      "déc.",
      "xyz",
    ),
    fc.constantFrom(" ", "-", "/", ""),
    fc.constantFrom("2020", "2021", "20", "99", "0000", "201", "20201"),
    fc.constantFrom("", "", " 10:30", " à 8h05", ", 23:59:59", " a 25:00"),
  ),
  join2(
    dateText,
    fc.constantFrom(" ", " à ", "T"),
    fc.constantFrom(
      "8h05",
      "12:05 AM",
      "12:05:07 pm",
      "1:30 PM",
      "13:00 PM",
      "0:10 AM",
      "08:30:15.5 AM",
      "8:30  AM",
      "14h30",
      "25h00",
      "10h",
      "7:5",
      "08h30:15",
    ),
  ),
  fc.constantFrom("oui", "non", "Oui", "vrai", "FAUX", "yes", "no", "true", "o", "n"),
  fc.constantFrom(...traps),
  fc.string({ maxLength: 12 }),
  fc.tuple(fc.constantFrom(" ", "\u00a0"), dateText).map(([space, text]) => space + text + space),
)

describe("the typing query", () => {
  it.effect.each(readings.map((reading) => ({ name: reading[0], reading })))(
    "reads $name as the slow, obvious way does, and keeps the raw text of everything else",
    ({ reading: [name, rule, expected] }) =>
      withConnection((connection) =>
        Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.array(anyText, { minLength: 200, maxLength: 400 }), async (generated) => {
              const texts = [...generated, ...traps]
              const found = await Effect.runPromise(read(connection, rule, texts))
              texts.forEach((text, index) => {
                const value = expected(text)
                const isBlank = text.replaceAll(/\p{Zs}/gu, "") === ""
                assert.strictEqual(found[index]?.value ?? null, value, `${name}: ${JSON.stringify(text)}`)
                assert.strictEqual(
                  found[index]?.raw ?? null,
                  value === null && !isBlank ? text : null,
                  `${name}: reject of ${JSON.stringify(text)}`,
                )
                // What the evidence counts as readable, the query reads, or a verdict would ask for the same pass again.
                const seen = evidence([text])
                if (seen.code === undefined)
                  assert.strictEqual(
                    readable(rule, seen) > 0 && value === null && fitsWidth(rule, text),
                    false,
                    `${name}: evidence of ${JSON.stringify(text)}`,
                  )
              })
            }),
            { numRuns: 12 },
          ),
        ),
      ),
  )

  it.effect("reads doubles as JavaScript does, and no infinity", () =>
    withConnection((connection) =>
      Effect.gen(function* () {
        const texts = [
          "1e3",
          "1E-5",
          "-2.5e+10",
          "0.1",
          "1e400",
          "12",
          "1 234.5",
          "inf",
          "nan",
          "1e",
          "4.9e-324",
          "1.7976931348623157e308",
          "0.1234567890123456789012345678901234567890",
        ]
        const found = yield* read(connection, number("double", "."), texts)
        assert.deepStrictEqual(
          found.map(({ value }) => value),
          texts.map((text) => {
            const value = Number(text.replace(" ", ""))
            return text === "1e" || !Number.isFinite(value) || text === "inf" ? null : String(value)
          }),
        )
      }),
    ),
  )

  it.effect("reads every spelling of a type that was asked for", () =>
    withConnection((connection) =>
      Effect.gen(function* () {
        const values = (rule: Rule, texts: ReadonlyArray<string>) =>
          Effect.map(read(connection, rule, texts), (rows) => rows.map(({ value }) => value))
        assert.deepStrictEqual(yield* values(pinned("bigint", evidence([])), ["01001", "1 234", "x", "12.5"]), [
          "1001",
          "1234",
          null,
          null,
        ])
        assert.deepStrictEqual(yield* values(pinned("boolean", evidence([])), ["0", "1", "o", "N", "oui", "2"]), [
          "false",
          "true",
          "true",
          "false",
          "true",
          null,
        ])
        assert.deepStrictEqual(yield* values(pinned("decimal(10,2)", evidence(["1,5"])), ["007,5", "1,234"]), [
          "7.50",
          null,
        ])
        assert.deepStrictEqual(
          yield* values(pinned("decimal(10,2)", evidence(["1,5 €"])), ["007,5 €", "8 euros", "9"]),
          ["7.50", "8.00", null],
        )
        assert.deepStrictEqual(yield* values(pinned("date", evidence([])), ["20240131", "31/01/2024", "2024-01-31"]), [
          "2024-01-31",
          "2024-01-31",
          "2024-01-31",
        ])
        assert.deepStrictEqual(yield* values(pinned("json", evidence([])), ['{"a":1}', "{"]), ['{"a":1}', null])
      }),
    ),
  )
})

/** Numbers may be readable in kind and too wide for the rule at hand: that is what widens it. */
const fitsWidth = (rule: Rule, text: string): boolean => {
  if (rule.kind !== "number") return true
  const whole = evidence([text])
  const seen = rule.unit === undefined ? whole : (whole.units.get(rule.unit) ?? whole)
  if (rule.type === "bigint") return seen.wide === 0 && seen.fractions[","] + seen.fractions["."] === 0
  const scale = Number(/,(\d+)\)/.exec(rule.type)?.[1] ?? 0)
  const precision = Number(/\((\d+)/.exec(rule.type)?.[1] ?? 99)
  return (
    seen.scale[rule.mark] <= scale && (scale > 0 || seen.fractions[rule.mark] === 0) && seen.digits + scale <= precision
  )
}
