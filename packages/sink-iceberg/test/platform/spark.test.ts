/** Tables as Spark reads, changes and cleans them, in turn with us. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { compactTable } from "../../src/maintenance/compact.ts"
import { expireSnapshots } from "../../src/maintenance/expire.ts"
import { verifyTable } from "../../src/maintenance/verify.ts"
import { createViews } from "../../src/read/views.ts"
import type { Snapshot } from "../../src/table/metadata/metadata.ts"
import { loadQuery, sliceOf } from "../loading.ts"
import { openScene, type Scene } from "../scene.ts"
import { run, temporaryFolder } from "../tables.ts"
import { everyType } from "./every-type.ts"
import { startSpark, whyNoSpark } from "./java.ts"
import type { LineProcess } from "./line-process.ts"

if (whyNoSpark !== undefined) console.log(`skipped: ${whyNoSpark}`)

const rows = (from: number, to: number): string => `select range as id, 'v' || range as v from range(${from}, ${to})`

describe.skipIf(whyNoSpark !== undefined)("tables shared with Spark", () => {
  const folder = temporaryFolder()
  let spark: LineProcess
  beforeAll(async () => {
    // The catalog is there before Spark is.
    await run(openScene(folder))
    spark = await startSpark(folder)
  }, 300_000)
  afterAll(() => spark.close())

  const sql = (statement: string) =>
    Effect.promise(() => spark.ask<{ readonly rows: ReadonlyArray<ReadonlyArray<string | null>> }>({ sql: statement }))

  /** A table of its own for each test, in the one folder that Spark has open. */
  const onTable = (
    name: string,
    use: (
      scene: Scene,
      load: (
        day: string,
        query: string,
        options?: { readonly key?: string; readonly mode?: "history" },
      ) => ReturnType<typeof loadQuery>,
      readsEqual: (expected: string, snapshot?: Snapshot) => Effect.Effect<void, unknown>,
    ) => Effect.Effect<void, unknown, never>,
  ) =>
    run(
      Effect.gen(function* () {
        const scene = yield* openScene(folder, name)
        const load = (day: string, query: string, options: { readonly key?: string; readonly mode?: "history" } = {}) =>
          loadQuery(scene.session, scene.lakehouse.connection, {
            key: options.key ?? `${name} ${day}`,
            slice: sliceOf(day),
            table: name,
            sql: query,
            ...(options.mode === undefined ? {} : { mode: options.mode }),
          })
        const readsEqual = (expected: string, snapshot?: Snapshot) =>
          Effect.scoped(
            Effect.gen(function* () {
              const out = join(folder, `spark-${name}-${Math.random()}`)
              const version = snapshot === undefined ? "" : ` version as of ${String(snapshot["snapshot-id"])}`
              yield* Effect.promise(() => spark.ask({ sql: `select * from odh.bronze.${name}${version}`, out }))
              assert.strictEqual(yield* scene.differences(`from '${out}/*.parquet'`, expected), 0, "Spark")
              assert.strictEqual(yield* scene.differences(yield* scene.rows(snapshot), expected), 0, "ours")
            }),
          )
        yield* use(scene, load, readsEqual)
      }),
    )

  it("read equal after appends, a replaced slice, evolutions, compaction and expiry, at every snapshot that is kept", () =>
    onTable("types", (scene, load, readsEqual) =>
      Effect.gen(function* () {
        yield* load("2026-01-01", everyType(0, 300))
        yield* load("2026-01-02", everyType(300, 400))
        yield* load("2026-01-01", everyType(1000, 1010), { key: "again" })
        yield* readsEqual(`${everyType(300, 400)} union all ${everyType(1000, 1010)}`)
        const snapshots = (yield* scene.table).metadata.snapshots ?? []
        yield* readsEqual(everyType(0, 300), snapshots[0])
        yield* readsEqual(everyType(0, 400), snapshots[1])
        yield* load("2026-01-03", `select *, 'new' as added, prix::decimal(12,2) as wider from (${everyType(0, 5)})`)
        yield* load("2026-01-04", `select * replace (id + 0.5 as id), 'new' as added from (${everyType(5, 10)})`)
        const evolved = `select * replace (id::decimal(20,1) as id) from (${everyType(300, 400)} union all ${everyType(1000, 1010)} union all ${everyType(0, 5)})
          union all select * replace ((id + 0.5)::decimal(20,1) as id) from (${everyType(5, 10)})`
        yield* readsEqual(evolved)
        yield* compactTable(scene.lakehouse, yield* scene.table, { apply: true })
        yield* readsEqual(evolved)
        yield* expireSnapshots(scene.lakehouse, yield* scene.table, { keep: 1, olderThan: 0, apply: true })
        yield* readsEqual(evolved)
        const files = yield* sql(
          "select count(*) from odh.bronze.types.files where partition._extraction_date = date '2026-01-02'",
        )
        assert.deepStrictEqual(files.rows, [["1"]])
      }).pipe(Effect.scoped),
    ))

  it("are gone on with after Spark inserts, deletes, adds, renames and widens columns, and are read by Spark again", () =>
    onTable("turns", (scene, load, readsEqual) =>
      Effect.gen(function* () {
        yield* load("2026-01-01", `select *, 1.5::decimal(9,2) as d from (${rows(0, 10)})`)
        yield* sql(
          "insert into odh.bronze.turns (id, v, d, _extraction_date) values (100, 'theirs', 2.5, date '2026-01-01'), (101, null, null, date '2026-01-09')",
        )
        yield* sql("delete from odh.bronze.turns where id < 3")
        yield* sql("alter table odh.bronze.turns add column extra string")
        yield* sql("alter table odh.bronze.turns rename column v to w")
        yield* sql("alter table odh.bronze.turns alter column d type decimal(12,2)")
        yield* load(
          "2026-01-02",
          `select id, v as w, 9999999.25::decimal(12,2) as d, 'x' as extra from (${rows(10, 20)})`,
        )
        const expected = `select id, v as w, 1.5::decimal(12,2) as d, null::varchar as extra from (${rows(3, 10)})
          union all select * from (values (100, 'theirs', 2.5, null), (101, null, null, null)) t
          union all select id, v, 9999999.25, 'x' from (${rows(10, 20)})`
        yield* readsEqual(expected)
        yield* load("2026-01-01", `select id, v as w, 7::decimal(9,2) as d from (${rows(50, 51)})`, { key: "replay" })
        yield* readsEqual(`select * from (${expected}) where id >= 10 union all select 50, 'v50', 7, null`)
        assert.deepStrictEqual(
          (yield* verifyTable(scene.lakehouse, yield* scene.table)).problems.filter(
            ({ kind }) => kind !== "wrong-ledger",
          ),
          [],
        )
      }).pipe(Effect.scoped),
    ))

  it("stay the same when Spark rewrites files and manifests and expires snapshots; keys outlive that", () =>
    onTable("cleaned", (_, load, readsEqual) =>
      Effect.gen(function* () {
        for (let hour = 0; hour < 6; hour++)
          yield* load(`2026-01-01T0${hour}:00:00.000Z`, everyType(hour * 10, hour * 10 + 10))
        yield* sql(
          "call odh.system.rewrite_data_files(table => 'bronze.cleaned', options => map('rewrite-all', 'true'))",
        )
        yield* sql("call odh.system.rewrite_manifests('bronze.cleaned')")
        yield* sql(
          "call odh.system.expire_snapshots(table => 'bronze.cleaned', older_than => timestamp '2099-01-01 00:00:00', retain_last => 1)",
        )
        yield* readsEqual(everyType(0, 60))
        assert.strictEqual((yield* load("2026-01-01T00:00:00.000Z", everyType(0, 10))).outcome, "already-loaded")
        yield* load("2026-01-01T03:00:00.000Z", everyType(500, 501), { key: "one hour again" })
        yield* load("2026-01-02", everyType(60, 70))
        yield* readsEqual(`${everyType(0, 30)} union all ${everyType(40, 70)} union all ${everyType(500, 501)}`)
      }),
    ))

  it("are refused, not read wrongly, when Spark deletes by position", () =>
    onTable("deletes", (scene, load) =>
      Effect.gen(function* () {
        yield* load("2026-01-01", rows(0, 10))
        yield* sql("alter table odh.bronze.deletes set tblproperties ('write.delete.mode' = 'merge-on-read')")
        yield* sql("delete from odh.bronze.deletes where id = 3")
        const error = yield* Effect.flip(createViews(scene.lakehouse, { wanted: (name) => name === "deletes" }))
        assert.include(error.message, "delete file(s) of another engine")
        yield* load("2026-01-02", rows(10, 20))
        assert.deepStrictEqual((yield* sql("select count(*) from odh.bronze.deletes")).rows, [["19"]])
        yield* sql(
          "call odh.system.rewrite_data_files(table => 'bronze.deletes', options => map('delete-file-threshold', '1', 'remove-dangling-deletes', 'true'))",
        )
        yield* createViews(scene.lakehouse, { wanted: (name) => name === "deletes" })
        const { n } = yield* scene.lakehouse.connection.one("select count(*) as n from bronze.deletes")
        assert.strictEqual(Number(n), 19)
      }).pipe(Effect.scoped),
    ))

  it("give each state of a history by SQL that every engine has", () =>
    onTable("past", (_, load) =>
      Effect.gen(function* () {
        const states = [rows(0, 10), `${rows(0, 8)} union all ${rows(0, 2)}`, rows(3, 12), rows(0, 10)]
        for (const [index, state] of states.entries()) yield* load(`2026-01-0${index + 1}`, state, { mode: "history" })
        for (const [index] of states.entries()) {
          const { rows: found } = yield* sql(
            `select count(*), sum(id) from (select max(id) as id from odh.bronze.past where _valid_from <= timestamp '2026-01-0${index + 1} 12:00:00'
             group by _dataset_id, _resource_id, _hash, _copy having sum(_change) > 0)`,
          )
          const expected = [10, 10, 9, 10].map(String)[index]
          assert.strictEqual(found[0]?.[0], expected, `day ${index + 1}`)
        }
      }),
    ))
})
