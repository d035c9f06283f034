import { assert, describe, it } from "@effect/vitest"
import { Engine } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import { exportTables, layer } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { parquetMetadata } from "hyparquet"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parquet } from "../src/index.ts"

const geoOf = (bytes: Uint8Array): unknown => {
  const { key_value_metadata: pairs } = parquetMetadata(new Uint8Array(bytes).buffer, { geoparquet: false })
  return JSON.parse(pairs?.find(({ key }) => key === "geo")?.value ?? "null")
}

describe("GeoParquet", () => {
  it.effect("that geopandas wrote in Lambert-93 is that when it is written again", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const work = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-parquet-"))),
          (path) => Effect.sync(() => rmSync(path, { recursive: true })),
        )
        const bytes = readFileSync(new URL("./fixtures/lambert-93.parquet", import.meta.url))
        const path = join(work, "out.parquet")
        yield* Effect.gen(function* () {
          const format = yield* parquet().decode
          const engine = yield* Engine
          const typing = { types: "auto", tolerance: 0.999, pinned: () => undefined, atLeast: () => undefined } as const
          const tables = yield* engine.typeEvents(format.read(memoryFile("a.parquet", bytes)), typing)
          yield* exportTables(tables, { path, format: "parquet" })
        }).pipe(Effect.scoped, Effect.provide(layer({ workFolder: work })))
        assert.isNotNull(geoOf(bytes))
        assert.deepStrictEqual(geoOf(readFileSync(path)), geoOf(bytes))
      }),
    ),
  )
})
