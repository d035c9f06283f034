/** The DuckDB file that the read-only commands ask. */
import { type EngineError, misconfigured, SinkError } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { type Connection, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { resolve } from "node:path"

const PREFIX = "duckdb:"

/** The file that was asked for, or the first DuckDB destination of the configuration. */
export const warehousePath = (hub: Hub, asked: string | undefined): Effect.Effect<string, SinkError> => {
  const path = asked === undefined ? hub.sinks.find((sink) => sink.target.startsWith(PREFIX))?.target.slice(PREFIX.length) : resolve(asked)
  if (path !== undefined && existsSync(path)) return Effect.succeed(path)
  return Effect.fail(new SinkError({
    plugin: "duckdb",
    operation: "open",
    reason: misconfigured,
    message: path === undefined ? "the configuration has no DuckDB destination: give one with --sink PATH" : `there is no warehouse at ${path} yet: \`odh sync\` makes it`,
  }))
}

/** A read-only connection. */
export const connectWarehouse = Effect.fnUntraced(function* (hub: Hub, asked: string | undefined): Effect.fn.Return<Connection, SinkError | EngineError, Scope.Scope> {
  const path = yield* warehousePath(hub, asked)
  const database = yield* openDatabase({ path, readOnly: true, workFolder: tmpdir(), memoryLimit: hub.memoryLimit })
  return yield* database.connect
})
