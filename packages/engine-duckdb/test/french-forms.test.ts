import { assert, describe, it } from "@effect/vitest"
import { type ColumnType, Engine } from "@opendatahub-sql/core"
import { layer } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { csvRelation, localFile } from "./csv-relation.ts"

const fixture = (name: string): string => new URL(`fixtures/french-forms/${name}`, import.meta.url).pathname
const expected = JSON.parse(readFileSync(fixture("forms.json"), "utf8")) as Readonly<
  Record<string, { readonly type: ColumnType; readonly values: ReadonlyArray<unknown> }>
>

describe("what French administrations write", () => {
  it.effect("has the types and the values of another reading", () =>
    Effect.gen(function* () {
      const workFolder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-forms-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
      )
      const names = Object.keys(expected)
      const relation = csvRelation(localFile(fixture("forms.csv")), names)
      yield* Effect.gen(function* () {
        const [table] =
          (yield* (yield* Engine).typeRelations([relation], {
            types: "auto",
            tolerance: 0.999,
            pinned: () => undefined,
            atLeast: () => undefined,
          })) ?? []
        if (table === undefined) return assert.fail("the engine declined")
        const batches = yield* Stream.runCollect(table.batches())
        assert.deepStrictEqual(
          Object.fromEntries(
            table.columns.map(({ name, type }, c) => [
              name,
              {
                type,
                values: batches.flatMap(({ columns }) =>
                  (columns[c] ?? []).map((cell) => (typeof cell === "bigint" ? Number(cell) : cell)),
                ),
              },
            ]),
          ),
          expected,
        )
        assert.deepStrictEqual(table.facts["units"], { montant: ["€"], part: ["%"], puissance: ["kW"] })
        assert.lengthOf(table.warnings ?? [], 1, "of the shortened number")
        assert.strictEqual(table.cellRejects, 0)
      }).pipe(Effect.provide(layer({ workFolder })))
    }),
  )
})
