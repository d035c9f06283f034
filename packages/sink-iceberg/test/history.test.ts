/** Histories of parents, children and their children against an oracle that keeps every state whole. */
import { assert, describe, it } from "@effect/vitest"
import type { TypedTable } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { compactTable } from "../src/maintenance/compact.ts"
import { verifyTable } from "../src/maintenance/verify.ts"
import { createViews } from "../src/read/views.ts"
import { sliceOf, typedTable } from "./loading.ts"
import { inScene, type Scene } from "./scene.ts"

/** Records with lists of records, each with a list of numbers: three tables. */
interface Lot {
  readonly name: string
  readonly parts: ReadonlyArray<{ readonly code: string; readonly sizes: ReadonlyArray<number> }>
}
type File = ReadonlyArray<Lot>

const day = (n: number): string => `2026-01-${String(n + 1).padStart(2, "0")}`
const values = (columns: string, rows: ReadonlyArray<string>): string =>
  rows.length === 0
    ? `select ${columns} where false`
    : `select * from (values ${rows.join(", ")}) v(_row, _parent_row, c)`

/** The tables of a file; a file without children has no table for them. */
const tablesOf = Effect.fnUntraced(function* ({ lakehouse: { connection } }: Scene, file: File) {
  const lots = file.map(({ name }, row) => `(${row + 1}::bigint, null::bigint, '${name}')`)
  const parts = file.flatMap(({ parts: held }, lot) => held.map((part) => ({ ...part, lot: lot + 1 })))
  const sizes = parts.flatMap(({ sizes: held }, part) =>
    held.map((size) => `(0::bigint, ${part + 1}::bigint, ${size}::bigint)`),
  )
  const none = "null::bigint as _row, null::bigint as _parent_row, null::varchar as c"
  const all: ReadonlyArray<readonly [name: string, parent: string | undefined, sql: string]> = [
    ["lots", undefined, values(none, lots)],
    [
      "parts",
      "lots",
      values(
        none,
        parts.map(({ code, lot }, row) => `(${row + 1}::bigint, ${lot}::bigint, '${code}')`),
      ),
    ],
    [
      "sizes",
      "parts",
      values(
        none.replace("varchar", "bigint"),
        sizes.map((size, row) => size.replace("(0", `(${row + 1}`)),
      ),
    ],
  ]
  const tables = yield* Effect.forEach(all, ([name, parent, sql]) =>
    Effect.map(typedTable(connection, name, `select c from (${sql})`), (table): TypedTable => ({
      ...table,
      ...(parent === undefined ? {} : { parent }),
      relation: `select _row, ${parent === undefined ? "" : "_parent_row, "}c from (${sql})`,
    })),
  )
  return tables.filter(({ parent, rows }) => parent === undefined || rows > 0)
})

const load = Effect.fnUntraced(function* (scene: Scene, at: number, file: File, key: string) {
  const tables = yield* tablesOf(scene, file)
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const schemas = yield* Effect.forEach(tables, (table) => scene.session.prepare(table, "history"))
      const writer = yield* scene.session.begin({
        key,
        slice: sliceOf(day(at)),
        sha256: "0".repeat(64),
        tables: schemas,
      })
      for (const table of tables) yield* writer.write(table)
      return yield* writer.commit
    }),
  )
})

/** Every path from a lot to a size, as the views give it on a day. */
const pathsAt = Effect.fnUntraced(function* ({ lakehouse }: Scene, at: number) {
  yield* createViews(lakehouse, { at: `${day(at)}T12:00:00.000Z` })
  const { connection } = lakehouse
  const tables = yield* connection.all("select table_name from information_schema.tables where table_schema = 'bronze'")
  const has = (name: string): boolean => tables.some((row) => row["table_name"] === name)
  const rows = yield* connection.all(
    !has("parts")
      ? "select c as lot, null as part, null as size from bronze.lots"
      : `select l.c as lot, p.c as part, ${has("sizes") ? "s.c" : "null"} as size from bronze.lots l left join bronze.parts p on p._parent_id = l._id
        ${has("sizes") ? "left join bronze.sizes s on s._parent_id = p._id" : ""}`,
  )
  return rows.map((row) => [row["lot"], row["part"] ?? "", row["size"] ?? ""].map(String).join(" ")).toSorted()
})

const pathsOf = (file: File): ReadonlyArray<string> =>
  file
    .flatMap(({ name, parts }) =>
      parts.length === 0
        ? [`${name}  `]
        : parts.flatMap(({ code, sizes }) =>
            sizes.length === 0 ? [`${name} ${code} `] : sizes.map((size) => `${name} ${code} ${size}`),
          ),
    )
    .toSorted()

const file = fc.array(
  fc.record({
    name: fc.constantFrom("a", "b", "c"),
    parts: fc.array(fc.record({ code: fc.constantFrom("x", "y"), sizes: fc.array(fc.nat(2), { maxLength: 2 }) }), {
      maxLength: 2,
    }),
  }),
  { minLength: 1, maxLength: 3 },
)
/** An extraction of a day, in any order; without a file it is taken out again. */
const steps = fc.array(fc.tuple(fc.nat(4), fc.option(file, { freq: 6, nil: undefined })), {
  minLength: 3,
  maxLength: 6,
})

describe("a history in Iceberg tables", () => {
  it("gives every state as it was, each row under its parent, whatever arrives when, is read again or taken out", async () => {
    await fc.assert(
      fc.asyncProperty(steps, (sequence) =>
        inScene((scene) =>
          Effect.gen(function* () {
            const states = new Map<number, File>()
            for (const [step, [at, content]] of sequence.entries()) {
              if (content === undefined) {
                states.delete(at)
                yield* scene.session.remove([sliceOf(day(at))])
              } else {
                states.set(at, content)
                assert.strictEqual((yield* load(scene, at, content, `key ${step}`)).outcome, "committed")
              }
            }
            for (const [at, content] of states)
              assert.deepStrictEqual(yield* pathsAt(scene, at), pathsOf(content), `day ${at}`)
            for (const name of yield* scene.lakehouse.catalog.list("bronze")) {
              const table = yield* scene.lakehouse.catalog.load({ namespace: "bronze", name })
              if (table !== undefined) assert.deepStrictEqual((yield* verifyTable(scene.lakehouse, table)).problems, [])
            }
          }),
        ),
      ),
      { numRuns: process.env["ODH_LONG"] === "1" ? 100 : 3, ...(process.env["ODH_LONG"] === "1" ? {} : { seed: 1 }) },
    )
  }, 3_600_000)

  it("writes nothing of what did not change, only appends, and is the same after compaction", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const rows = (count: number, text = "v") => `select range as id, '${text}' || range as c from range(${count})`
        const at = (n: number, sql: string, key = `key ${n}`) => scene.load(day(n), sql, { key, mode: "history" })
        yield* at(0, rows(1000))
        yield* at(1, rows(1000))
        yield* at(2, `${rows(999)} union all select 7, 'new'`)
        yield* at(2, `${rows(999)} union all select 7, 'new'`, "again")
        const { metadata } = yield* scene.table
        assert.deepStrictEqual(
          (metadata.snapshots ?? []).map(({ summary }) => [summary["operation"], summary["added-records"]]),
          [
            ["append", "1000"],
            ["append", "2"],
          ],
        )
        assert.deepStrictEqual(
          (yield* scene.session.loads({})).map(({ key }) => key),
          ["key 0", "key 1", "again"],
        )
        yield* compactTable(scene.lakehouse, yield* scene.table, { apply: true })
        yield* createViews(scene.lakehouse)
        assert.strictEqual(yield* scene.differences("from bronze.t", `${rows(999)} union all select 7, 'new'`), 0)
        assert.deepStrictEqual((yield* verifyTable(scene.lakehouse, yield* scene.table)).problems, [])
        // A ledger that says more rows than the changes sum up to.
        const table = yield* scene.table
        const { "odh.loads": loads = "" } = table.metadata.properties ?? {}
        const updates = { "odh.loads": loads.replace('"rows":1000', '"rows":1001') }
        yield* scene.lakehouse.catalog.commit([
          { table, change: { requirements: [], updates: [{ action: "set-properties", updates }] } },
        ])
        const { problems } = yield* verifyTable(scene.lakehouse, yield* scene.table)
        assert.deepStrictEqual(
          problems.map(({ kind }) => kind),
          ["wrong-ledger"],
        )
      }),
    ))
})
