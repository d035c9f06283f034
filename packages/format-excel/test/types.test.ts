import { assert, it } from "@effect/vitest"
import { Engine } from "@opendatahub-sql/core"
import { layer } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import { events, fixture } from "./reading.ts"
import { rowXml, sheetXml, xlsxParts } from "./workbook-writer.ts"
import { writeZip } from "./zip-writer.ts"

const typed = (bytes: Uint8Array, options?: Parameters<typeof events>[1]) =>
  Effect.gen(function* () {
    const engine = yield* Engine
    const tables = yield* engine.typeEvents(events(bytes, options), {
      types: "auto",
      tolerance: 0.999,
      pinned: () => undefined,
      atLeast: () => undefined,
    })
    return Object.fromEntries(
      tables.map(({ name, columns, rows, cellRejects }) => [
        name,
        { types: columns.map(({ type }) => type), rows, cellRejects },
      ]),
    )
  }).pipe(Effect.scoped, Effect.provide(layer({ workFolder: tmpdir() })))

it.effect("the engine types what the cells hold: codes stay text, dates with and without a time are one column", () =>
  Effect.gen(function* () {
    const day = (n: number) =>
      `<c r="C${n}" s="1"><v>${45_000 + n}${n % 3 === 0 ? ".5" : ""}</v></c><c r="D${n}" s="2"><v>${45_000 + n}</v></c><c r="E${n}" t="b"><v>${n % 2}</v></c><c r="F${n}"><v>${(n + 0.1).toPrecision(17)}</v></c>`
    const rows = Array.from({ length: 200 }, (_, n) =>
      rowXml(n + 2, [String(1_000 + n).padStart(5, "0"), n]).replace("</row>", `${day(n + 2)}</row>`),
    )
    const parts = xlsxParts([
      { name: "S", xml: sheetXml(rowXml(1, ["code", "n", "instant", "jour", "ok", "taux"]) + rows.join("")) },
    ])
    const bytes = writeZip([
      ...parts.map((part) =>
        part.name.endsWith("workbook.xml.rels")
          ? {
              ...part,
              content: String(part.content).replace(
                "</Relationships>",
                '<Relationship Id="rT" Type="http://x/styles" Target="styles.xml"/></Relationships>',
              ),
            }
          : part,
      ),
      {
        name: "xl/styles.xml",
        content: '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="14"/></cellXfs></styleSheet>',
      },
    ])
    assert.deepStrictEqual(yield* typed(bytes), {
      S: { types: ["text", "bigint", "timestamp", "date", "boolean", "decimal(18,1)"], rows: 200, cellRejects: 0 },
    })
  }),
)

it.effect("an error of a formula is a cell reject of the finished table", () =>
  Effect.gen(function* () {
    const tables = yield* typed(fixture("made/tricky.xlsx"), { sheets: "Formules" })
    assert.deepInclude(tables["Formules"], { rows: 6, cellRejects: 3 })
  }),
)
