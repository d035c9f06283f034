import { assert, describe, it } from "@effect/vitest"
import { literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { parquetMetadata, parquetReadObjects } from "hyparquet"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { concatenate, schemaOf } from "../src/parquet/concatenate.ts"
import { labelColumn } from "../src/parquet/label-column.ts"

const fixture = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-concatenate-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
  )
  const { connect } = yield* openDatabase({ workFolder: folder, threads: 2 })
  const connection = yield* connect
  const write = (name: string, query: string, options = "") => {
    const path = join(folder, `${name}.parquet`)
    return Effect.as(connection.run(`copy (${query}) to ${literal(path)} (format parquet${options})`), path)
  }
  return { connection, write, target: join(folder, "joined.parquet") }
})

const joinedAs = (
  parts: ReadonlyArray<{ readonly path: string; readonly label: string | null }>,
  target: string,
  metadata: Readonly<Record<string, string>>,
) =>
  concatenate(
    parts.map(({ path }) => path),
    target,
    {
      column: labelColumn(
        "_member",
        parts.map(({ label }) => label),
      ),
      metadata,
    },
  )

const rows = (from: number, to: number): string =>
  `select i as a, {'x': i, 'y': [i, i + 1]} as nested, 'v' || i % 7 as b from range(${from}, ${to}) t(i)`

describe("Parquet files joined", () => {
  it.effect(
    "hold the rows of their parts in order, whatever their row groups and compression, and the value added to each",
    () =>
      Effect.gen(function* () {
        const { connection, write, target } = yield* fixture
        const parts = [
          { path: yield* write("one", rows(0, 50_000), ", row_group_size 20480, compression zstd"), label: "a/é.csv" },
          { path: yield* write("none", rows(0, 0)), label: "empty" },
          { path: yield* write("two", rows(50_000, 50_001)), label: null },
          { path: yield* write("three", rows(50_001, 90_000), ", compression snappy"), label: "b" },
        ]
        yield* Effect.promise(() => joinedAs(parts, target, { geo: "{}" }))
        const joined = `read_parquet(${literal(target)})`
        assert.deepStrictEqual(
          yield* connection.all(
            `select _member, min(a) as first, max(a) as last from ${joined} group by all order by first`,
          ),
          [
            { _member: "a/é.csv", first: 0n, last: 49_999n },
            { _member: null, first: 50_000n, last: 50_000n },
            { _member: "b", first: 50_001n, last: 89_999n },
          ],
        )
        const expected = parts.map(({ path }) => `select * from read_parquet(${literal(path)})`).join(" union all ")
        assert.deepStrictEqual(
          yield* connection.all(
            `select count(*) as n from (select * exclude (_member), row_number() over () as r from ${joined}) a join (select *, row_number() over () as r from (${expected})) b using (r) where a.a = b.a and a.nested = b.nested and a.b = b.b`,
          ),
          [{ n: 90_000n }],
        )
        // What statistics and filters of the parts say holds in the new place too.
        for (const where of [
          "b = 'v3'",
          "b = 'absent'",
          "_member = 'b' and a > 80000",
          "_member is null",
          "a = 50000",
        ]) {
          const [pruned, counted] = [
            yield* connection.one(`select count(*)::bigint as n from ${joined} where ${where}`),
            yield* connection.one(`select count(*) filter (${where})::bigint as n from ${joined}`),
          ]
          assert.deepStrictEqual(pruned, counted, where)
        }
      }),
  )

  it.effect("are read by a reader that shares no code with the writer", () =>
    Effect.gen(function* () {
      const { write, target } = yield* fixture
      const parts = [
        { path: yield* write("one", "select 1 as id, 'é' as nom"), label: "un" },
        { path: yield* write("two", "select 2 as id, null::varchar as nom"), label: null },
      ]
      yield* Effect.promise(() => joinedAs(parts, target, { cle: "valeur" }))
      const bytes = readFileSync(target)
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
      assert.deepStrictEqual(yield* Effect.promise(() => parquetReadObjects({ file })), [
        { _member: "un", id: 1, nom: "é" },
        { _member: null, id: 2, nom: null },
      ])
      const metadata = parquetMetadata(file)
      assert.deepStrictEqual(metadata.key_value_metadata, [{ key: "cle", value: "valeur" }])
      assert.strictEqual(metadata.num_rows, 2n)
    }),
  )

  it.effect("tell their schemas apart by names, order and types", () =>
    Effect.gen(function* () {
      const { write } = yield* fixture
      const queries = [
        "select 1 as a, 2 as b",
        "select 3 as a, 4 as b",
        "select 1 as b, 2 as a",
        "select 1::bigint as a, 2 as b",
      ]
      const schemas = yield* Effect.forEach(queries, (query, index) =>
        Effect.flatMap(write(`s${index}`, query), (path) => Effect.promise(() => schemaOf(path))),
      )
      assert.strictEqual(schemas[0], schemas[1])
      assert.strictEqual(new Set(schemas).size, 3)
    }),
  )
})
