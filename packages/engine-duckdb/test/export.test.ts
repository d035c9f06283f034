import { assert, layer as withLayer } from "@effect/vitest"
import { Engine, type TableEvent, type Typing } from "@opendatahub-sql/core"
import { exportTables, layer, literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { csvRelation, localFile } from "./csv-relation.ts"

const folder = mkdtempSync(join(tmpdir(), "odh-export-"))
const out = join(folder, "out")
mkdirSync(out)
const removed = Layer.effectDiscard(
  Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))),
)
const engineLayer = Layer.provideMerge(layer({ workFolder: join(folder, "work") }), removed)
const auto: Typing = { types: "auto", tolerance: 0.999, pinned: () => undefined, atLeast: () => undefined }

const table = (
  name: string,
  columns: Readonly<Record<string, ReadonlyArray<string | null>>>,
  parents?: ReadonlyArray<number>,
  parent = "a",
): ReadonlyArray<TableEvent> => {
  const cells = Object.values(columns)
  const size = cells[0]?.length ?? 0
  const rowNumbers = Float64Array.from({ length: size }, (_, i) => i + 1)
  return [
    {
      _tag: "TableStarted",
      table: name,
      columns: Object.keys(columns).map((column) => ({ name: column })),
      ...(parents === undefined ? {} : { parent }),
    },
    {
      _tag: "Batch",
      table: name,
      size,
      columns: cells,
      rowNumbers,
      ...(parents === undefined ? {} : { parentRows: Float64Array.from(parents) }),
    },
  ]
}

const typed = (...tables: ReadonlyArray<ReadonlyArray<TableEvent>>) =>
  Effect.flatMap(Engine, (engine) => engine.typeEvents(Stream.fromArray(tables.flat()), auto))

const ask = (sql: string, path?: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: out, ...(path === undefined ? {} : { path }) })
      return yield* (yield* database.connect).all(sql)
    }),
  )

withLayer(engineLayer)("exportTables", (it) => {
  it.effect("writes one table in every format, replacing what was there and leaving nothing else", () =>
    Effect.gen(function* () {
      const tables = yield* typed(table("a", { id: ["1", "2"], prix: ["1,50", null], nom: ["l'é\"t;é", ""] }))
      for (const format of ["parquet", "csv", "ndjson", "duckdb"] as const) {
        const path = join(out, `a.${format}`)
        writeFileSync(path, "old")
        yield* exportTables(tables, { path, format })
      }
      const rows = [
        { id: 1n, prix: "1.50", nom: "l'é\"t;é" },
        { id: 2n, prix: null, nom: "" },
      ]
      assert.deepStrictEqual(yield* ask(`from read_parquet(${literal(join(out, "a.parquet"))})`), rows)
      assert.deepStrictEqual(yield* ask("from a", join(out, "a.duckdb")), rows)
      assert.strictEqual(readFileSync(join(out, "a.csv"), "utf8"), 'id,prix,nom\n1,1.50,"l\'é""t;é"\n2,,""\n')
      assert.strictEqual(
        readFileSync(join(out, "a.ndjson"), "utf8"),
        '{"id":1,"prix":1.50,"nom":"l\'é\\"t;é"}\n{"id":2,"prix":null,"nom":""}\n',
      )
      assert.sameMembers(readdirSync(out), ["a.parquet", "a.csv", "a.ndjson", "a.duckdb"])
    }),
  )

  it.effect("links the engine's own file instead of writing one table again", () =>
    Effect.gen(function* () {
      const input = join(folder, "input.csv")
      writeFileSync(input, "id\n1\n")
      const path = join(out, "linked.parquet")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const tables = yield* (yield* Engine).typeRelations([csvRelation(localFile(input), ["id"], "|")], auto)
          yield* exportTables(tables ?? [], { path, format: "parquet" })
          assert.strictEqual(statSync(path).nlink, 2)
          // Nor does the table hold on to what it was read from, which may be a large copy of an archive's member.
          assert.strictEqual(statSync(input).nlink, 1)
        }),
      )
      assert.deepStrictEqual(yield* ask(`from read_parquet(${literal(path)})`), [{ id: 1n }])
    }),
  )

  it.effect("unites the members of one table by column name, in the join of their types", () =>
    Effect.gen(function* () {
      const tables = yield* typed(
        table("a", { id: ["1"], at: ["2024-01-31"], empty: [null] }),
        table("b", { at: ["31/01/2024 10:00"], id: ["2,5"], more: ["x"] }),
      )
      const members = tables.map((one) => ({ ...one, name: "all" }))
      const path = join(out, "all.parquet")
      yield* exportTables(members, { path, format: "parquet" })
      assert.deepStrictEqual(yield* ask(`from read_parquet(${literal(path)})`), [
        { id: "1.0", at: "2024-01-31T00:00:00", empty: null, more: null },
        { id: "2.5", at: "2024-01-31T10:00:00", empty: null, more: "x" },
      ])
    }),
  )

  it.effect("tells of which member of an archive a row is, where several share a table", () =>
    Effect.gen(function* () {
      const tables = yield* typed(table("a", { id: ["1"] }), table("b", { id: ["2"] }))
      const members = tables.map((one) => ({ ...one, name: "all", member: `l'année/${one.name}.csv` }))
      const path = join(out, "members.parquet")
      yield* exportTables(members, { path, format: "parquet" })
      assert.deepStrictEqual(yield* ask(`from read_parquet(${literal(path)})`), [
        { _member: "l'année/a.csv", id: 1n },
        { _member: "l'année/b.csv", id: 2n },
      ])
      yield* exportTables(members.slice(0, 1), { path, format: "parquet" })
      assert.deepStrictEqual(yield* ask(`from read_parquet(${literal(path)})`), [{ id: 1n }])
    }),
  )

  it.effect("keeps what joins a child to its parent", () =>
    Effect.gen(function* () {
      const tables = yield* typed(table("a", { nom: ["x", "y"] }), table("b", { v: ["10", "20", "30"] }, [2, 1, 2]))
      const path = join(out, "both.duckdb")
      yield* exportTables(tables, { path, format: "duckdb" })
      assert.deepStrictEqual(yield* ask("select nom, v from a join b on a._row = b._parent_row order by v", path), [
        { nom: "y", v: 10n },
        { nom: "x", v: 20n },
        { nom: "y", v: 30n },
      ])
    }),
  )

  it.effect("keeps the number of each record when asked to", () =>
    Effect.gen(function* () {
      const path = join(out, "numbered.parquet")
      yield* exportTables(yield* typed(table("a", { n: ["7", "8", "9"] })), {
        path,
        format: "parquet",
        rowNumbers: true,
      })
      const rows = yield* ask(`select _row, n from read_parquet(${literal(path)})`)
      assert.deepStrictEqual(
        rows.map(({ _row, n }) => [Number(_row), Number(n)]),
        [
          [1, 7],
          [2, 8],
          [3, 9],
        ],
      )
    }).pipe(Effect.scoped),
  )

  it.effect("refuses several tables for one file, and leaves the old file alone when it fails", () =>
    Effect.gen(function* () {
      const tables = yield* typed(table("a", { id: ["1"] }), table("b", { id: ["1"] }))
      const path = join(out, "kept.csv")
      writeFileSync(path, "old")
      assert.include(
        (yield* Effect.flip(exportTables(tables, { path, format: "csv" }))).message,
        "holds one table, there are 2: a, b",
      )
      assert.strictEqual(readFileSync(path, "utf8"), "old")
      const nowhere = yield* Effect.flip(
        exportTables(tables.slice(0, 1), { path: join(out, "missing", "x.csv"), format: "csv" }),
      )
      assert.strictEqual(nowhere._tag, "EngineError")
      assert.isFalse(readdirSync(out).some((name) => name.endsWith(".part")))
    }),
  )
})
