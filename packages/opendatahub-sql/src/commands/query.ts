/** `odh query`: SQL on the warehouse. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Work } from "../cli/command.ts"
import { type Printed, tableText } from "../cli/output.ts"
import { UsageError } from "../cli/usage-error.ts"
import { instantOf } from "./instant.ts"
import { type Connection } from "@opendatahub-sql/engine-duckdb"
import type { Hub } from "@opendatahub-sql/core/config"
import { connectPast, connectWarehouse, inBronze, isDuckdb, type Past } from "./warehouse.ts"

const MOST_PRINTED = 200

/** The past that the options ask for. */
const pastOf = (asOf: string | undefined, clock: string | undefined): Past | undefined => {
  if (clock !== undefined && clock !== "extracted" && clock !== "published")
    throw new UsageError(`--clock takes extracted or published, not "${clock}"`)
  return asOf === undefined ? undefined : { at: instantOf(asOf, "--as-of"), clock: clock ?? "extracted" }
}

/** The Iceberg tables of the configuration as they are or were, when they are asked for, or there is no DuckDB file. */
const connectLakehouse = Effect.fnUntraced(function* (hub: Hub, sql: string, past: Past | undefined) {
  const { openLakehouse } = yield* Effect.promise(() => import("./iceberg/lakehouse.ts"))
  const { createViews } = yield* Effect.promise(() => import("@opendatahub-sql/sink-iceberg"))
  const lakehouse = yield* openLakehouse(hub)
  yield* createViews(lakehouse, {
    wanted: (table) => sql.includes(table),
    ...(past === undefined ? {} : { at: past.at }),
  })
  return inBronze(lakehouse.connection, lakehouse.namespace)
})

/** With `--json` one line per row, exact values; else a table of the first rows. */
export const work: Work = ({ positionals: [sql = ""], text, output, hub: config }) =>
  Effect.gen(function* () {
    const past = yield* Effect.try({
      try: () => pastOf(text("as-of"), text("clock")),
      catch: (error) => error as UsageError,
    })
    const hub = yield* config
    const asked = text("sink")
    const hasIceberg = hub.sinks.some((sink) => sink.id === "iceberg")
    const connection: Connection = yield* asked === "iceberg" ||
    (asked === undefined && hasIceberg && !hub.sinks.some(isDuckdb))
      ? connectLakehouse(hub, sql, past)
      : past === undefined
        ? connectWarehouse(hub, asked)
        : connectPast(hub, asked, past)
    const batches = Stream.mapError(connection.batches(sql, "answer the query"), (error) =>
      error.reason._tag === "Terminal" ? new UsageError(error.message) : error,
    )
    if (output.json) {
      yield* Stream.runForEach(batches, (batch) =>
        Effect.sync(() => {
          for (let r = 0; r < batch.size; r++)
            output.line(Object.fromEntries(batch.names.map((name, c) => [name, batch.columns[c]?.[r] ?? null])))
        }),
      )
      return 0
    }
    let names: ReadonlyArray<string> = []
    const rows: Array<ReadonlyArray<Printed>> = []
    yield* Stream.runForEachWhile(batches, (batch) =>
      Effect.sync(() => {
        names = batch.names
        for (let r = 0; r < batch.size && rows.length <= MOST_PRINTED; r++) {
          rows.push(
            batch.columns.map((column) => {
              const value = column[r] ?? null
              return value instanceof Uint8Array ? `${value.length} bytes` : value
            }),
          )
        }
        return rows.length <= MOST_PRINTED
      }),
    )
    const more = rows.length > MOST_PRINTED
    output.result(undefined, () =>
      rows.length === 0
        ? "no rows"
        : tableText(names, rows.slice(0, MOST_PRINTED)) +
          (more ? `\nthe first ${MOST_PRINTED} rows; \`--json\` gives them all` : ""),
    )
    return 0
  }).pipe(Effect.scoped)
