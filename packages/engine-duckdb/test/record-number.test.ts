import { assert, describe, it } from "@effect/vitest"
import { literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { parquetReadObjects } from "hyparquet"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { concatenate, schemaOf } from "../src/parquet/concatenate.ts"
import { recordNumber, stepsOf } from "../src/parquet/record-number.ts"
import { recordNumberColumn } from "../src/parquet/record-number-column.ts"

const place = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-record-number-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
  )
  const { connect } = yield* openDatabase({ workFolder: folder, threads: 2 })
  const connection = yield* connect
  const from = join(folder, "from.parquet")
  yield* connection.run(
    `copy (select i as a, 'v' || i % 7 as b from range(30000) t(i)) to ${literal(from)} (format parquet, row_group_size 10240)`,
  )
  return { folder, connection, from }
})

/** Gaps of all sizes between the records left out: none, within a block, many blocks. */
const leftOut = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4_000 })), { maxLength: 60 })
  .map((gaps) => {
    let record = 0
    return gaps.map((gap) => (record += gap))
  })

describe("the numbers of records, added to a file whose pages are copied", () => {
  it.effect("are those that SQL counts, whatever was left out, to the engine and to a reader of others", () =>
    Effect.gen(function* () {
      const { folder, connection, from } = yield* place
      let run = 0
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(leftOut, async (records) => {
            const steps = stepsOf(records)
            const target = join(folder, `numbered-${run++}.parquet`)
            await concatenate([from], target, { column: recordNumberColumn("_row", steps), metadata: {} })
            const [different] = await Effect.runPromise(
              connection.all(
                `select count(*)::int as n from read_parquet(${literal(target)}) x full join (select ${recordNumber(steps)} as _row, a, b from read_parquet(${literal(from)}, file_row_number = true)) y using (a) where x._row is distinct from y._row or x.b is distinct from y.b`,
              ),
            )
            assert.deepStrictEqual(different, { n: 0 })
            const bytes = readFileSync(target)
            const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
            const rows = await parquetReadObjects({ file, columns: ["_row"] })
            const skipped = new Set(records)
            let next = 0
            for (const row of rows) {
              do next++
              while (skipped.has(next))
              if (Number(row["_row"]) !== next) assert.fail(`${String(row["_row"])} instead of ${next}`)
            }
            assert.lengthOf(rows, 30_000)
            rmSync(target)
          }),
          { numRuns: 25 },
        ),
      )
    }),
  )

  it.effect("are declared as the engine declares them, and their statistics keep what a filter wants", () =>
    Effect.gen(function* () {
      const { folder, connection, from } = yield* place
      const [ours, theirs] = [join(folder, "ours.parquet"), join(folder, "theirs.parquet")]
      yield* Effect.promise(() =>
        concatenate([from], ours, { column: recordNumberColumn("_row", stepsOf([3, 20_000])), metadata: {} }),
      )
      yield* connection.run(
        `copy (select 1::bigint as _row, * from read_parquet(${literal(from)})) to ${literal(theirs)} (format parquet)`,
      )
      assert.strictEqual(yield* Effect.promise(() => schemaOf(ours)), yield* Effect.promise(() => schemaOf(theirs)))
      for (const [where, a] of [
        ["_row = 4", 2n],
        ["_row = 3", undefined],
        ["_row = 20001", 19_998n],
        ["_row > 30001", 29_999n],
      ] as const) {
        const rows = yield* connection.all(`select a from read_parquet(${literal(ours)}) where ${where}`)
        assert.deepStrictEqual(
          rows.map((row) => row["a"]),
          a === undefined ? [] : [a],
          where,
        )
      }
    }),
  )
})
