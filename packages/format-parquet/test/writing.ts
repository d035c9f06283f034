/** Parquet files for tests, written by DuckDB. */
import { literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The bytes of a Parquet file that holds the rows of a query; `options` as in `COPY … (…)`. */
export const written = (query: string, options: ReadonlyArray<string> = []): Promise<Buffer> => {
  const folder = mkdtempSync(join(tmpdir(), "odh-parquet-test-"))
  const path = join(folder, "file.parquet")
  return Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true })))
        const database = yield* openDatabase({ workFolder: folder })
        const connection = yield* database.connect
        yield* connection.run(
          `copy (${query}) to ${literal(path)} (${["format parquet", ...options].join(", ")})`,
          "write a test file",
        )
        return readFileSync(path)
      }),
    ),
  )
}

/** One row of every type with an extreme of each, a row of NULLs, and a usual row. */
export const EVERY_TYPE = `
  select true as b, 1::tinyint as i8, 2::smallint as i16, (-2147483648)::integer as i32, 9223372036854775807::bigint as i64,
    4294967295::uinteger as u32, 18446744073709551615::ubigint as u64, 1.5::float as f, 0.1::double as d, 'Œuvre "à" 5 €, 😀' as t,
    (-12.30)::decimal(4,2) as d4, 0.000000001::decimal(18,9) as d18, (-99999999999999999999999999999999.999999)::decimal(38,6) as d38,
    date '1582-10-15' as jour, time '23:59:59.999999' as heure, timestamp '1969-12-31 23:59:59.000001' as ts, timestamptz '2024-02-29 12:00:00+02' as tz,
    timestamp_ms '2024-01-01 00:00:00.25' as ms, '\\xAA\\x00'::blob as octets, '3f2504e0-4f89-11d3-9a0c-0305e82c3301'::uuid as u, '{"a":1}'::json as j
  union all by name select null::boolean as b
  union all by name select false as b, '' as t, 0::decimal(4,2) as d4, date '2024-01-01' as jour, time '00:00:00' as heure, ''::blob as octets, 'NaN'::double as d`

/** Values within values. */
export const NESTED = `
  select 1 as id, [1, null, 3]::bigint[] as nombres, ['é', '"', null] as textes, {'a': 1.10::decimal(4,2), 'b': date '2024-01-01'} as objet,
    map {'k': 1, 'l': null} as carte, [{'x': [1, 2]}, {'x': []}] as arbres
  union all select 2, null, [], null, map {}, null
  union all select 3, [], null, {'a': null, 'b': null}, null, []`
