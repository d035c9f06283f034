/** Tables that come batch by batch, and the views that sinks take of them. */
import { assert, describe, it, layer as withLayer } from "@effect/vitest"
import { Engine, type Reject, type TableEvent } from "@opendatahub-sql/core"
import { layer, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { engineLayer, auto, ask, rowsOf, rejectsOf, nowhere, types, typed, eventsOf, lines } from "./engine-tables.ts"

withLayer(engineLayer)("the engine", (it) => {
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
