import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "fast-check"
import { List, Members, parseValue, type Value } from "@opendatahub-sql/core/json"
import { readAll } from "./reading.ts"

/** What `JSON.parse` would give, from a parsed value: only scalars have lost their kind, so numbers are compared as text. */
const asText = (value: unknown): unknown =>
  value === null || typeof value === "string"
    ? value
    : Array.isArray(value)
      ? value.map(asText)
      : typeof value === "object"
        ? Object.entries(value).map(([key, member]) => [key, asText(member)])
        : JSON.stringify(value)

const ours = (value: Value): unknown =>
  value instanceof List
    ? value.items.map(ours)
    : value instanceof Members
      ? value.keys.map((key, i) => [key, ours(value.values[i] ?? null)])
      : value

/** Keys of digits are put first by JavaScript's objects, not by ours. */
const key = FastCheck.oneof(
  FastCheck.string({ unit: "grapheme" }),
  FastCheck.constantFrom("id", "a", "a.b", "__proto__x"),
).filter((text) => !/^\d+$/.test(text))
const tree = FastCheck.letrec<{ readonly value: unknown }>((tie) => ({
  value: FastCheck.oneof(
    { depthSize: "small", withCrossShrink: true },
    FastCheck.string({ unit: "grapheme" }),
    FastCheck.integer(),
    FastCheck.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    FastCheck.boolean(),
    FastCheck.constant(null),
    FastCheck.array(tie("value"), { maxLength: 4 }),
    FastCheck.dictionary(key, tie("value"), { maxKeys: 5 }),
  ),
})).value
const blanks = FastCheck.constantFrom(undefined, 1, "\t")

describe("properties", () => {
  it("a value is what JSON.parse makes of it, every number by its text", () => {
    FastCheck.assert(
      FastCheck.property(tree, blanks, (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        assert.deepStrictEqual(ours(parseValue(text)), asText(JSON.parse(text)))
      }),
    )
  })

  it("a text with one character changed is refused when JSON.parse refuses it, and only then", () => {
    FastCheck.assert(
      FastCheck.property(
        tree,
        FastCheck.nat(),
        FastCheck.constantFrom(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          '"',
          "\\",
          " ",
          "0",
          "-",
          ".",
          "e",
          "E",
          "+",
          "t",
          "n",
          "\n",
        ),
        (value, place, character) => {
          const text = JSON.stringify([value])
          const at = place % text.length
          const changed = text.slice(0, at) + character + text.slice(at + 1)
          const verdict = (parse: () => unknown) => Effect.runSync(Effect.exit(Effect.try(parse)))._tag
          assert.strictEqual(
            verdict(() => parseValue(changed)),
            verdict(() => JSON.parse(changed)),
            changed,
          )
        },
      ),
      { numRuns: 500 },
    )
  })

  it("the same rows, rejects and facts for any cut of the bytes", async () => {
    const wrap = FastCheck.constantFrom(
      (records: string) => `[${records}]`,
      (records: string) => `{"n": 1, "data": [${records}], "z": {"y": "é"}}`,
      (records: string) => `\ufeff{"un": {"deux": [${records}]}}`,
    )
    await FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(tree, { minLength: 1, maxLength: 6 }),
        wrap,
        FastCheck.integer({ min: 1, max: 40 }),
        async (records, wrap, step) => {
          const text = wrap([...records.map((record) => JSON.stringify(record)), '{"broken": tru}'].join(" , "))
          const read = (size: number) => Effect.runPromise(Effect.result(readAll(text, {}, size)))
          assert.deepStrictEqual(await read(step), await read(1_000_000))
        },
      ),
    )
  })

  it("every scalar of every record is in some cell", async () => {
    const scalars = (value: unknown): Array<string> =>
      value === null
        ? []
        : typeof value === "object"
          ? Object.values(value).flatMap(scalars)
          : [typeof value === "string" ? value : JSON.stringify(value)]
    await FastCheck.assert(
      FastCheck.asyncProperty(FastCheck.array(tree, { minLength: 1, maxLength: 6 }), async (records) => {
        const { tables } = await Effect.runPromise(readAll(JSON.stringify(records)))
        const cells = Object.values(tables).flatMap(({ rows }) =>
          rows.flatMap((row) => Object.values(row).filter((cell) => typeof cell === "string")),
        )
        // A matrix or a geometry is one cell of JSON text.
        const found = cells.flatMap((cell) =>
          /^[[{]/.test(cell)
            ? [
                cell,
                ...Effect.runSync(
                  Effect.orElseSucceed(
                    Effect.try(() => scalars(JSON.parse(cell))),
                    () => [],
                  ),
                ),
              ]
            : [cell],
        )
        for (const scalar of records.flatMap(scalars)) assert.include(found, scalar)
        assert.strictEqual(tables["main"]?.rows.length, records.length)
      }),
    )
  })
})
