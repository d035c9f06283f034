import { sinkLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { layer, openDatabase } from "@opendatahub-sql/engine-duckdb"
import { duckdb } from "@opendatahub-sql/sink-duckdb"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "vitest"

const ask = (folder: string, query: string) =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const database = yield* openDatabase({ path: join(folder, "warehouse.duckdb"), workFolder: tmpdir() })
        const connection = yield* database.connect
        const rows = yield* connection.all(`select columns(*)::varchar from ${query}`)
        return rows.map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)])),
        )
      }),
    ),
  )

describe("the laws of sinks", () => {
  registerLaws(
    it,
    sinkLaws({
      sink: (folder) => duckdb({ path: join(folder, "warehouse.duckdb") }),
      misconfigured: duckdb({ path: "", lockTimeout: -1 }),
      engine: layer({ workFolder: tmpdir() }),
      read: (folder, table) => ask(folder, `bronze."${table}"`),
      readAsOf: (folder, table, at) => ask(folder, `as_of('${table}', '${at}')`),
    }),
  )
})
