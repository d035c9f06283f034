/** Tables that the engine reads itself, and those it declines. */
import { assert, layer as withLayer } from "@effect/vitest"
import { Engine, type Relation } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { csvRelation, localFile, streamOf } from "./csv-relation.ts"
import {
  engineLayer,
  auto,
  file,
  covid,
  ask,
  rowsOf,
  rejectsOf,
  withoutWhy,
  types,
  typed,
  eventsOf,
  lines,
} from "./engine-tables.ts"

withLayer(engineLayer)("the engine", (it) => {
  it.effect("declines a file of mixed line ends, which the engine would misread", () =>
    Effect.gen(function* () {
      const path = file(gunzipSync(readFileSync(join(covid, "2020-04-04.csv.gz"))))
      assert.isUndefined(
        yield* (yield* Engine).typeRelations(
          [csvRelation(localFile(path), ["dep", "sexe", "jour", "hosp", "rea", "rad", "dc"])],
          auto,
        ),
      )
    }),
  )

  it.effect("types events and relations alike", () =>
    Effect.gen(function* () {
      const csv = `Code;Prix HT;Jour;Vide;Actif\n${lines(5000, (i) => `${String(i).padStart(5, "0")};${i % 3 === 0 ? "" : `${i},${i % 100}`};${String(1 + (i % 28)).padStart(2, "0")}/02/2024;;${i % 2 ? "oui" : "non"}`)}\n`
      const relation = yield* typed(csv)
      const [events] = yield* (yield* Engine).typeEvents(eventsOf(csv), auto)
      assert.isDefined(events)
      if (events === undefined) return
      assert.deepStrictEqual(events.columns.map(withoutWhy), relation.columns.map(withoutWhy))
      assert.deepStrictEqual(types(relation), {
        code: "text",
        prix_ht: "decimal(18,2)",
        jour: "date",
        vide: "null",
        actif: "boolean",
      })
      assert.deepStrictEqual(relation.columns[1]?.original, "Prix HT")
      assert.deepStrictEqual(
        relation.columns.map(({ nulls }) => nulls),
        [0, 1667, 0, 5000, 0],
      )
      assert.deepStrictEqual(yield* rowsOf(events), yield* rowsOf(relation))
    }),
  )

  it.effect("counts the records left out in the row numbers", () =>
    Effect.gen(function* () {
      const bad = new Set([1, 2, 777, 778, 779, 40_000, 49_999])
      const csv = `id;name\n${lines(50_000, (i) => (bad.has(i) ? (i % 2 === 0 ? "only one" : `${i};x;too many`) : `${i};"line\nfeed"`))}\n`
      const table = yield* typed(csv)
      assert.deepStrictEqual([table.rows, table.rowRejects], [50_000 - bad.size, bad.size])
      assert.deepStrictEqual(yield* ask(`select count(*) as wrong from (${table.relation}) where _row <> id + 1`), [
        { wrong: 0n },
      ])
      assert.deepStrictEqual(
        (yield* rejectsOf(table)).map((reject) => Number(reject["_row"]) - 1),
        [...bad],
      )
      assert.deepStrictEqual(
        (yield* rejectsOf(table)).map((reject) => reject["column_name"]),
        [...bad].map(() => null),
      )
    }),
  )

  it.effect("asks the format where rejects are in the file as received", () =>
    Effect.gen(function* () {
      const relation = csvRelation(localFile(file("a;b\n1;2\n3\n4;5\n6;7;8\n")), ["a", "b"])
      const [table] =
        (yield* (yield* Engine).typeRelations(
          [
            {
              ...relation,
              rejects: {
                sql: relation.rejects?.sql ?? (() => ""),
                keeps: relation.rejects?.keeps ?? [],
                located: (offsets) => Effect.succeed(offsets.map((offset) => offset * 100)),
              },
            },
          ],
          auto,
        )) ?? []
      assert.deepStrictEqual(table === undefined ? [] : (yield* rejectsOf(table)).map(({ raw, byte }) => [raw, byte]), [
        ["3", 800n],
        ["6;7;8", 1400n],
      ])
    }),
  )

  it.effect("declines a relation that reports records it may have misread", () =>
    Effect.gen(function* () {
      const path = file('a;b\n1;2\n"x" y;3\n')
      assert.isUndefined(yield* (yield* Engine).typeRelations([csvRelation(localFile(path), ["a", "b"])], auto))
      const failing = { ...csvRelation(localFile(path), ["a", "b"]), sql: () => "select nothing from nowhere" }
      assert.isUndefined(yield* (yield* Engine).typeRelations([failing], auto))
    }),
  )

  it.effect("reads otherwise what it declines: records that say their numbers, rejects from a file", () =>
    Effect.gen(function* () {
      const declined = csvRelation(localFile(file('a;b\n1;2\n"x" y;3\n')), ["a", "b"])
      const base = csvRelation(localFile(file("a;b;n\n1;2;1\n3;4;3\n")), ["a", "b", "n"])
      const numbered: Relation = {
        ...base,
        columns: declined.columns,
        numbered: true,
        sql: (path) => `select r0, r1, r2::bigint from (${base.sql(path)})`,
        rejects: {
          input: localFile(file("row,raw\n2,x;y;z\n")),
          sql: (path) =>
            `select "row", 'too-many-columns' as code, raw, 'why' as message, 3 as line, 8 as byte, 5 as byte_length from read_csv(${path})`,
          keeps: ["too-many-columns"],
        },
      }
      const either = { ...declined, otherwise: Effect.succeed([numbered]) }
      const [table] = (yield* (yield* Engine).typeRelations([either], auto)) ?? []
      if (table === undefined) return assert.fail("declined")
      assert.deepStrictEqual(yield* rowsOf(table), [
        { _row: 1n, a: 1n, b: 2n },
        { _row: 3n, a: 3n, b: 4n },
      ])
      assert.deepStrictEqual(
        (yield* rejectsOf(table)).map(({ _row, raw, code }) => [_row, raw, code]),
        [[2n, "x;y;z", "too-many-columns"]],
      )
    }),
  )

  it.effect("reads a stream as it reads the file", () =>
    Effect.gen(function* () {
      const csv = `id;v\n${lines(200_000, (i) => `${i};${i}.25`)}\n`
      const path = file(csv)
      const engine = yield* Engine
      const [fromStream] = (yield* engine.typeRelations([csvRelation(streamOf(path), ["id", "v"])], auto)) ?? []
      assert.deepStrictEqual(
        [fromStream?.rows, fromStream === undefined ? {} : types(fromStream)],
        [200_000, { id: "bigint", v: "decimal(18,2)" }],
      )
      assert.deepStrictEqual(
        yield* ask(
          `select count(*) as wrong from (${fromStream?.relation ?? ""}) where _row <> id + 1 or v <> id + 0.25`,
        ),
        [{ wrong: 0n }],
      )
    }),
  )
})
