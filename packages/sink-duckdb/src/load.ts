/**
 * One load. First the columns, in a transaction of their own (the engine cannot alter a table and write to it in the same one): a load that
 * ends there leaves an empty column or table, no row. Then, in one transaction: replace the slice, write the rows, record the key.
 */
import {
  type EngineError,
  type Load,
  type PhysicalSchema,
  type Receipt,
  SinkError,
  type Slice,
  terminal,
  type TypedTable,
  type Writer,
} from "@opendatahub-sql/core"
import { type Connection, identifier, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Retention } from "@opendatahub-sql/history"
import { describeTable, physicalType } from "./catalog.ts"
import { changesRepresentation, evolveTable } from "./evolve.ts"
import { sinkError } from "./failure.ts"
import { placeTables, withFamilyModes } from "./history.ts"
import { deleteSlice, entriesOfTable, forgetKeys, newestInTable, rowsOfSlice } from "./ledger.ts"

const insertRows = (schema: PhysicalSchema, table: TypedTable, load: Load): string => {
  const present = new Set(table.columns.map((column) => column.name))
  const columns = schema.columns.filter((column) => present.has(column.name))
  const provenance: ReadonlyArray<readonly [string, string]> = [
    ["_row", "_row"],
    ...(schema.parent === undefined ? [] : [["_parent_row", "_parent_row"] as const]),
    ["_member", `${literal(table.member ?? null)}::varchar`],
    ["_extracted_at", `${literal(load.slice.extractedAt)}::timestamptz`],
    ["_extraction_date", `${literal(load.slice.extractedAt.slice(0, 10))}::date`],
    ["_dataset_id", literal(load.slice.dataset)],
    ["_resource_id", literal(load.slice.resource)],
    ["_file_sha256", literal(load.sha256)],
    ["_load_id", literal(load.key)],
  ]
  const names = [
    ...provenance.map(([name]) => identifier(name)),
    ...columns.map((column) => identifier(column.physicalName)),
  ]
  const values = [
    ...provenance.map(([, value]) => value),
    ...columns.map((column) => `${identifier(column.name)}::${physicalType(column.type)}`),
  ]
  return `insert into ${qualified("bronze", schema.table)} (${names.join(", ")}) select ${values.join(", ")} from (${table.relation})`
}

const insertRejects = (table: TypedTable, load: Load): string =>
  `insert into odh.rejects by name select ${literal(table.name)} as table_name, ${literal(table.member ?? null)} as _member, *,
   ${literal(load.slice.extractedAt)}::timestamptz as _extracted_at, ${literal(load.slice.dataset)} as _dataset_id, ${literal(load.slice.resource)} as _resource_id,
   ${literal(load.key)} as _load_id from (${table.rejects})`

/** What the slice lacked before it was replaced, until this load knows what it lacks. */
const REPLACED = "temp.replaced_rejects"

const closedRejects = Effect.fnUntraced(function* (connection: Connection, load: Load) {
  const closed = yield* connection.all(
    `select table_name, count(*) as n from ${REPLACED} old where not exists (from odh.rejects r where r._load_id = ${literal(load.key)} and r.table_name = old.table_name and r._row = old._row
     and r._member is not distinct from old._member and (r.column_name is null or r.column_name = old.column_name)) group by table_name`,
    "count the rejects that are closed",
  )
  return Object.fromEntries(closed.map((row) => [String(row["table_name"]), Number(row["n"])]))
})

/** Makes the tables fit. What a `rewrite` converts loses its key here, so that it is read again even when this load never ends. */
const evolveTables = Effect.fnUntraced(function* (connection: Connection, load: Load) {
  const stale = new Map<string, Slice>()
  const parents = new Set(load.tables.map((table) => table.parent))
  yield* connection.run("begin transaction", "begin a transaction")
  for (const schema of load.tables) {
    const known = yield* describeTable(connection, schema.table)
    if (schema.change === "rewrite" || changesRepresentation(schema, known)) {
      const entries = yield* entriesOfTable(connection, schema.table, load.slice)
      for (const { key, slice } of entries) stale.set(key, slice)
      if (entries.length > 0)
        yield* forgetKeys(
          connection,
          entries.map((entry) => entry.key),
        )
    }
    const hasChildren = parents.has(schema.table) || known?.hasChildren === true
    if (schema.change !== "none" || known?.mode !== schema.mode || known.hasChildren !== hasChildren)
      yield* evolveTable(connection, schema, hasChildren)
  }
  yield* connection.run("commit", "commit the columns")
  return [...stale.values()]
})

/** Starts the load. It is rolled back when the scope closes before the commit. */
export const beginLoad = Effect.fn("DuckdbSink.begin")(function* (
  connection: Connection,
  asked: Load,
  target: string,
  retention: Retention,
): Effect.fn.Return<Writer, SinkError, Scope.Scope> {
  const asSink = <A, R>(
    operation: string,
    effect: Effect.Effect<A, EngineError | SinkError, R>,
  ): Effect.Effect<A, SinkError, R> => Effect.mapError(effect, (error) => sinkError(operation, target, error))
  const rollback = Effect.ignore(connection.run("rollback", "roll back"))
  const load = withFamilyModes(asked)

  const [held] = yield* asSink(
    "begin",
    connection.all(`select 1 from odh.loads where load_key = ${literal(load.key)}`, "read the ledger"),
  )
  if (held !== undefined) {
    return {
      write: () => Effect.void,
      commit: Effect.succeed<Receipt>({ key: load.key, outcome: "already-loaded", stale: [] }),
    }
  }
  const stale = yield* asSink(
    "begin",
    Effect.onError(evolveTables(connection, load), () => rollback),
  )

  let open = true
  yield* Effect.acquireRelease(asSink("begin", connection.run("begin transaction", "begin a transaction")), () =>
    open ? rollback : Effect.void,
  )
  const outdated = new Set<string>()
  yield* asSink(
    "begin",
    Effect.gen(function* () {
      yield* connection.run(
        `create or replace temp table replaced_rejects as select table_name, _member, _row, column_name from odh.rejects where ${rowsOfSlice(load.slice)}`,
        "remember the rejects of a slice",
      )
      yield* deleteSlice(connection, load.slice)
      for (const schema of load.tables) {
        if (schema.mode !== "latest") continue
        const newest = yield* newestInTable(connection, load.slice, schema.table)
        if (newest !== undefined && newest > load.slice.extractedAt) outdated.add(schema.table)
        else {
          const ofResource = `_dataset_id = ${literal(load.slice.dataset)} and _resource_id = ${literal(load.slice.resource)}`
          yield* connection.run(
            `delete from ${qualified("bronze", schema.table)} where ${ofResource};
           delete from odh.rejects where table_name = ${literal(schema.table)} and ${ofResource}`,
            `replace the latest rows of ${schema.table}`,
          )
        }
      }
    }),
  )

  const parts: Array<TypedTable> = []
  const written = new Map<string, { rows: number; rejects: number }>(
    load.tables.map((schema) => [schema.table, { rows: 0, rejects: 0 }]),
  )
  return {
    write: (table) => {
      const schema = load.tables.find((one) => one.table === table.name)
      const counts = written.get(table.name)
      if (schema === undefined || counts === undefined) {
        return Effect.fail(
          new SinkError({
            plugin: "duckdb",
            operation: "write",
            reason: terminal,
            message: `${target}: the table "${table.name}" is not part of this load`,
          }),
        )
      }
      if (outdated.has(table.name)) return Effect.void
      return asSink(
        "write",
        Effect.gen(function* () {
          if (schema.mode === "history") parts.push(table)
          else yield* connection.run(insertRows(schema, table, load), `write the rows of ${table.name}`)
          if (table.rowRejects + table.cellRejects > 0)
            yield* connection.run(insertRejects(table, load), `write the rejects of ${table.name}`)
          counts.rows += table.rows
          counts.rejects += table.rowRejects + table.cellRejects
        }),
      )
    },
    commit: asSink(
      "commit",
      Effect.gen(function* () {
        const { slice } = load
        yield* placeTables(connection, load, parts, retention)
        yield* connection.run(
          `insert into odh.loads values (${[load.key, slice.source, slice.dataset, slice.resource].map(literal).join(", ")}, ${literal(slice.extractedAt)}::timestamptz, ${literal(load.sha256)}, now())`,
          "record the key",
        )
        for (const [table, { rows, rejects }] of written) {
          yield* connection.run(
            `insert into odh.load_tables values (${literal(load.key)}, ${literal(table)}, ${rows}, ${rejects})`,
            "record the tables",
          )
        }
        const closed = yield* closedRejects(connection, load)
        yield* connection.run("commit", "commit")
        open = false
        return { key: load.key, outcome: "committed", stale, closed } satisfies Receipt
      }),
    ),
  }
})
