/** Brings tables to the columns of a load, in their mode: created, widened, renamed, or emptied to be read again from the lake. */
import { misconfigured, type PhysicalSchema, SinkError } from "@opendatahub-sql/core"
import { type Connection, identifier, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import { tableMacros } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { describeTable, historyColumns, type KnownTable, physicalType, systemColumns } from "./catalog.ts"
import { evolveHistory, forgetHistory } from "./evolve-history.ts"

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
  ...(schema.columns.length === 0
    ? []
    : [
        `insert into odh.columns values ${schema.columns
          .map(
            (column, position) =>
              `(${[schema.table, position, column.physicalName, column.type, column.original].map(literal).join(", ")})`,
          )
          .join(", ")}`,
      ]),
]

/** `<table>_latest`: of each resource, the newest extraction that the table was loaded from; an empty one counts. */
const latestView = (schema: PhysicalSchema): string =>
  `create or replace view ${qualified("bronze", `${schema.table}_latest`)} as
   from ${qualified("bronze", schema.table)} where (_dataset_id, _resource_id, _extracted_at) in (
     select (l.dataset_id, l.resource_id, max(l.extracted_at)) from odh.loads l join odh.load_tables t using (load_key)
     where t.table_name = ${literal(schema.table)} group by l.dataset_id, l.resource_id)`

/** Tables and views share their names: one that a table of another resource has, or its view, is not taken from it. */
const checkFree = Effect.fnUntraced(function* (
  connection: Connection,
  name: string,
  kind: "table" | "view",
  table: string,
) {
  const [other] = yield* connection.all(
    `select 1 from odh.tables where ${kind === "table" ? "mode <> 'latest' and table_name || '_latest'" : "table_name"} = ${literal(name)}`,
    `look for ${name}`,
  )
  if (other === undefined) return
  return yield* new SinkError({
    plugin: "duckdb",
    operation: "begin",
    reason: misconfigured,
    message:
      kind === "table"
        ? `the table "${table}" cannot be made: that is the name of the view of another table's newest rows; give the resource another table with \`into\` in the configuration`
        : `the view "${name}" of the newest rows of "${table}" cannot be made: a table has its name; give the resource another table with \`into\` in the configuration, or set its \`mode\` to "latest"`,
  })
})

/** Whether the rows of a table must be read again from the lake: a history is another representation of them. */
export const changesRepresentation = (schema: PhysicalSchema, known: KnownTable | undefined): boolean =>
  known !== undefined && known.mode !== schema.mode && (known.mode === "history" || schema.mode === "history")

/**
 * Brings a table to its new columns. Types that changed are converted where they are; a `rewrite` is read again from the lake later. A
 * table that becomes a history, or stops being one, starts empty. `hasChildren`: rows of other tables hang on its rows.
 */
export const evolveTable = Effect.fnUntraced(function* (
  connection: Connection,
  schema: PhysicalSchema,
  hasChildren: boolean,
) {
  const described = yield* describeTable(connection, schema.table)
  const starts = described === undefined || changesRepresentation(schema, described)
  const known = starts ? undefined : described
  const table = qualified("bronze", schema.table)
  if (starts && described !== undefined) {
    yield* connection.run(
      `drop view if exists ${qualified("bronze", `${schema.table}_latest`)}`,
      `remove a view of ${schema.table}`,
    )
    if (described.mode === "history") yield* forgetHistory(connection, schema.table)
    else yield* connection.run(`drop table ${table}`, `empty the table ${schema.table}`)
  }
  const needsView = schema.mode !== "latest" && (known === undefined || known.mode === "latest")
  if (needsView) yield* checkFree(connection, `${schema.table}_latest`, "view", schema.table)
  if (described === undefined) yield* checkFree(connection, schema.table, "table", schema.table)
  if (schema.mode === "history") {
    for (const statement of remember(schema)) yield* connection.run(statement, `record the columns of ${schema.table}`)
    return yield* evolveHistory(connection, schema, known, hasChildren)
  }
  if (known === undefined) {
    yield* connection.run(createTable(schema), `create the table ${schema.table}`)
    for (const column of schema.columns)
      yield* connection.run(comment(schema.table, column.physicalName, column.original))
  } else {
    for (const column of schema.columns) {
      const before = known.columns.find((one) => one.name === column.physicalName)
      const name = identifier(column.physicalName)
      if (before === undefined) {
        yield* connection.run(
          `alter table ${table} add column ${name} ${physicalType(column.type)}; ${comment(schema.table, column.physicalName, column.original)}`,
          `add a column to ${schema.table}`,
        )
      } else if (physicalType(before.type) !== physicalType(column.type)) {
        yield* connection.run(
          `alter table ${table} alter column ${name} set data type ${physicalType(column.type)}`,
          `widen a column of ${schema.table}`,
        )
      }
    }
  }
  for (const statement of remember(schema)) yield* connection.run(statement, `record the columns of ${schema.table}`)
  if (needsView) yield* connection.run(latestView(schema), `make the view ${schema.table}_latest`)
  const dated = { name: schema.table, mode: schema.mode, columns: historyColumns(schema) }
  for (const macro of tableMacros(dated)) yield* connection.run(macro, `make the macros of ${schema.table}`)
})
