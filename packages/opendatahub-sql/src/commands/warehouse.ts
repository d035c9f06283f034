/** The DuckDB file that the read-only commands ask. */
import { type EngineError, misconfigured, type Sink, SinkError } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { type Connection, identifier, literal, openDatabase, qualified } from "@opendatahub-sql/engine-duckdb"
import { asOf, asPublished, readTables } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, resolve } from "node:path"

const PREFIX = "duckdb:"

/** Whether a destination is a DuckDB file. */
export const isDuckdb = (sink: Sink): boolean => sink.target.startsWith(PREFIX)

/** The file that was asked for, or the first DuckDB destination of the configuration. */
export const warehousePath = (hub: Hub, asked: string | undefined): Effect.Effect<string, SinkError> => {
  const path = asked === undefined ? hub.sinks.find(isDuckdb)?.target.slice(PREFIX.length) : resolve(asked)
  if (path !== undefined && existsSync(path)) return Effect.succeed(path)
  return Effect.fail(
    new SinkError({
      plugin: "duckdb",
      operation: "open",
      reason: misconfigured,
      message:
        path === undefined
          ? "the configuration has no DuckDB destination: give one with --sink PATH"
          : `there is no warehouse at ${path} yet: \`odh sync\` makes it`,
    }),
  )
}

/** A connection that finds the tables of a schema by their names alone. */
export const inBronze = (connection: Connection, schema = "bronze"): Connection => {
  const named = (sql: string): string => `use ${identifier(schema)}; ${sql}`
  return {
    run: (sql, purpose) => connection.run(named(sql), purpose),
    all: (sql, purpose) => connection.all(named(sql), purpose),
    one: (sql, purpose) => connection.one(named(sql), purpose),
    batches: (sql, purpose) => connection.batches(named(sql), purpose),
  }
}

/** A read-only connection that finds the tables of `bronze` by their names alone. */
export const connectWarehouse = Effect.fnUntraced(function* (
  hub: Hub,
  asked: string | undefined,
): Effect.fn.Return<Connection, SinkError | EngineError, Scope.Scope> {
  const path = yield* warehousePath(hub, asked)
  const database = yield* openDatabase({ path, readOnly: true, workFolder: tmpdir(), memoryLimit: hub.memoryLimit })
  const connection = yield* database.connect
  const [bronze] = yield* connection.all(
    "select 1 from duckdb_schemas() where schema_name = 'bronze' and not internal",
    "look for the schema bronze",
  )
  return bronze === undefined ? connection : inBronze(connection)
})

/** A past to ask about: `at` is an ISO instant, `clock` says whether extractions or publications count. */
export interface Past {
  readonly at: string
  readonly clock: "extracted" | "published"
}

/**
 * A connection on which the tables of `bronze` are as they were. It is another database, in memory, over the warehouse, which is there as
 * `warehouse`.
 */
export const connectPast = Effect.fnUntraced(function* (
  hub: Hub,
  asked: string | undefined,
  { at, clock }: Past,
): Effect.fn.Return<Connection, SinkError | EngineError, Scope.Scope> {
  const path = yield* warehousePath(hub, asked)
  const database = yield* openDatabase({
    workFolder: tmpdir(),
    allowedFolders: [dirname(path)],
    memoryLimit: hub.memoryLimit,
  })
  const connection = yield* database.connect
  yield* connection.run(`attach ${literal(path)} as warehouse (read_only); create schema bronze`, `open ${path}`)
  const state = clock === "extracted" ? asOf : asPublished
  for (const table of yield* readTables(connection, { catalog: "warehouse" })) {
    if (table.mode === "latest") continue
    for (const name of [table.name, ...(table.mode === "history" ? [`${table.name}_latest`] : [])]) {
      yield* connection.run(
        `create view ${qualified("bronze", name)} as ${state(table, `${literal(at)}::timestamptz`, "warehouse")}`,
        `look at ${table.name} as of ${at}`,
      )
    }
  }
  return inBronze(connection)
})
