/**
 * One load. First the columns, in a transaction of their own (the engine cannot alter a table and write to it in the same one): a load that
 * ends there leaves an empty column or table, no row. Then, in one transaction: replace the slice, write the rows, record the key.
 */
import { type EngineError, type Load, misconfigured, type PhysicalSchema, type Receipt, SinkError, type Slice, terminal, type TypedTable, type Writer } from "@opendatahub-sql/core"
import { type Connection, identifier, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { describeTable, physicalType, systemColumns } from "./catalog.ts"
import { sinkError } from "./failure.ts"
import { deleteSlice, entriesOfTable, forgetKeys, newestInTable } from "./ledger.ts"

const comment = (table: string, column: string, original: string): string =>
  `comment on column ${qualified("bronze", table)}.${identifier(column)} is ${literal(original)}`

const createTable = (schema: PhysicalSchema): string => {
  const system = Object.entries(systemColumns).filter(([name]) => name !== "_parent_row" || schema.parent !== undefined)
  const columns = [
    ...system.map(([name, type]) => `${identifier(name)} ${type}`),
    ...schema.columns.map((column) => `${identifier(column.physicalName)} ${physicalType(column.type)}`),
  ]
  return `create table ${qualified("bronze", schema.table)} (${columns.join(", ")})`
}

const remember = (schema: PhysicalSchema): ReadonlyArray<string> => [
  `insert or replace into odh.tables values (${literal(schema.table)}, ${literal(schema.parent ?? null)}, ${literal(schema.mode)})`,
  `delete from odh.columns where table_name = ${literal(schema.table)}`,
  ...(schema.columns.length === 0 ? [] : [
    `insert into odh.columns values ${schema.columns.map((column, position) =>
      `(${[schema.table, position, column.name, column.type, column.original].map(literal).join(", ")})`).join(", ")}`,
  ]),
]

/** `<table>_latest`: of each resource, the newest extraction that the table was loaded from; an empty one counts. */
const latestView = (schema: PhysicalSchema): string =>
  `create or replace view ${qualified("bronze", `${schema.table}_latest`)} as
   from ${qualified("bronze", schema.table)} where (_dataset_id, _resource_id, _extracted_at) in (
     select (l.dataset_id, l.resource_id, max(l.extracted_at)) from odh.loads l join odh.load_tables t using (load_key)
     where t.table_name = ${literal(schema.table)} group by l.dataset_id, l.resource_id)`

/** Tables and views share their names: one that a table of another resource has, or its view, is not taken from it. */
const checkFree = Effect.fnUntraced(function* (connection: Connection, name: string, kind: "table" | "view", table: string) {
  const [other] = yield* connection.all(
    `select 1 from ${kind === "table" ? "duckdb_views()" : "duckdb_tables()"} where schema_name = 'bronze' and ${kind === "table" ? "view_name" : "table_name"} = ${literal(name)}`,
    `look for ${name}`,
  )
  if (other === undefined) return
  return yield* new SinkError({
    plugin: "duckdb",
    operation: "begin",
    reason: misconfigured,
    message: kind === "table"
      ? `the table "${table}" cannot be made: that is the name of the view of another table's newest rows; give the resource another table with \`into\` in the configuration`
      : `the view "${name}" of the newest rows of "${table}" cannot be made: a table has its name; give the resource another table with \`into\` in the configuration, or set its \`mode\` to "latest"`,
  })
})

/** Brings a table to its new columns. Types that changed are converted where they are; a `rewrite` is read again from the lake later. */
const evolveTable = Effect.fnUntraced(function* (connection: Connection, schema: PhysicalSchema) {
  const known = yield* describeTable(connection, schema.table)
  const table = qualified("bronze", schema.table)
  const needsView = schema.mode === "snapshots" && known?.mode !== "snapshots"
  if (needsView) yield* checkFree(connection, `${schema.table}_latest`, "view", schema.table)
  if (known === undefined) {
    yield* checkFree(connection, schema.table, "table", schema.table)
    yield* connection.run(createTable(schema), `create the table ${schema.table}`)
    for (const column of schema.columns) yield* connection.run(comment(schema.table, column.physicalName, column.original))
  } else {
    for (const column of schema.columns) {
      const before = known.columns.find((one) => one.name === column.name)
      const name = identifier(column.physicalName)
      if (before === undefined) {
        yield* connection.run(`alter table ${table} add column ${name} ${physicalType(column.type)}; ${comment(schema.table, column.physicalName, column.original)}`, `add a column to ${schema.table}`)
      } else if (physicalType(before.type) !== physicalType(column.type)) {
        yield* connection.run(`alter table ${table} alter column ${name} set data type ${physicalType(column.type)}`, `widen a column of ${schema.table}`)
      }
    }
  }
  for (const statement of remember(schema)) yield* connection.run(statement, `record the columns of ${schema.table}`)
  if (needsView) yield* connection.run(latestView(schema), `make the view ${schema.table}_latest`)
})

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
  const names = [...provenance.map(([name]) => identifier(name)), ...columns.map((column) => identifier(column.physicalName))]
  const values = [...provenance.map(([, value]) => value), ...columns.map((column) => `${identifier(column.name)}::${physicalType(column.type)}`)]
  return `insert into ${qualified("bronze", schema.table)} (${names.join(", ")}) select ${values.join(", ")} from (${table.relation})`
}

const insertRejects = (table: TypedTable, load: Load): string =>
  `insert into odh.rejects select ${literal(table.name)}, _row, ${literal(table.member ?? null)}, "column", code, raw, line, byte,
   ${literal(load.slice.extractedAt)}::timestamptz, ${literal(load.slice.dataset)}, ${literal(load.slice.resource)}, ${literal(load.key)} from (${table.rejects})`

/** Makes the tables fit. What a `rewrite` converts loses its key here, so that it is read again even when this load never ends. */
const evolveTables = Effect.fnUntraced(function* (connection: Connection, load: Load) {
  const stale = new Map<string, Slice>()
  yield* connection.run("begin transaction", "begin a transaction")
  for (const schema of load.tables) {
    if (schema.change === "rewrite") {
      const entries = yield* entriesOfTable(connection, schema.table, load.slice)
      for (const { key, slice } of entries) stale.set(key, slice)
      if (entries.length > 0) yield* forgetKeys(connection, entries.map((entry) => entry.key))
    }
    if (schema.change !== "none" || (yield* describeTable(connection, schema.table))?.mode !== schema.mode) yield* evolveTable(connection, schema)
  }
  yield* connection.run("commit", "commit the columns")
  return [...stale.values()]
})

/** Starts the load. It is rolled back when the scope closes before the commit. */
export const beginLoad = Effect.fn("DuckdbSink.begin")(function* (
  connection: Connection,
  load: Load,
  target: string,
): Effect.fn.Return<Writer, SinkError, Scope.Scope> {
  const asSink = <A, R>(operation: string, effect: Effect.Effect<A, EngineError | SinkError, R>): Effect.Effect<A, SinkError, R> =>
    Effect.mapError(effect, (error) => sinkError(operation, target, error))
  const rollback = Effect.ignore(connection.run("rollback", "roll back"))

  const [held] = yield* asSink("begin", connection.all(`select 1 from odh.loads where load_key = ${literal(load.key)}`, "read the ledger"))
  if (held !== undefined) {
    return { write: () => Effect.void, commit: Effect.succeed<Receipt>({ key: load.key, outcome: "already-loaded", stale: [] }) }
  }
  const stale = yield* asSink("begin", Effect.onError(evolveTables(connection, load), () => rollback))

  let open = true
  yield* Effect.acquireRelease(
    asSink("begin", connection.run("begin transaction", "begin a transaction")),
    () => (open ? rollback : Effect.void),
  )
  const outdated = new Set<string>()
  yield* asSink("begin", Effect.gen(function* () {
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
  }))

  const written = new Map<string, { rows: number; rejects: number }>(load.tables.map((schema) => [schema.table, { rows: 0, rejects: 0 }]))
  return {
    write: (table) => {
      const schema = load.tables.find((one) => one.table === table.name)
      const counts = written.get(table.name)
      if (schema === undefined || counts === undefined) {
        return Effect.fail(new SinkError({ plugin: "duckdb", operation: "write", reason: terminal, message: `${target}: the table "${table.name}" is not part of this load` }))
      }
      if (outdated.has(table.name)) return Effect.void
      return asSink("write", Effect.gen(function* () {
        yield* connection.run(insertRows(schema, table, load), `write the rows of ${table.name}`)
        if (table.rowRejects + table.cellRejects > 0) yield* connection.run(insertRejects(table, load), `write the rejects of ${table.name}`)
        counts.rows += table.rows
        counts.rejects += table.rowRejects + table.cellRejects
      }))
    },
    commit: asSink("commit", Effect.gen(function* () {
      const { slice } = load
      yield* connection.run(
        `insert into odh.loads values (${[load.key, slice.source, slice.dataset, slice.resource].map(literal).join(", ")}, ${literal(slice.extractedAt)}::timestamptz, ${literal(load.sha256)}, now())`,
        "record the key",
      )
      for (const [table, { rows, rejects }] of written) {
        yield* connection.run(`insert into odh.load_tables values (${literal(load.key)}, ${literal(table)}, ${rows}, ${rejects})`, "record the tables")
      }
      yield* connection.run("commit", "commit")
      open = false
      return { key: load.key, outcome: "committed", stale } satisfies Receipt
    })),
  }
})
