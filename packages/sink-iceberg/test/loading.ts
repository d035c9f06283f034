/** Loads whose rows are a query: what the engine would have typed, without a file. */
import {
  type ColumnType,
  type EngineError,
  type Mode,
  type Receipt,
  type SinkError,
  type SinkSession,
  type Slice,
  type TypedTable,
} from "@opendatahub-sql/core"
import type { Connection } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const columnTypes: Readonly<Record<string, ColumnType>> = {
  VARCHAR: "text",
  BIGINT: "bigint",
  INTEGER: "bigint",
  DOUBLE: "double",
  BOOLEAN: "boolean",
  DATE: "date",
  TIMESTAMP: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  BLOB: "blob",
}

/** A finished table out of a query without `_row`. */
export const typedTable = Effect.fnUntraced(function* (connection: Connection, name: string, sql: string) {
  const columns = (yield* connection.all(`describe (${sql})`)).map((row) => {
    const type = String(row["column_type"])
    return {
      name: String(row["column_name"]),
      original: String(row["column_name"]).toUpperCase(),
      type: columnTypes[type] ?? (type.toLowerCase() as ColumnType),
      nulls: 0,
    }
  })
  const { n } = yield* connection.one(`select count(*) as n from (${sql})`)
  const table: TypedTable = {
    name,
    columns,
    rows: Number(n),
    rowRejects: 0,
    cellRejects: 0,
    rejectedRows: 0,
    facts: {},
    relation: `select row_number() over () as _row, * from (${sql})`,
    rejects: "select 1 where false",
    parquet: () => Effect.succeed([]),
    batches: () => Stream.empty,
  }
  return table
})

/** The slice of a day. */
export const sliceOf = (day: string, resource = "r1"): Slice => ({
  source: "kit",
  dataset: "d1",
  resource,
  extractedAt: day.includes("T") ? day : `${day}T00:00:00.000Z`,
})

/** Loads a query into a table, as core does. */
export const loadQuery = (
  session: SinkSession,
  connection: Connection,
  load: {
    readonly key: string
    readonly slice: Slice
    readonly table: string
    readonly sql: string
    readonly mode?: Mode
  },
): Effect.Effect<Receipt, SinkError | EngineError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const table = yield* typedTable(connection, load.table, load.sql)
      const schema = yield* session.prepare(table, load.mode ?? "snapshots")
      const writer = yield* session.begin({
        key: load.key,
        slice: load.slice,
        sha256: "0".repeat(64),
        tables: [schema],
      })
      yield* writer.write(table)
      return yield* writer.commit
    }),
  )
