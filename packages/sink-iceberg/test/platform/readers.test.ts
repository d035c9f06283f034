/** Tables as pyiceberg and DuckDB's iceberg extension read them, after each thing that can happen to a table. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { compactTable } from "../../src/maintenance/compact.ts"
import { expireSnapshots } from "../../src/maintenance/expire.ts"
import type { Snapshot } from "../../src/table/metadata/metadata.ts"
import { inScene, type Scene } from "../scene.ts"
import { everyType } from "./every-type.ts"
import { type Engines, isMissing, localCatalog, startEngines } from "./engines.ts"

describe.skipIf(isMissing)("tables read by other engines", () => {
  let engines: Engines
  beforeAll(() => void (engines = startEngines()))
  afterAll(() => engines.close())

  /** Ours, pyiceberg's and DuckDB's rows are those that are expected, in all columns. */
  const readsEqual = Effect.fnUntraced(function* (scene: Scene, expected: string, snapshot?: Snapshot) {
    const { folder } = scene
    const at = snapshot === undefined ? {} : { snapshot: String(snapshot["snapshot-id"]) }
    const py = join(folder, `py-${Math.random()}.parquet`)
    yield* Effect.promise(() =>
      engines.ask({ do: "pyiceberg_scan", catalog: localCatalog(folder), table: "bronze.t", out: py, ...at }),
    )
    assert.strictEqual(yield* scene.differences(`from '${py}'`, expected), 0, "pyiceberg")
    const { metadataLocation: metadata } = yield* scene.table
    const duck = join(folder, `duck-${Math.random()}.parquet`)
    yield* Effect.promise(() => engines.ask({ do: "duckdb_scan", metadata, out: duck, ...at }))
    assert.strictEqual(yield* scene.differences(`from '${duck}'`, expected), 0, "DuckDB")
    assert.strictEqual(yield* scene.differences(yield* scene.rows(snapshot), expected), 0, "ours")
  })

  it("after an append, with every type", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* scene.load("2026-01-01", everyType(0, 3000))
        yield* scene.load("2026-01-02", everyType(3000, 4000))
        yield* readsEqual(scene, everyType(0, 4000))
      }),
    ))

  it("after a slice was replaced, and at every snapshot before", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        yield* scene.load("2026-01-01", everyType(0, 300))
        yield* scene.load("2026-01-02", everyType(300, 400))
        yield* scene.load("2026-01-01", everyType(1000, 1010), { key: "again" })
        yield* readsEqual(scene, `${everyType(300, 400)} union all ${everyType(1000, 1010)}`)
        const snapshots = (yield* scene.table).metadata.snapshots ?? []
        assert.deepStrictEqual(
          snapshots.map((one) => one.summary["operation"]),
          ["append", "append", "overwrite"],
        )
        const states = [everyType(0, 300), everyType(0, 400)]
        for (const [index, state] of states.entries()) yield* readsEqual(scene, state, snapshots[index])
      }),
    ))

  it("after columns came, widened in place, widened by being written again, and became text", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const steps = [
          "select 1::bigint as a, 1.5::decimal(9,2) as b, date '2026-01-01' as c, 7::bigint as d",
          "select 2::bigint as a, 99999999.25::decimal(12,2) as b, date '2026-01-02' as c, 8::bigint as d, 'x' as e",
          "select 2.5::decimal(3,1) as a, null::decimal(12,2) as b, timestamp '2026-01-03 12:00:00.000001' as c, 9::bigint as d, 'y' as e",
          "select 3.5::decimal(3,1) as a, 0.1::decimal(12,2) as b, timestamp '2026-01-04 12:00:00' as c, 'dix' as d, 'z' as e",
        ]
        for (const [index, sql] of steps.entries()) yield* scene.load(`2026-01-0${index + 1}`, sql)
        yield* readsEqual(
          scene,
          `select * from (values (1::decimal(20,1), 1.5::decimal(12,2), timestamp '2026-01-01', '7', null),
            (2, 99999999.25, timestamp '2026-01-02', '8', 'x'), (2.5, null, timestamp '2026-01-03 12:00:00.000001', '9', 'y'),
            (3.5, 0.1, timestamp '2026-01-04 12:00:00', 'dix', 'z')) v(a, b, c, d, e)`,
        )
      }),
    ))

  it("after many small loads were compacted, and the snapshots before were expired", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        for (let hour = 0; hour < 12; hour++)
          yield* scene.load(
            `2026-01-01T${String(hour).padStart(2, "0")}:00:00.000Z`,
            everyType(hour * 10, hour * 10 + 10),
          )
        yield* compactTable(scene.lakehouse, yield* scene.table, { apply: true })
        const snapshots = (yield* scene.table).metadata.snapshots ?? []
        yield* readsEqual(scene, everyType(0, 120))
        yield* readsEqual(scene, everyType(0, 60), snapshots[5])
        yield* expireSnapshots(scene.lakehouse, yield* scene.table, { keep: 1, olderThan: 0, apply: true })
        yield* scene.load("2026-01-02", everyType(120, 130))
        yield* readsEqual(scene, everyType(0, 130))
      }),
    ))

  it("prunes by what we say of the files, and loses no row by it", () =>
    inScene((scene) =>
      Effect.gen(function* () {
        const { folder } = scene
        for (const [index, from] of [0, 1000, 2000].entries())
          yield* scene.load(
            `2026-01-0${index + 1}`,
            `select *, case when id % 500 = 3 then 'nan'::double else lat end as maybe from (${everyType(from, from + 1000)})`,
          )
        const files = (filter: string) =>
          Effect.promise(() =>
            engines.ask<{ files: number }>({
              do: "pyiceberg_files",
              catalog: localCatalog(folder),
              table: "bronze.t",
              filter,
            }),
          )
        assert.strictEqual((yield* files("_extraction_date = '2026-01-02'")).files, 1, "by partition")
        assert.strictEqual((yield* files("id >= 2500")).files, 1, "by bounds")
        assert.strictEqual((yield* files("vide is not null")).files, 0, "by counts of empty cells")
        const { metadataLocation: metadata } = yield* scene.table
        const all = yield* scene.rows()
        for (const filter of [
          "ts >= '1969-12-31 23:59:59.123456'",
          "tz >= '2024-01-01 00:00:00.5+00'",
          "prix < 3",
          "grand > 2000000000",
          "jour < '1970-01-01'",
          "maybe = 'nan'",
          "ville like 'ville q%'",
          "ok",
        ]) {
          const out = join(folder, "filtered.parquet")
          yield* Effect.promise(() => engines.ask({ do: "duckdb_scan", metadata, out, filter }))
          assert.strictEqual(
            yield* scene.differences(`from '${out}'`, `select * from (${all}) where ${filter}`),
            0,
            filter,
          )
        }
      }),
    ))
})
