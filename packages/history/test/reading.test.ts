import { assert, describe, it } from "@effect/vitest"
import type { ColumnType } from "@opendatahub-sql/core"
import {
  type DatedTable,
  difference,
  differenceRows,
  eventText,
  purgeRows,
  tableExtractions,
} from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { type TestExtraction, warehouse } from "./warehouse.ts"

const day = (n: number): string => `2026-01-0${n}T00:00:00.000Z`
const columns = [
  { name: "code", type: "text" },
  { name: "nom", type: "text" },
  { name: "n", type: "bigint" },
] as const satisfies ReadonlyArray<{ name: string; type: ColumnType }>
const table: DatedTable = { name: "t", mode: "history", columns: columns.map((column, id) => ({ id, ...column })) }

const on = (at: number, rows: TestExtraction["rows"], more: Partial<TestExtraction> = {}): TestExtraction => ({
  at: day(at),
  columns,
  rows,
  ...more,
})

describe("a table on two clocks", () => {
  it.effect("published counts where it can be true: after the extraction before, not after its own", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(on(2, [["a", null, 1]], { published: "2026-01-01T06:00:00.000Z" }))
      yield* t.place(on(4, [["a", null, 2]], { published: "2026-01-03T06:00:00.000Z" }))
      // Before the look before, so it is not when this state was published.
      yield* t.place(on(6, [["a", null, 3]], { published: "2026-01-01T00:00:00.000Z" }))
      const n = (at: string, clock: string) =>
        Effect.map(t.asOf(at, clock), (rows) => rows.map((row) => (JSON.parse(row) as ReadonlyArray<string>)[2]))
      assert.deepStrictEqual(yield* n("2026-01-01T12:00:00Z", "extracted"), [])
      assert.deepStrictEqual(yield* n("2026-01-01T12:00:00Z", "published"), ["1"])
      assert.deepStrictEqual(yield* n("2026-01-03T12:00:00Z", "extracted"), ["1"])
      assert.deepStrictEqual(yield* n("2026-01-03T12:00:00Z", "published"), ["2"])
      assert.deepStrictEqual(yield* n("2026-01-05T12:00:00Z", "published"), ["2"])
      assert.deepStrictEqual(yield* n("2026-01-06T12:00:00Z", "published"), ["3"])
    }),
  )
})

describe("the versions of rows", () => {
  it.effect("say from when to when each copy was there, also when it came back", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(
        on(1, [
          ["a", null, 1],
          ["a", null, 1],
          ["b", null, 1],
        ]),
      )
      yield* t.place(on(2, [["a", null, 1]]))
      yield* t.place(
        on(3, [
          ["a", null, 1],
          ["b", null, 1],
        ]),
      )
      const versions = yield* t.rows(
        "select code, _copy, strftime(_valid_from::timestamp, '%d') as since, strftime(_valid_to::timestamp, '%d') as until from history.t order by 1, 2, 3",
      )
      assert.deepStrictEqual(
        versions.map((row) => Object.values(row)),
        [
          ["a", 1, "01", null],
          ["a", 2, "01", "02"],
          ["b", 1, "01", "02"],
          ["b", 1, "03", null],
        ],
      )
    }),
  )

  it.effect("a look that found nothing new stores nothing", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(
        on(1, [
          ["a", "x", 1],
          ["b", "y", 2],
        ]),
      )
      yield* t.place(
        on(2, [
          ["b", "y", 2],
          ["a", "x", 1],
        ]),
      )
      assert.deepStrictEqual(
        yield* t.rows(
          "select (select count(*) from history_added.t)::int as came, (select count(*) from history_removed.t)::int as went",
        ),
        [{ came: 2, went: 0 }],
      )
    }),
  )

  it.effect("what is purged is in no state, and what stays is as it was", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(
        on(1, [
          ["a", "x", 1],
          ["b", "y", 2],
        ]),
      )
      yield* t.place(
        on(2, [
          ["a", "x", 9],
          ["b", "y", 2],
        ]),
      )
      yield* t.place(on(3, [["c", "z", 3]]))
      assert.deepStrictEqual(yield* purgeRows(t.connection, { name: "t", mode: "history" }, { code: "a" }), [
        { table: "t", rows: 2, rejects: 0 },
      ])
      for (const [at, codes] of [
        [1, ["b"]],
        [2, ["b"]],
        [3, ["c"]],
      ] as const) {
        assert.deepStrictEqual(
          (yield* t.asOf(day(at))).map((row) => (JSON.parse(row) as ReadonlyArray<string>)[0]),
          [...codes],
        )
      }
      assert.lengthOf(yield* t.rows("from history_added.t where code = 'a'"), 0)
    }),
  )
})

describe("the difference of two dates", () => {
  it.effect("pairs rows by a key that it finds, and tells the columns that changed", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(
        on(1, [
          ["a", "x", 1],
          ["b", "y", 2],
          ["c", "z", 1],
        ]),
      )
      yield* t.place(
        on(2, [
          ["c", "z", 7],
          ["b", "y", 2],
          ["d", "x", 2],
        ]),
      )
      const found = yield* difference(t.connection, table, day(1), day(2))
      assert.deepStrictEqual([found.key, found.added, found.removed, found.changed], [["code"], 1, 1, 1])
      assert.deepStrictEqual(found.columns, [{ name: "n", changes: 1 }])
      const rows = yield* differenceRows(t.connection, 0, 10)
      assert.deepStrictEqual(
        rows.map((row) => [row["_change"], row["code"], row["n"]]),
        [
          ["removed", "a", 1n],
          ["before", "c", 1n],
          ["after", "c", 7n],
          ["added", "d", 2n],
        ],
      )
    }),
  )

  it.effect("without a key counts copies", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(
        on(1, [
          ["a", "x", 1],
          ["a", "x", 1],
        ]),
      )
      yield* t.place(
        on(2, [
          ["a", "x", 1],
          ["a", "x", 1],
          ["a", "x", 1],
          ["b", "x", 1],
        ]),
      )
      const found = yield* difference(t.connection, table, day(1), day(2))
      assert.deepStrictEqual([found.key, found.added, found.removed, found.changed], [undefined, 2, 0, 0])
    }),
  )

  it.effect("a column that was dropped is told as that, not as a change of every row", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(
        on(1, [
          ["a", "x", 1],
          ["b", "y", 2],
        ]),
      )
      yield* t.place({
        at: day(2),
        columns: [columns[2], columns[0]],
        rows: [
          [1, "a"],
          [5, "b"],
        ],
      })
      const found = yield* difference(t.connection, table, day(1), day(2))
      assert.deepStrictEqual([found.added, found.removed, found.changed, found.compared], [0, 0, 1, ["code", "n"]])
      assert.deepStrictEqual(found.events.map(eventText), ["- nom", "columns in another order"])
    }),
  )

  it.effect("a key that is no column is refused, with the columns there are", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(on(1, [["a", "x", 1]]))
      const error = yield* Effect.flip(difference(t.connection, table, day(1), day(1), ["kode"]))
      assert.match(error.message, /"kode" is not a column of t: the key may be made of code, nom, n/)
    }),
  )
})

describe("the extractions of a table", () => {
  it.effect("tell rows, differences, changed rows by a key, and what happened to the columns", () =>
    Effect.gen(function* () {
      const t = yield* warehouse(columns)
      yield* t.place(
        on(1, [
          ["a", "x", 1],
          ["b", "y", 2],
        ]),
      )
      yield* t.place({
        at: day(3),
        columns: [columns[0], { name: "n", type: "bigint" }],
        rows: [
          ["a", 1],
          ["c", 3],
        ],
      })
      yield* t.place(
        on(2, [
          ["a", "x", 5],
          ["b", "y", 2],
          ["d", "w", 1],
        ]),
      )
      const found = yield* tableExtractions(t.connection, table, ["code"])
      assert.deepStrictEqual(
        found.map((one) => [
          one.extractedAt,
          one.rows,
          one.added,
          one.removed,
          one.changed,
          one.events.map(eventText).join(),
        ]),
        [
          [day(1), 2, 2, 0, 0, ""],
          [day(2), 3, 1, 0, 1, ""],
          [day(3), 2, 1, 2, 1, "- nom"],
        ],
      )
    }),
  )
})
