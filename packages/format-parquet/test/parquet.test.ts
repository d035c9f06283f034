import { assert, describe, it } from "@effect/vitest"
import { type FormatError, rows, type TableEvent } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { parquet } from "../src/index.ts"
import { EVERY_TYPE, NESTED, written } from "./writing.ts"

const events = Effect.fnUntraced(function* (bytes: Uint8Array) {
  const format = yield* Effect.orDie(parquet().decode)
  return yield* Stream.runCollect(format.read(memoryFile("test.parquet", bytes)))
})

const columnsOf = (all: ReadonlyArray<TableEvent>) =>
  all.flatMap((event) => (event._tag === "TableStarted" ? event.columns : []))
const rowsOf = (all: ReadonlyArray<TableEvent>) => {
  const names = columnsOf(all).map(({ name }) => name)
  return all.flatMap((event) => (event._tag === "Batch" ? [...rows(event, names)] : []))
}

describe("read", () => {
  it.effect("gives every type as the file has it, and exact values", () =>
    Effect.gen(function* () {
      const all = yield* events(yield* Effect.promise(() => written(EVERY_TYPE)))
      assert.deepStrictEqual(Object.fromEntries(columnsOf(all).map(({ name, type }) => [name, type])), {
        b: "boolean",
        i8: "bigint",
        i16: "bigint",
        i32: "bigint",
        i64: "bigint",
        u32: "bigint",
        u64: "decimal(20,0)",
        f: "double",
        d: "double",
        t: "text",
        d4: "decimal(4,2)",
        d18: "decimal(18,9)",
        d38: "decimal(38,6)",
        jour: "date",
        heure: "time",
        ts: "timestamp",
        tz: "timestamptz",
        ms: "timestamp",
        octets: "blob",
        u: "text",
        j: "json",
      })
      const [first] = rowsOf(all)
      assert.deepInclude(first, {
        b: true,
        i32: -2_147_483_648n,
        i64: 9_223_372_036_854_775_807n,
        u32: 4_294_967_295n,
        u64: "18446744073709551615",
        d: 0.1,
        t: 'Œuvre "à" 5 €, 😀',
        d4: "-12.30",
        d18: "0.000000001",
        d38: "-99999999999999999999999999999999.999999",
        jour: "1582-10-15",
        heure: "23:59:59.999999",
        ts: "1969-12-31T23:59:59.000001",
        tz: "2024-02-29T10:00:00Z",
        ms: "2024-01-01T00:00:00.25",
        u: "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        j: '{"a":1}',
      })
    }),
  )

  it.effect("gives values within values as JSON text", () =>
    Effect.gen(function* () {
      const all = yield* events(yield* Effect.promise(() => written(NESTED)))
      assert.deepStrictEqual(rowsOf(all), [
        {
          id: 1n,
          nombres: "[1,null,3]",
          textes: '["é","\\"",null]',
          objet: '{"a":1.10,"b":"2024-01-01"}',
          carte: '{"k":1,"l":null}',
          arbres: '[{"x":[1,2]},{"x":[]}]',
        },
        { id: 2n, nombres: null, textes: "[]", objet: null, carte: "{}", arbres: null },
        { id: 3n, nombres: "[]", textes: null, objet: '{"a":null,"b":null}', carte: null, arbres: "[]" },
      ])
    }),
  )

  it.effect("numbers the rows through all row groups, in batches", () =>
    Effect.gen(function* () {
      const all = yield* events(
        yield* Effect.promise(() => written("select i from range(50000) t(i)", ["row_group_size 20480"])),
      )
      const batches = all.flatMap((event) => (event._tag === "Batch" ? [event] : []))
      assert.deepStrictEqual(
        batches.flatMap(({ rowNumbers }) => [...rowNumbers]),
        Array.from({ length: 50_000 }, (_, i) => i + 1),
      )
      assert.isTrue(batches.every(({ size }) => size <= 8_192))
      assert.deepStrictEqual(rowsOf(all).at(-1), { i: 49_999n })
    }),
  )

  it.effect("gives a table without rows its columns", () =>
    Effect.gen(function* () {
      const all = yield* events(yield* Effect.promise(() => written("select 1 as a, 'x' as b where false")))
      assert.deepStrictEqual(columnsOf(all), [
        { name: "a", type: "bigint" },
        { name: "b", type: "text" },
      ])
      assert.deepStrictEqual(rowsOf(all), [])
    }),
  )

  it.effect("says of a file that was cut, or encrypted, what it is", () =>
    Effect.gen(function* () {
      const refusal = (bytes: Uint8Array) =>
        Effect.map(Effect.flip(events(bytes)), ({ message }: FormatError | { readonly message: string }) => message)
      const bytes = yield* Effect.promise(() => written("select 1 as a"))
      assert.include(yield* refusal(bytes.subarray(0, 100)), "cut short or no Parquet file")
      assert.include(yield* refusal(Buffer.concat([bytes.subarray(0, -4), Buffer.from("PARE")])), "encrypted")
    }),
  )
})

describe("relations", () => {
  it.effect("are declined where the engine would read otherwise than read does", () =>
    Effect.gen(function* () {
      const format = yield* Effect.orDie(parquet().decode)
      const fast = Effect.fnUntraced(function* (query: string) {
        const bytes = yield* Effect.promise(() => written(query))
        return yield* format.relations?.(memoryFile("test.parquet", bytes)) ?? Effect.die("parquet has relations")
      }, Effect.scoped)
      assert.lengthOf((yield* fast('select 1 as a, \'x\' as "b""c"')) ?? [], 1)
      assert.isUndefined(yield* fast("select [1] as a"))
      assert.isUndefined(yield* fast("select interval 3 days as a"))
    }),
  )
})
