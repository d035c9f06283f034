/** Runs of plain records that go past the reader, and the odd ones that do not, are what the reader alone makes of the file. */
import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import { csv } from "../src/index.ts"
import { fileOf, read } from "./reading.ts"

const long = process.env["ODH_LONG"] === "1"
const RUNS = long ? 50_000 : 300

// eslint-disable-next-line no-control-regex
const escaped = /\u0002(.)/g

/** The relation over the file without its odd records: its rows, as any reader of well-formed CSV has them. */
const mended = Effect.fnUntraced(function* (content: Uint8Array, sizes: ReadonlyArray<number>) {
  const format = yield* csv({ delimiter: ";", quote: '"' }).decode
  const [first] = (yield* format.relations?.(fileOf(content, sizes)) ?? Effect.succeed(undefined)) ?? []
  const [relation] = first?.otherwise === undefined ? [first] : ((yield* first.otherwise) ?? [])
  if (relation === undefined || !("identity" in relation.input)) return undefined
  const bytes = yield* Stream.runCollect(Stream.map(relation.input.bytes(), (chunk) => Buffer.from(chunk)))
  const records = parse(Buffer.concat(bytes), { delimiter: ";", relaxQuotes: false })
  const plain: Readonly<Record<string, string>> = { n: "\n", r: "\r", e: "\u0002" }
  const rows = records.map((record) =>
    record.map((cell) => (cell === "" ? null : cell.replaceAll(escaped, (_, letter: string) => plain[letter] ?? ""))),
  )
  const { bytes: _bytes, reader: _reader, notStrict: _why, ...facts } = relation.facts
  return { rows, facts, lineEnds: bytes.join("").match(/\r\n|\n|\r/g) ?? [] }
}, Effect.scoped)

const line = fc.oneof(
  { weight: 6, arbitrary: fc.nat(9999).map((n) => `${n};Évry-${n % 7};"a ""b""; c";x`) },
  { weight: 6, arbitrary: fc.nat(9999).map((n) => `${n};é;1,5;2024-01-0${1 + (n % 9)}`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "",
      ";;;",
      "1;2;3",
      "1;2;3;4;5",
      "1;2;3;4; ",
      "1;2;3;",
      ';"";"";',
      '1;"";;',
      '1; "x" ;3;4',
      '1;"say "hi"";3;4',
      '1;écran 12";3;4',
      '1;"jamais fermé;3;4',
      '"1;""x"";3;4"',
      "Total;;;10",
      "totaux;1;2;3",
      "Source : INSEE",
      "nom;date;montant;lieu",
      '1;"deux\nlignes";3;4',
      '1;"deux\r\nlignes";3;4',
      "1;\u0002;3;4",
      "1;\u0000;3;4",
      "1;a\rb;3;4",
      "\ufeff1;2;3;4",
      "# remarque",
      "œuf;’;3;4",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom("a", "é", ";", '"', "\n", "\r", " ", "1", "\u0002"), maxLength: 12 }),
  },
)

describe("a file without its odd records", () => {
  it.effect(
    "has the rows that the tolerant reader reads, however it is cut",
    () =>
      Effect.promise(async () => {
        let compared = 0
        await fc.assert(
          fc.asyncProperty(
            fc.array(line, { minLength: 1, maxLength: 60 }),
            fc.constantFrom("\n", "\r\n"),
            fc.constantFrom("utf8" as const, "latin1" as const),
            fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
            async (lines, end, encoding, sizes) => {
              const text = ["nom;date;montant;lieu", ...lines].join(end)
              const content = Buffer.from(text.replaceAll("œ", "\u009c").replaceAll("’", "\u0092"), encoding)
              const found = await Effect.runPromise(mended(content, sizes))
              if (found === undefined) return
              compared++
              const expected = await Effect.runPromise(read(content, { delimiter: ";", quote: '"' }))
              const { bytes: _bytes, reader: _reader, ...facts } = expected.facts
              assert.deepStrictEqual(found.rows, expected.rows)
              assert.deepStrictEqual(found.facts, facts)
              assert.isAtMost(new Set(found.lineEnds).size, 1)
              assert.strictEqual(found.lineEnds.length, found.rows.length)
            },
          ),
          { numRuns: RUNS },
        )
        assert.isAbove(compared, RUNS / 2)
      }),
    long ? 3_600_000 : 120_000,
  )
})
