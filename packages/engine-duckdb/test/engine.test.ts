import { assert, describe, it, layer as withLayer } from "@effect/vitest"
import {
  type ColumnType,
  Engine,
  type Reject,
  type TableEvent,
  type TypedTable,
  type Typing,
} from "@opendatahub-sql/core"
import { layer, literal, openDatabase, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { csvRelation, localFile, streamOf } from "./csv-relation.ts"

const workFolder = mkdtempSync(join(tmpdir(), "odh-engine-"))
const removed = Layer.effectDiscard(
  Effect.addFinalizer(() => Effect.sync(() => rmSync(workFolder, { recursive: true, force: true }))),
)
const engineLayer = Layer.provideMerge(layer({ workFolder, threads: 2 }), removed)

const auto: Typing = { types: "auto", tolerance: 0.999, pinned: () => undefined, atLeast: () => undefined }

let serial = 0
const file = (text: string | Uint8Array): string => {
  const path = join(workFolder, `input-${serial++}.csv`)
  writeFileSync(path, text)
  return path
}

const covid = new URL("../../../fixtures/corpus/history-covid-hospit/", import.meta.url).pathname

/** Runs SQL over the tables, outside the engine that made them. */
const ask = (sql: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder })
      return yield* (yield* database.connect).all(sql)
    }),
  )

const rowsOf = (table: TypedTable): Effect.Effect<ReadonlyArray<QueryRow>, unknown> => ask(table.relation)
const rejectsOf = (table: TypedTable): Effect.Effect<ReadonlyArray<QueryRow>, unknown> => ask(table.rejects)
const nowhere = { column_name: null, message: null, line: null, byte: null, byte_length: null }
const withoutWhy = ({ name, original, type, nulls }: TypedTable["columns"][number]) => ({ name, original, type, nulls })
const types = (table: TypedTable): Readonly<Record<string, ColumnType>> =>
  Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))

/** Types a CSV text through a relation. */
const typed = Effect.fnUntraced(function* (text: string, typing: Typing = auto, delimiter = ";") {
  const path = file(text)
  const [header = ""] = text.split(/\r?\n/)
  const tables = yield* (yield* Engine).typeRelations(
    [csvRelation(localFile(path), header.split(delimiter), delimiter)],
    typing,
  )
  const table = tables?.[0]
  if (table === undefined) return yield* Effect.die("the engine declined")
  return table
})

/** The same through events: records cut by hand. */
const eventsOf = (text: string, delimiter = ";"): Stream.Stream<TableEvent> => {
  const [header = "", ...records] = text.split(/\r?\n/).filter((record) => record !== "")
  const columns = header.split(delimiter).map((name) => ({ name }))
  const cells = records.map((record) => record.split(delimiter))
  const batches: Array<TableEvent> = []
  for (let at = 0; at < cells.length; at += 1000) {
    const some = cells.slice(at, at + 1000)
    batches.push({
      _tag: "Batch",
      table: "main",
      size: some.length,
      columns: columns.map((_, c) => some.map((row) => (row[c] === "" ? null : (row[c] ?? null)))),
      rowNumbers: Float64Array.from(some, (_, i) => at + i + 1),
    })
  }
  return Stream.fromArray([{ _tag: "TableStarted", table: "main", columns }, ...batches])
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n")

withLayer(engineLayer)("the engine", (it) => {
  it.effect("loses nothing of the covid file whose days are written in two forms", () =>
    Effect.gen(function* () {
      const csv = gunzipSync(readFileSync(join(covid, "2020-06-29.csv.gz"))).toString()
      const records = csv
        .split(/\r?\n/)
        .slice(1)
        .filter((record) => record !== "")
        .map((record) => record.replaceAll('"', "").split(";"))
      const table = yield* typed(csv.replaceAll('"', ""))
      assert.deepStrictEqual(types(table), {
        dep: "text",
        sexe: "bigint",
        jour: "date",
        hosp: "bigint",
        rea: "bigint",
        rad: "bigint",
        dc: "bigint",
      })
      assert.deepStrictEqual([table.rows, table.rowRejects, table.cellRejects], [records.length, 0, 0])
      const rows = yield* rowsOf(table)
      rows.forEach((row, index) => {
        const [dep = "", sexe, jour = "", ...counts] = records[index] ?? []
        const day = jour.includes("/") ? jour.split("/").toReversed().join("-") : jour
        assert.deepStrictEqual(Object.values(row), [
          BigInt(index + 1),
          dep === "" ? null : dep,
          BigInt(sexe ?? ""),
          day,
          ...counts.map(BigInt),
        ])
      })
    }),
  )

  it.effect("gives every day of the covid series the same types, so that all files are one table", () =>
    Effect.gen(function* () {
      for (const name of readdirSync(covid)
        .filter((entry) => entry.endsWith(".gz"))
        .slice(0, 8)) {
        const table = yield* typed(
          gunzipSync(readFileSync(join(covid, name)))
            .toString()
            .replaceAll(/["\r]/g, ""),
        )
        assert.deepStrictEqual(
          Object.values(types(table)),
          ["text", "bigint", "date", "bigint", "bigint", "bigint", "bigint"],
          name,
        )
      }
    }),
  )

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

  it.effect("makes the column text when one late value proves a code, keeping its zeros", () =>
    Effect.gen(function* () {
      const csv = `code;n\n${lines(300_000, (i) => (i === 299_990 ? `01001;${i}` : `${10_000 + (i % 80_000)};${i}`))}\n`
      const table = yield* typed(csv)
      assert.deepStrictEqual(types(table), { code: "text", n: "bigint" })
      assert.include(table.columns[0]?.why ?? "", "01001")
      assert.deepStrictEqual(yield* ask(`select _row, code from (${table.relation}) where n = 299990`), [
        { _row: 299_991n, code: "01001" },
      ])
    }),
  )

  it.effect(
    "makes a column text when too many late values are words, and takes NaN for no value where all else is a number",
    () =>
      Effect.gen(function* () {
        const csv = `id;n\n${lines(300_000, (i) => `${i};${i > 250_000 && i % 100 === 0 ? "beaucoup" : i}`)}\n`
        const table = yield* typed(csv)
        assert.deepStrictEqual(types(table), { id: "bigint", n: "text" })
        assert.deepStrictEqual(yield* ask(`select count(*) as n from (${table.relation}) where n = 'beaucoup'`), [
          { n: 499n },
        ])
        const unknown = yield* typed(csv.replaceAll("beaucoup", "NaN"))
        assert.deepStrictEqual(types(unknown), { id: "bigint", n: "bigint" })
        assert.deepStrictEqual([unknown.columns[1]?.nulls, unknown.cellRejects], [499, 0])
        assert.include(unknown.columns[1]?.why ?? "", "NaN")
      }),
  )

  it.effect("widens when late values have more decimals, a time of day or scientific notation", () =>
    Effect.gen(function* () {
      const csv = `price;at;count\n${lines(300_000, (i) => (i === 299_000 ? "1.23456;2024-01-01 10:00:00;12.5" : `${i}.5;2024-01-01;${i}`))}\n`
      const table = yield* typed(csv)
      assert.deepStrictEqual(types(table), { price: "decimal(18,5)", at: "timestamp", count: "decimal(18,1)" })
      assert.strictEqual(table.cellRejects, 0)
      assert.deepStrictEqual(yield* ask(`select * from (${table.relation}) where _row = 299001`), [
        { _row: 299_001n, price: "1.23456", at: "2024-01-01T10:00:00", count: "12.5" },
      ])
    }),
  )

  it.effect("turns days and months round when late values prove it, unless others prove the contrary", () =>
    Effect.gen(function* () {
      const two = (n: number): string => String(n).padStart(2, "0")
      const csv = (late: ReadonlyMap<number, string>) =>
        `id;d\n${lines(300_000, (i) => `${i};${late.get(i) ?? `${two(1 + (i % 12))}/${two(1 + (i % 11))}/2024`}`)}\n`
      const monthFirst = yield* typed(csv(new Map([[150_001, "12/31/2024"]])))
      const second = (table: TypedTable) => ask(`select d from (${table.relation}) where id = 1`)
      assert.deepStrictEqual(
        [types(monthFirst)["d"], monthFirst.cellRejects, yield* second(monthFirst)],
        ["date", 0, [{ d: "2024-02-02" }]],
      )
      assert.deepStrictEqual(
        yield* ask(`select d from (${monthFirst.relation}) where id in (11, 150001) order by id`),
        [{ d: "2024-12-01" }, { d: "2024-12-31" }],
      )
      const both = yield* typed(
        csv(
          new Map([
            [150_001, "12/31/2024"],
            [150_777, "31/12/2024"],
          ]),
        ),
      )
      assert.deepStrictEqual(
        [types(both)["d"], (yield* rejectsOf(both)).map(({ raw, _row }) => [raw, _row])],
        ["date", [["12/31/2024", 150_002n]]],
      )
      assert.deepStrictEqual(yield* ask(`select d from (${both.relation}) where id = 11`), [{ d: "2024-01-12" }])
    }),
  )

  it.effect("finds the type of a column that is empty in the sample", () =>
    Effect.gen(function* () {
      const csv = `n;rare\n${lines(400_000, (i) => (i === 131_071 ? `${i};31/12/2024` : `${i};`))}\n`
      assert.deepStrictEqual(types(yield* typed(csv)), { n: "bigint", rare: "date" })
    }),
  )

  it.effect(
    "keeps a type that one value in a thousand does not fit, with the value as a reject, and gives it up for more",
    () =>
      Effect.gen(function* () {
        const csv = (bad: number) => `n;b\n${lines(20_000, (i) => `${i};${i % 20_000 < bad ? "beaucoup" : i}`)}\n`
        const table = yield* typed(csv(20))
        assert.deepStrictEqual([types(table)["b"], table.cellRejects, table.columns[1]?.nulls], ["bigint", 20, 20])
        assert.deepStrictEqual((yield* rejectsOf(table))[7], {
          kind: "cell",
          _row: 8n,
          column_name: "b",
          code: "not-bigint",
          raw: "beaucoup",
          message: null,
          line: null,
          byte: null,
          byte_length: null,
        })
        assert.deepStrictEqual(types(yield* typed(csv(21)))["b"], "text")
      }),
  )

  it.effect("takes off a unit that all values have, and says which", () =>
    Effect.gen(function* () {
      const table = yield* typed(
        `n;part;Prix TTC\n${lines(20_000, (i) => `${i};${i % 100},5 %;${1 + (i % 7)} 234,50 €`)}\n`,
      )
      assert.deepStrictEqual(types(table), { n: "bigint", part: "decimal(18,1)", prix_ttc: "decimal(18,2)" })
      assert.deepStrictEqual(table.facts, { units: { part: ["%"], "Prix TTC": ["€"] } })
      assert.deepStrictEqual(yield* ask(`select part, prix_ttc from (${table.relation}) where n = 13`), [
        { part: "13.5", prix_ttc: "7234.50" },
      ])
    }),
  )

  it.effect("keeps a column as text when late values have another unit, or none", () =>
    Effect.gen(function* () {
      for (const other of ["12 m", "12"]) {
        const csv = `n;d\n${lines(300_000, (i) => `${i};${i > 250_000 && i % 50 === 0 ? other : `${i % 90} km`}`)}\n`
        assert.deepStrictEqual(types(yield* typed(csv)), { n: "bigint", d: "text" }, other)
      }
    }),
  )

  it.effect("says what a spreadsheet did to values, and does not undo it", () =>
    Effect.gen(function* () {
      const csv = `siret;date_debut;fin;taille\n${lines(2_000, (i) =>
        [
          i % 9 === 0 ? "2,601E+13" : `2601234567${1000 + i}`,
          43831 + (i % 300),
          i % 40 === 0 ? "43831" : "01/02/2020",
          i === 77 ? "mars-18" : "3-18",
        ].join(";"),
      )}\n`
      const table = yield* typed(csv)
      assert.deepStrictEqual(types(table), { siret: "text", date_debut: "bigint", fin: "text", taille: "text" })
      assert.deepStrictEqual(table.warnings, [
        'column "siret": a spreadsheet shortened codes to numbers such as 2,601E+13; their other digits are not in the file, the column is kept as text',
        'column "date_debut": 43831 is how a spreadsheet stores the day 2020-01-01; the numbers are left as they are',
        'column "fin": 43831 is how a spreadsheet stores the day 2020-01-01; the column is kept as text',
        'column "taille": a spreadsheet wrote mars-18 for a day or a code; the column is kept as text',
      ])
      const clean = yield* typed(`code_postal;date;mois\n35000;01/02/2020;janv-20\n59000;02/02/2020;févr-20\n`)
      assert.deepStrictEqual(clean.warnings, [])
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

  it.effect("takes the types that are asked for, and joins those that are already there", () =>
    Effect.gen(function* () {
      const csv = `Code Postal;n;jour;vide\n01001;1;2024-01-31;\n75056;x;31/01/2024;\n`
      const pinned: Readonly<Record<string, ColumnType>> = { code_postal: "bigint", n: "bigint" }
      const wide: Readonly<Record<string, ColumnType>> = { jour: "timestamp", vide: "decimal(18,2)" }
      const table = yield* typed(csv, {
        ...auto,
        pinned: (_, column) => pinned[column],
        atLeast: (_, column) => wide[column],
      })
      assert.deepStrictEqual(types(table), {
        code_postal: "bigint",
        n: "bigint",
        jour: "timestamp",
        vide: "decimal(18,2)",
      })
      assert.deepStrictEqual(yield* rowsOf(table), [
        { _row: 1n, code_postal: 1001n, n: 1n, jour: "2024-01-31T00:00:00", vide: null },
        { _row: 2n, code_postal: 75056n, n: null, jour: "2024-01-31T00:00:00", vide: null },
      ])
      assert.deepStrictEqual(
        (yield* rejectsOf(table)).map(({ raw, column_name, code }) => ({ raw, column_name, code })),
        [{ raw: "x", column_name: "n", code: "not-bigint" }],
      )
      const text = yield* typed("n\n1 234,50\n", { ...auto, atLeast: () => "text" })
      assert.deepStrictEqual(yield* rowsOf(text), [{ _row: 1n, n: "1 234,50" }])
      assert.deepStrictEqual(types(yield* typed(csv, { ...auto, types: "text" })), {
        code_postal: "text",
        n: "text",
        jour: "text",
        vide: "text",
      })
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

  it.effect(
    "stages tables that are open together, with columns that come late and children that know their parents",
    () =>
      Effect.gen(function* () {
        const rejects: ReadonlyArray<Reject> = [
          {
            row: 2,
            raw: 'broken, "record"',
            code: "unreadable-row",
            message: "why",
            line: 3,
            byte: 40,
            byteLength: 16,
          },
          { row: 3, column: "Ville", raw: "?", code: "not-text" },
          { row: 3, column: 2, raw: "é".repeat(20_000), code: "unreadable-cell" },
          // As a plugin in JavaScript may call it.
          { row: 4, raw: "x", code: "odd", message: "by me" } as unknown as Reject,
        ]
        const batch = (
          table: string,
          rows: ReadonlyArray<number>,
          columns: ReadonlyArray<ReadonlyArray<string | null>>,
          parents?: ReadonlyArray<number>,
        ): TableEvent => ({
          _tag: "Batch",
          table,
          size: rows.length,
          columns,
          rowNumbers: Float64Array.from(rows),
          ...(parents === undefined ? {} : { parentRows: Float64Array.from(parents) }),
        })
        const tables = yield* (yield* Engine).typeEvents(
          Stream.fromArray<TableEvent>([
            { _tag: "Facts", facts: { encoding: "utf-8" } },
            { _tag: "TableStarted", table: "pdv", columns: [{ name: "Ville" }] },
            { _tag: "TableStarted", table: "prix", parent: "pdv", columns: [{ name: "valeur" }] },
            batch("pdv", [1], [["Ain"]]),
            batch("prix", [1, 2], [["1,50", ""]], [1, 1]),
            { _tag: "ColumnsAdded", table: "pdv", columns: [{ name: "CP" }, { name: "ville" }] },
            batch("pdv", [3], [[null], ["01000"], ['a,"b"\r\nc']]),
            { _tag: "Rejects", table: "pdv", rejects },
            batch("prix", [3], [["2,75"]], [3]),
            { _tag: "Facts", table: "prix", facts: { unit: "€" } },
          ]),
          auto,
        )
        const [pdv, prix] = tables
        assert.deepStrictEqual(
          tables.map(({ name, parent, facts }) => ({ name, parent, facts })),
          [
            { name: "pdv", parent: undefined, facts: { encoding: "utf-8" } },
            { name: "prix", parent: "pdv", facts: { encoding: "utf-8", unit: "€" } },
          ],
        )
        if (pdv === undefined || prix === undefined) return
        assert.deepStrictEqual(yield* rowsOf(pdv), [
          { _row: 1n, ville: "Ain", cp: null, ville_2: null },
          { _row: 3n, ville: null, cp: "01000", ville_2: 'a,"b"\r\nc' },
        ])
        assert.deepStrictEqual([pdv.rows, pdv.rowRejects, pdv.cellRejects, pdv.rejectedRows], [2, 2, 2, 3])
        assert.deepStrictEqual(yield* rejectsOf(pdv), [
          {
            ...nowhere,
            kind: "row",
            _row: 2n,
            code: "unreadable-row",
            raw: 'broken, "record"',
            message: "why",
            line: 3n,
            byte: 40n,
            byte_length: 16n,
          },
          { ...nowhere, kind: "cell", _row: 3n, column_name: "ville", code: "not-text", raw: "?" },
          {
            ...nowhere,
            kind: "cell",
            _row: 3n,
            column_name: "ville_2",
            code: "unreadable-cell",
            raw: `${"é".repeat(10_000)}…`,
          },
          { ...nowhere, kind: "row", _row: 4n, code: "unreadable-row", raw: "x", message: "odd: by me" },
        ])
        assert.deepStrictEqual(yield* rowsOf(prix), [
          { _row: 1n, _parent_row: 1n, valeur: "1.50" },
          { _row: 2n, _parent_row: 1n, valeur: null },
          { _row: 3n, _parent_row: 3n, valeur: "2.75" },
        ])
        const batches = yield* Stream.runCollect(prix.batches())
        assert.deepStrictEqual(
          batches.map(({ rowNumbers, parentRows, columns }) => [[...rowNumbers], [...(parentRows ?? [])], columns]),
          [[[1, 2, 3], [1, 1, 3], [["1.50", null, "2.75"]]]],
        )
        const path = yield* (yield* Engine).rejectsParquet(tables)
        assert.deepStrictEqual(
          yield* ask(`select table_name, _row from read_parquet(${literal(path ?? "")}) order by _row`),
          [
            { table_name: "pdv", _row: 2n },
            { table_name: "pdv", _row: 3n },
            { table_name: "pdv", _row: 3n },
            { table_name: "pdv", _row: 4n },
          ],
        )
      }),
  )

  it.effect("keeps typed cells exactly", () =>
    Effect.gen(function* () {
      const columns = [
        { name: "b", type: "bigint" },
        { name: "d", type: "decimal(38,20)" },
        { name: "f", type: "double" },
        { name: "day", type: "date" },
        { name: "at", type: "timestamptz" },
        { name: "yes", type: "boolean" },
        { name: "raw", type: "blob" },
        { name: "doc", type: "json" },
        { name: "text", type: "text" },
      ] as const
      const cells = [
        [9007199254740993n, null],
        ["123456789012345678.00000000000000000001", "0"],
        [0.1, Infinity],
        ["2024-02-29", null],
        ["2024-01-01T00:00:00.000001Z", null],
        [true, false],
        [Uint8Array.of(0, 255), new Uint8Array()],
        ['{"a": 1}', null],
        ["", "\ufeffa\0b"],
      ]
      const [table] = yield* (yield* Engine).typeEvents(
        Stream.fromArray<TableEvent>([
          { _tag: "TableStarted", table: "t", columns },
          { _tag: "Batch", table: "t", size: 2, columns: cells, rowNumbers: Float64Array.of(1, 2) },
        ]),
        auto,
      )
      const [batch] = table === undefined ? [] : yield* Stream.runCollect(table.batches())
      assert.deepStrictEqual(batch?.columns, [
        [9007199254740993n, null],
        ["123456789012345678.00000000000000000001", "0.00000000000000000000"],
        [0.1, Infinity],
        ["2024-02-29", null],
        ["2024-01-01T00:00:00.000001Z", null],
        [true, false],
        [Uint8Array.of(0, 255), new Uint8Array()],
        ['{"a": 1}', null],
        ["", "\ufeffa\0b"],
      ])
    }),
  )

  it.effect("takes a cell of 24 MB and a table of 300 columns", () =>
    Effect.gen(function* () {
      const long = "é".repeat(12 * 1024 * 1024)
      const [big] = yield* (yield* Engine).typeEvents(
        Stream.fromArray<TableEvent>([
          { _tag: "TableStarted", table: "t", columns: [{ name: "v" }, { name: "n" }] },
          {
            _tag: "Batch",
            table: "t",
            size: 3,
            columns: [
              ["a", long, "b"],
              ["1", "2", "3"],
            ],
            rowNumbers: Float64Array.of(1, 2, 3),
          },
        ]),
        auto,
      )
      assert.deepStrictEqual(
        yield* ask(
          `select n, strlen(v) as bytes, v = repeat('é', 12 * 1024 * 1024) as same from (${big?.relation ?? ""})`,
        ),
        [
          { n: 1n, bytes: 1n, same: false },
          { n: 2n, bytes: BigInt(24 * 1024 * 1024), same: true },
          { n: 3n, bytes: 1n, same: false },
        ],
      )
      const names = Array.from({ length: 300 }, (_, c) => `c${c}`)
      const wide = yield* typed(
        `${names.join(";")}\n${lines(3000, (i) => names.map((_, c) => `${i},${c}`).join(";"))}\n`,
      )
      assert.deepStrictEqual(
        [wide.rows, new Set(Object.values(types(wide)))],
        [
          3000,
          new Set(
            ["decimal(18,3)", "decimal(18,2)", "decimal(18,1)"].slice(0, new Set(Object.values(types(wide))).size),
          ),
        ],
      )
    }),
  )

  it.effect("cuts Parquet views: columns, field ids, types, file sizes", () =>
    Effect.gen(function* () {
      const table = yield* typed(
        `id;code;bad\n${lines(100_000, (i) => `${i};${String(i).padStart(6, "0")};${i === 5 ? "x" : i}`)}\n`,
      )
      assert.strictEqual(table.cellRejects, 1)
      const [plain] = yield* table.parquet()
      assert.deepStrictEqual(
        yield* ask(
          `select count(*) as n, sum(id) as s, any_value(code) as code from read_parquet(${literal(plain?.path ?? "")}) where code = '000007'`,
        ),
        [{ n: 1n, s: 7n, code: "000007" }],
      )
      assert.deepStrictEqual(
        (yield* ask(`select name from parquet_schema(${literal(plain?.path ?? "")})`)).map(({ name }) => name),
        ["duckdb_schema", "id", "code", "bad"],
      )
      const files = yield* table.parquet({
        columns: ["_row", "id"],
        fieldIds: { _row: 7, id: 3 },
        types: { id: "decimal(20,1)" },
        fileBytes: 60_000,
        rowGroupRows: 10_240,
      })
      assert.isAbove(files.length, 1)
      assert.strictEqual(
        files.reduce((sum, { rows }) => sum + rows, 0),
        100_000,
      )
      const schema = yield* ask(
        `select name, field_id, precision, scale from parquet_schema(${literal(files[0]?.path ?? "")}) offset 1`,
      )
      assert.deepStrictEqual(schema, [
        { name: "_row", field_id: 7n, precision: null, scale: null },
        { name: "id", field_id: 3n, precision: 20n, scale: 1n },
      ])
    }),
  )

  it.effect("fails with the reader's error, and with the reader's only", () =>
    Effect.gen(function* () {
      const table = yield* Effect.flip(
        (yield* Engine).typeEvents(
          Stream.fromArray<TableEvent>([
            { _tag: "Batch", table: "t", size: 0, columns: [], rowNumbers: new Float64Array() },
          ]),
          auto,
        ),
      )
      assert.include(table.message, "before starting it")
    }),
  )
})

describe("the work folder", () => {
  it.effect("is swept of what dead processes left, and empty when the engine is gone", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-work-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
      )
      const host = hostname().replaceAll(/[^A-Za-z0-9]/g, "")
      const leftovers = [`engine-${host}-999999999-abcdef01`, `engine-${host}-${process.pid}-abcdef02`]
      const others = [`engine-${host}-1-abcdef03`, "engine-elsewhere-999999999-abcdef04", "precious"]
      for (const name of [...leftovers, ...others]) mkdirSync(join(folder, name))
      yield* Effect.gen(function* () {
        const names = readdirSync(folder)
        for (const name of leftovers) assert.notInclude(names, name)
        for (const name of others) assert.include(names, name)
        assert.lengthOf(names, others.length + 1)
        yield* Effect.scoped((yield* Engine).typeEvents(eventsOf("a;b\n1;x\n"), auto))
        const own = names.find((name) => name.includes(`-${process.pid}-`))
        assert.deepStrictEqual(
          readdirSync(join(folder, own ?? "")).filter((name) => name !== "spill"),
          [],
        )
      }).pipe(Effect.provide(layer({ workFolder: folder })))
      assert.sameMembers(readdirSync(folder), others)
    }),
  )
})
