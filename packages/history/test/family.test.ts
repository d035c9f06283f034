import { assert, describe, it } from "@effect/vitest"
import type { EngineError, Slice } from "@opendatahub-sql/core"
import { type Connection, literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import {
  createHistory,
  type DatedTable,
  dropExtraction,
  ensureHistory,
  forgetParents,
  historyViews,
  placeExtraction,
  purgeRows,
  tableMacros,
  timelineOf,
  warehouseMacros,
} from "@opendatahub-sql/history"
import * as fc from "fast-check"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"

/** A record with a list of records, each with a list of numbers: three tables. */
interface Lot {
  readonly name: string
  readonly parts: ReadonlyArray<{ readonly code: string; readonly sizes: ReadonlyArray<number> }>
}
type File = ReadonlyArray<Lot>

const tables = [
  { name: "lots", mode: "history", columns: [{ id: 0, name: "name", type: "text" }], hasChildren: true },
  {
    name: "parts",
    mode: "history",
    columns: [{ id: 0, name: "code", type: "text" }],
    parent: "lots",
    hasChildren: true,
  },
  { name: "sizes", mode: "history", columns: [{ id: 0, name: "size", type: "bigint" }], parent: "parts" },
] as const satisfies ReadonlyArray<DatedTable>

const day = (n: number): string => `2026-01-${String(n + 1).padStart(2, "0")}T00:00:00.000Z`
const slice = (at: number): Slice => ({ source: "kit", dataset: "d1", resource: "r1", extractedAt: day(at) })

/** The rows of the three tables: `_row`, `_parent_row`, the cell. */
const rowsOf = (file: File): ReadonlyArray<ReadonlyArray<readonly [number, number | null, string]>> => {
  const lots: Array<readonly [number, null, string]> = []
  const parts: Array<readonly [number, number, string]> = []
  const sizes: Array<readonly [number, number, string]> = []
  for (const lot of file) {
    lots.push([lots.length + 1, null, lot.name])
    for (const part of lot.parts) {
      parts.push([parts.length + 1, lots.length, part.code])
      for (const size of part.sizes) sizes.push([sizes.length + 1, parts.length, String(size)])
    }
  }
  return [lots, parts, sizes]
}

const place = Effect.fnUntraced(function* (connection: Connection, at: number, file: File | undefined) {
  const id = yield* timelineOf(connection, slice(at))
  for (const table of tables) yield* dropExtraction(connection, { table: table.name, id }, day(at))
  if (file === undefined) return
  const rowsOfTables = rowsOf(file)
  for (const [index, table] of tables.entries()) {
    const rows = rowsOfTables[index] ?? []
    const [column] = table.columns
    const values = rows.map(([row, parent, cell]) => `(${row}, ${String(parent)}, ${literal(cell)}::${column.type})`)
    yield* placeExtraction(
      connection,
      table,
      { table: table.name, id },
      {
        slice: slice(at),
        load: `load ${at}`,
        sha256: "0",
        header: [{ ...column, original: column.name }],
        parts: [
          {
            relation:
              rows.length === 0
                ? `select 1 as _row, 1 as _parent_row, null::${column.type} as ${column.name} where false`
                : `select * from (values ${values.join(", ")}) v(_row, _parent_row, ${column.name})`,
            member: undefined,
            columns: [{ name: column.name, type: column.type, isComplete: true, column: column }],
          },
        ],
      },
    )
  }
  yield* forgetParents(connection, ["lots", "parts"])
})

/** A file as one line a lot, whatever the order of anything. */
const asLines = (file: File): ReadonlyArray<string> =>
  file
    .map(({ name, parts }) =>
      [name, ...parts.map(({ code, sizes }) => `${code}(${[...sizes].toSorted().join(" ")})`).toSorted()].join(" "),
    )
    .toSorted()

const linesAt = (connection: Connection, at: string): Effect.Effect<ReadonlyArray<string>, EngineError> =>
  Effect.map(
    connection.all(
      `with s as (from as_of('sizes', ${literal(at)})), p as (from as_of('parts', ${literal(at)})), l as (from as_of('lots', ${literal(at)})),
       pp as (select p._parent_id, p.code || '(' || coalesce(string_agg(s.size::varchar, ' ' order by s.size), '') || ')' as part from p left join s on s._parent_id = p._id group by p._id, p._parent_id, p.code)
       select concat_ws(' ', l.name, string_agg(pp.part, ' ' order by pp.part)) as line from l left join pp on pp._parent_id = l._id group by l._id, l.name order by 1`,
    ),
    (rows) => rows.map((row) => String(row["line"])).toSorted(),
  )

const warehouse = Effect.gen(function* () {
  const connection = yield* (yield* openDatabase({ workFolder: tmpdir(), threads: 1 })).connect
  yield* connection.run(
    `create schema odh; create schema bronze; create table odh.tables (table_name varchar, parent varchar, mode varchar);
     create table odh.rejects (table_name varchar, _row bigint, _member varchar, column_name varchar, raw varchar, _load_id varchar);
     insert into odh.tables values ('lots', null, 'history'), ('parts', 'lots', 'history'), ('sizes', 'parts', 'history')`,
  )
  yield* ensureHistory(connection)
  for (const table of tables)
    for (const statement of [...createHistory(table), ...historyViews(table), ...tableMacros(table)])
      yield* connection.run(statement)
  for (const macro of warehouseMacros) yield* connection.run(macro)
  return connection
})

const file: fc.Arbitrary<File> = fc.array(
  fc.record({
    name: fc.constantFrom("a", "b", "c"),
    parts: fc.array(
      fc.record({
        code: fc.constantFrom("x", "y"),
        sizes: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 4 },
)
const step = fc.record({ at: fc.integer({ min: 0, max: 4 }), file: fc.option(file, { freq: 6, nil: undefined }) })

describe("the history of parents, children and their children", () => {
  it(
    "gives every state as it was, each row under its parent, whatever the order of rows and arrivals",
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 7 }), (steps) =>
          Effect.runPromise(
            Effect.scoped(
              Effect.gen(function* () {
                const connection = yield* warehouse
                const held = new Map<number, File>()
                for (const { at, file: arriving } of steps) {
                  yield* place(connection, at, arriving)
                  if (arriving === undefined) held.delete(at)
                  else held.set(at, arriving)
                  for (const [known, state] of held)
                    assert.deepStrictEqual(yield* linesAt(connection, day(known)), asLines(state), `day ${known}`)
                }
              }),
            ),
          ),
        ),
        { numRuns: process.env["ODH_LONG"] === "1" ? 400 : 12 },
      ),
    600_000,
  )

  it.effect("a row that is purged takes those that hang on it along, in every state", () =>
    Effect.gen(function* () {
      const connection = yield* warehouse
      const lot = (name: string, size: number): Lot => ({ name, parts: [{ code: "x", sizes: [size] }] })
      yield* place(connection, 0, [lot("a", 1), lot("b", 1)])
      yield* place(connection, 1, [lot("a", 2), lot("b", 1)])
      yield* connection.run(
        `insert into odh.rejects values ('lots', 1, null, 'name', 'secret', 'load 0'), ('lots', 2, null, 'name', 'of b', 'load 0'),
         ('lots', 9, null, null, '"a";cut', 'load 0'), ('lots', 9, null, null, 'ab;cut', 'load 0')`,
      )
      assert.deepStrictEqual(yield* purgeRows(connection, { name: "lots", mode: "history" }, { name: "a" }), [
        { table: "lots", rows: 1, rejects: 2 },
        { table: "parts", rows: 1, rejects: 0 },
        { table: "sizes", rows: 2, rejects: 0 },
      ])
      for (const at of [0, 1]) assert.deepStrictEqual(yield* linesAt(connection, day(at)), ["b x(1)"])
      assert.deepStrictEqual(
        (yield* connection.all("select raw from odh.rejects order by raw")).map((row) => row["raw"]),
        ["ab;cut", "of b"],
      )
      const [left] = yield* connection.all(
        "select (select count(*)::int from history_added.sizes) as added, (select count(*)::int from history_removed.sizes) as removed",
      )
      assert.deepStrictEqual(left, { added: 1, removed: 0 })
    }),
  )
})
