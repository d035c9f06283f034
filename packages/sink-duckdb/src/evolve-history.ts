/** The columns of a table with a history. Its rows are in `history_added`; `bronze.<table>` is a view of those that are there today. */
import type { PhysicalSchema } from "@opendatahub-sql/core"
import { type Connection, identifier, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import {
  addedTable,
  createHistory,
  dropHistory,
  historyViews,
  type RenamedColumn,
  tableMacros,
} from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { historyColumns, type KnownTable, physicalType } from "./catalog.ts"
import { compactType, storedTypes } from "./compact-decimals.ts"

/** What a history's columns become besides their types: the `token` of its schema. `wide`: columns that are stored with all their digits. */
export interface HistoryPlan {
  readonly renames: ReadonlyArray<RenamedColumn>
  readonly wide: ReadonlyArray<string>
}

const planOf = (schema: PhysicalSchema): HistoryPlan =>
  (schema.token as HistoryPlan | undefined) ?? {
    renames: [],
    wide: schema.columns.map((column) => column.physicalName),
  }

/** What an earlier name of a column is worth: files that still use it are understood. */
const renameColumn = (table: string, { from, to, takesName }: RenamedColumn): ReadonlyArray<string> => [
  ...(takesName
    ? [
        `alter table ${addedTable(table)} rename column ${identifier(from)} to ${identifier(to)}`,
        `update odh.column_aliases set column_name = ${literal(to)} where table_name = ${literal(table)} and column_name = ${literal(from)}`,
      ]
    : []),
  `insert into odh.column_aliases values (${[table, takesName ? to : from, takesName ? from : to].map(literal).join(", ")})`,
]

/** Makes the table fit, and its views and macros with it. `known`: what it was, as a history. */
export const evolveHistory = Effect.fnUntraced(function* (
  connection: Connection,
  schema: PhysicalSchema,
  known: KnownTable | undefined,
  hasChildren: boolean,
) {
  const { renames, wide } = planOf(schema)
  const columns = historyColumns(schema).map((column) => ({
    ...column,
    stored: (wide.includes(column.name) ? undefined : compactType(column.type)) ?? physicalType(column.type),
  }))
  const parent = schema.parent ?? known?.parent
  const table = { name: schema.table, mode: "history" as const, columns, parent, hasChildren }
  if (known === undefined) {
    for (const statement of createHistory(table))
      yield* connection.run(statement, `create the history of ${schema.table}`)
  } else {
    for (const rename of renames) {
      for (const statement of renameColumn(schema.table, rename))
        yield* connection.run(statement, `rename a column of ${schema.table}`)
    }
    const types = yield* storedTypes(connection, schema.table)
    for (const [id, column] of columns.entries()) {
      const before = known.columns[id]
      const name = identifier(column.name)
      const change =
        before === undefined
          ? `add column ${name} ${column.stored}`
          : physicalType(before.type) === physicalType(column.type) &&
              (compactType(column.type) === undefined || types.get(column.name) === column.stored)
            ? undefined
            : `alter column ${name} set data type ${column.stored}`
      if (change !== undefined)
        yield* connection.run(`alter table ${addedTable(schema.table)} ${change}`, `change a column of ${schema.table}`)
    }
  }
  for (const statement of [...historyViews(table), ...tableMacros(table)])
    yield* connection.run(statement, `make the views of ${schema.table}`)
  for (const { physicalName, original } of schema.columns) {
    yield* connection.run(
      `comment on column ${qualified("bronze", schema.table)}.${identifier(physicalName)} is ${literal(original)}`,
    )
  }
})

/** Takes a history out, with its register. */
export const forgetHistory = Effect.fnUntraced(function* (connection: Connection, table: string) {
  const statements = [
    `drop view ${qualified("bronze", table)}`,
    ...dropHistory(table),
    `delete from odh.history where table_name = ${literal(table)}`,
    `delete from odh.column_aliases where table_name = ${literal(table)}`,
  ]
  for (const statement of statements) yield* connection.run(statement, `empty the history of ${table}`)
})
