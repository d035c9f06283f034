/** No line of a file is lost without a word, whatever stands among its records. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { readTables } from "./reading.ts"

const lines = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("1;a;2", "2;b;4,5", "2024-01-01;c;7") },
    fc.constantFrom("code;nom;pop", "x;y;z", "u;v", "a;b;c;d", "1;2;3;4", "5;6", "u;3", "w;4;5;6"),
    fc.constantFrom(
      "",
      ";;",
      ";;;",
      "# remarque",
      "Source : INSEE",
      "Une phrase; coupée",
      "Note;;",
      "Total;;3",
      "Titre",
      "(%);;",
    ),
  ),
  { maxLength: 30 },
)

it("every line is a row, a reject, or told among the titles, names, units and what is no row", () =>
  fc.assert(
    fc.asyncProperty(lines, fc.boolean(), fc.integer({ min: 1, max: 40 }), async (body, ended, size) => {
      const all = ["code;nom;pop", "1;a;2", ...body]
      const tables = await Effect.runPromise(readTables(all.join("\n") + (ended ? "\n" : ""), [size]))
      const facts = tables[0]?.facts ?? {}
      const header = facts["header"] as {
        readonly lines: ReadonlyArray<number>
        readonly titles: ReadonlyArray<string>
        readonly units?: unknown
      }
      const above =
        header.titles.filter((title) => title !== "").length +
        header.lines.length +
        (header.units === undefined ? 0 : 1)
      const notRows = (facts["notRows"] as { readonly records: number } | undefined)?.records ?? 0
      let told = above + notRows
      for (const { numbers, rejects } of tables) {
        const records = [...numbers, ...rejects.map((reject) => reject.row)].toSorted((a, b) => a - b)
        assert.deepStrictEqual(
          records,
          records.map((_, at) => at + 1),
        )
        told += records.length
      }
      assert.strictEqual(told, all.filter((line) => line !== "").length)
    }),
    { numRuns: 400 },
  ))
