import { assert, describe, it } from "@effect/vitest"
import { literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { dropLastColumns } from "../src/parquet/footer.ts"
import { readStruct, writeStruct } from "../src/parquet/thrift-compact.ts"

const fixture = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-footer-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
  )
  const database = yield* openDatabase({ workFolder: folder, threads: 2 })
  return { folder, connection: yield* database.connect }
})

const footerOf = (path: string): Uint8Array => {
  const bytes = readFileSync(path)
  return bytes.subarray(bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8), bytes.length - 8)
}

const cog = new URL("../../../fixtures/corpus/cog-parquet/code_officiel_geographique.parquet", import.meta.url).pathname

describe("the Parquet footer", () => {
  it("is written back byte for byte when nothing changes, in files of other writers too", () => {
    const footer = footerOf(cog)
    assert.deepStrictEqual(Buffer.from(writeStruct(readStruct(footer))), Buffer.from(footer))
  })

  it.effect("loses its last columns, nested ones included, and nothing else", () =>
    Effect.gen(function* () {
      const { folder, connection } = yield* fixture
      const [whole, cut] = [join(folder, "whole.parquet"), join(folder, "cut.parquet")]
      yield* connection.run(`copy (select i as a, {'x': i, 'y': [i, i + 1]} as nested, 'v' || i as b, i::bigint as _row, case when i % 1000 = 0 then [{'c': 1, 'v': 'raw'}] end as _rejects
        from range(400000) t(i)) to ${literal(whole)} (format parquet, row_group_size 20480)`)
      for (const [count, left, leaves] of [
        [1, "a, nested, b, _row", 5],
        [2, "a, nested, b", 4],
        [3, "a, nested", 3],
        [4, "a", 1],
      ] as const) {
        copyFileSync(whole, cut)
        yield* Effect.promise(() => dropLastColumns(cut, count))
        assert.deepStrictEqual(
          yield* connection.one(
            `select count(*) as n, bit_xor(hash(t)) as h from (select * from read_parquet(${literal(cut)})) t`,
          ),
          yield* connection.one(
            `select count(*) as n, bit_xor(hash(t)) as h from (select ${left} from read_parquet(${literal(whole)})) t`,
          ),
        )
        const kept = yield* connection.one(
          `select count(*) as chunks, sum(total_uncompressed_size)::bigint as bytes from parquet_metadata(${literal(cut)})`,
        )
        assert.strictEqual(kept["chunks"], BigInt(20 * leaves))
        assert.deepStrictEqual(
          yield* connection.one(
            `select sum(b)::bigint as bytes from (select distinct row_group_id, row_group_bytes as b from parquet_metadata(${literal(cut)}))`,
          ),
          { bytes: kept["bytes"] ?? null },
        )
      }
    }),
  )

  it.effect("of a file that is no Parquet is refused, and the file left alone", () =>
    Effect.gen(function* () {
      const { folder } = yield* fixture
      const path = join(folder, "x.parquet")
      writeFileSync(path, "not a parquet file")
      yield* Effect.promise(() =>
        dropLastColumns(path, 1).then(
          () => assert.fail("took it"),
          (error: unknown) => assert.instanceOf(error, RangeError),
        ),
      )
      assert.strictEqual(readFileSync(path, "utf8"), "not a parquet file")
    }),
  )
})
