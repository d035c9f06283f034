/** Tables that pyiceberg changes and we go on with, and that it reads again. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { copyFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { compactTable } from "../../src/maintenance/compact.ts"
import { verifyTable } from "../../src/maintenance/verify.ts"
import { createViews } from "../../src/read/views.ts"
import { loadQuery, sliceOf } from "../loading.ts"
import { inScene, type Scene } from "../scene.ts"
import { type Engines, isMissing, localCatalog, startEngines } from "./engines.ts"

const rows = (from: number, to: number, name = "v"): string =>
  `select range as id, 'v' || range as ${name} from range(${from}, ${to})`

const hospital = join(import.meta.dirname, "../../../../fixtures/corpus/history-covid-hospit")

describe.skipIf(isMissing)("tables shared with pyiceberg", () => {
  let engines: Engines
  beforeAll(() => void (engines = startEngines()))
  afterAll(() => engines.close())

  const ask = <A>({ folder }: Scene, what: string, request: Readonly<Record<string, unknown>> = {}, table = "t") =>
    Effect.promise(() =>
      engines.ask<A>({ do: what, catalog: localCatalog(folder), table: `bronze.${table}`, ...request }),
    )
  /** Rows as a file that pyiceberg takes. */
  const written = Effect.fnUntraced(function* (scene: Scene, sql: string) {
    const out = join(scene.folder, `foreign-${Math.random()}.parquet`)
    yield* ask(scene, "duckdb_write", { sql, out })
    return out
  })
  const readsEqual = Effect.fnUntraced(function* (scene: Scene, expected: string) {
    const out = join(scene.folder, `py-${Math.random()}.parquet`)
    yield* ask(scene, "pyiceberg_scan", { out })
    assert.strictEqual(yield* scene.differences(`from '${out}'`, expected), 0, "pyiceberg")
    assert.strictEqual(yield* scene.differences(yield* scene.rows(), expected), 0, "ours")
    const duck = join(scene.folder, `duck-${Math.random()}.parquet`)
    yield* ask(scene, "duckdb_scan", { metadata: (yield* scene.table).metadataLocation, out: duck })
    assert.strictEqual(yield* scene.differences(`from '${duck}'`, expected), 0, "DuckDB")
  })

  it("take rows from both, in turn", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* scene.load("2026-01-01", rows(0, 10))
        yield* ask(scene, "pyiceberg_append", {
          rows: yield* written(scene, `select *, date '2026-01-01' as _extraction_date from (${rows(100, 105)})`),
        })
        yield* scene.load("2026-01-02", rows(10, 20))
        yield* readsEqual(scene, `${rows(0, 20)} union all ${rows(100, 105)}`)
        // The slice is ours alone: what pyiceberg put into the same partition stays.
        yield* scene.load("2026-01-01", rows(50, 51), { key: "again" })
        yield* readsEqual(scene, `${rows(10, 20)} union all ${rows(50, 51)} union all ${rows(100, 105)}`)
        assert.deepStrictEqual((yield* verifyTable(scene.lakehouse, yield* scene.table)).problems, [])
      }),
    ))

  it("keep their rows when pyiceberg adds, renames, drops and moves columns", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* scene.load("2026-01-01", `select *, 1.5::decimal(9,2) as d, true as b from (${rows(0, 10)})`)
        yield* ask(scene, "pyiceberg_evolve", {
          changes: [
            { change: "rename", name: "v", to: "w" },
            { change: "add", name: "extra", type: "string" },
            { change: "drop", name: "b" },
            { change: "widen", name: "d", type: "decimal(38,2)" },
            { change: "first", name: "id" },
          ],
        })
        assert.deepStrictEqual(
          (yield* scene.session.describe("t"))?.columns.map(({ name, type }) => [name, type]),
          [
            ["id", "bigint"],
            ["w", "text"],
            ["d", "decimal(38,2)"],
            ["extra", "text"],
          ],
        )
        yield* scene.load("2026-01-02", `select *, 'new' as extra from (${rows(10, 20, "w")})`)
        yield* readsEqual(
          scene,
          `select *, 1.5::decimal(38,2) as d, null as extra from (${rows(0, 10, "w")}) union all by name select *, null as d, 'new' as extra from (${rows(10, 20, "w")})`,
        )
      }),
    ))

  it("stay right when pyiceberg deletes rows and expires snapshots; the ledger outlives them", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* scene.load("2026-01-01", rows(0, 10))
        yield* scene.load("2026-01-02", rows(10, 20))
        yield* ask(scene, "pyiceberg_delete", { filter: "id < 5" })
        yield* readsEqual(scene, rows(5, 20))
        const snapshots = (yield* scene.table).metadata.snapshots ?? []
        yield* ask(scene, "pyiceberg_expire", {
          snapshots: snapshots.slice(0, 2).map((snapshot) => String(snapshot["snapshot-id"])),
        })
        assert.strictEqual((yield* scene.load("2026-01-02", rows(10, 20))).outcome, "already-loaded")
        yield* scene.load("2026-01-03", rows(20, 30))
        yield* readsEqual(scene, rows(5, 30))
      }),
    ))

  it("are refused, not read wrongly, when a file without field ids was added", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* scene.load("2026-01-01", rows(0, 10))
        const path = yield* written(scene, `select *, date '2026-01-01' as _extraction_date from (${rows(10, 20)})`)
        yield* ask(scene, "pyiceberg_add_files", { path: `file://${path}` })
        const error = yield* Effect.flip(createViews(scene.lakehouse))
        assert.include(error.message, "without field ids")
        assert.strictEqual(
          (yield* Effect.flip(compactTable(scene.lakehouse, yield* scene.table, { apply: true }))).message,
          error.message,
        )
        const { problems } = yield* verifyTable(scene.lakehouse, yield* scene.table)
        assert.include(
          problems.map((problem) => problem.kind),
          "no-field-ids",
        )
      }),
    ))

  it("have the bounds that pyiceberg would write, for random values", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        interface Bounds {
          readonly files: ReadonlyArray<
            Readonly<Record<"lower" | "upper" | "nulls", Readonly<Record<string, unknown>>>>
          >
        }
        const runs = process.env["ODH_LONG"] === "1" ? 200 : 15
        for (let seed = 1; seed <= runs; seed++) {
          const table = `r${seed}`
          const count = 1 + (seed % 40)
          yield* scene.lakehouse.connection.run(`select setseed(${seed / 1000})`)
          const values = join(scene.folder, `${table}.parquet`)
          yield* scene.lakehouse.connection.run(
            `copy (select case when random() < 0.1 then null else ((random() - 0.5) * 1e18)::bigint end as l, ((random() - 0.5) * 1e7)::decimal(9,2) as d9,
              ((random() - 0.5) * 1e15)::decimal(18,3) as d18, ((random() - 0.5) * 1e17)::decimal(38,10) as d38, random() > 0.5 as b,
              date '1970-01-01' + ((random() - 0.5) * 100000)::integer as day, make_timestamp(((random() - 0.5) * 4e15)::bigint) as ts,
              make_timestamp(((random() - 0.5) * 4e15)::bigint)::timestamptz as tz, md5(random()::varchar)[:(random() * 20)::integer] as s,
              chr((32 + random() * 1000)::integer) || repeat('é', (random() * 30)::integer) || chr(128512 + (random() * 40)::integer) as u,
              encode(md5(random()::varchar)[:(random() * 30)::integer]) as bin
              from range(${count})) to '${values}' (format parquet)`,
          )
          const load = (name: string, sql: string) =>
            loadQuery(scene.session, scene.lakehouse.connection, {
              key: name,
              slice: sliceOf("2026-01-01"),
              table: name,
              sql,
            })
          yield* load(table, `from '${values}'`)
          yield* load(`${table}_py`, `from '${values}' limit 0`)
          const out = join(scene.folder, `${table}-py.parquet`)
          yield* ask(scene, "pyiceberg_scan", { out }, table)
          yield* ask(scene, "pyiceberg_append", { rows: out }, `${table}_py`)
          const [ours] = (yield* ask<Bounds>(scene, "pyiceberg_bounds", {}, table)).files
          const [theirs] = (yield* ask<Bounds>(scene, "pyiceberg_bounds", {}, `${table}_py`)).files
          for (const side of ["lower", "upper", "nulls"] as const)
            assert.deepStrictEqual(ours?.[side], theirs?.[side], `${side}, seed ${seed}`)
        }
      }),
    ))

  it("give each of the 28 states of the hospital figures as of its day: at snapshots, and out of the changes of a history", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const states = readdirSync(hospital)
          .filter((name) => name.endsWith(".csv.gz"))
          .toSorted()
        assert.lengthOf(states, 28)
        const state = (name: string): string =>
          `select * from read_csv('${join(scene.folder, name)}', delim = ';', header = true, all_varchar = true, auto_detect = false, quote = '"', strict_mode = false, columns = {dep: 'varchar', sexe: 'varchar', jour: 'varchar', hosp: 'varchar', rea: 'varchar', rad: 'varchar', dc: 'varchar'})`
        const snapshots: Array<string> = []
        for (const name of states) {
          copyFileSync(join(hospital, name), join(scene.folder, name))
          yield* scene.load(name.slice(0, 10), state(name), { mode: "latest" })
          snapshots.push(String((yield* scene.table).metadata["current-snapshot-id"]))
          yield* loadQuery(scene.session, scene.lakehouse.connection, {
            key: `past ${name}`,
            slice: sliceOf(name.slice(0, 10)),
            table: "past",
            sql: state(name),
            mode: "history",
          })
        }
        const changes = join(scene.folder, "changes.parquet")
        yield* ask(scene, "pyiceberg_scan", { out: changes }, "past")
        for (const [index, name] of states.entries()) {
          const out = join(scene.folder, "state.parquet")
          yield* ask(scene, "pyiceberg_scan", { out, snapshot: snapshots[index] })
          assert.strictEqual(yield* scene.differences(`from '${out}'`, state(name)), 0, `${name} at its snapshot`)
          const cells = ["dep", "sexe", "jour", "hosp", "rea", "rad", "dc"].map((cell) => `max(${cell}) as ${cell}`)
          const then = `select ${cells.join(", ")} from '${changes}'
            where _valid_from <= '${name.slice(0, 10)}T12:00:00Z' group by _dataset_id, _resource_id, _hash, _copy having sum(_change) > 0`
          assert.strictEqual(yield* scene.differences(then, state(name)), 0, `${name} as of its day`)
        }
      }),
    ))
})
