/** What is compared: the tables of the warehouse, its ledger, the datasets and the seeds of the dbt project. */
import { type Connection, identifier, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { readdir } from "node:fs/promises"
import { basename, join } from "node:path"
import type { DescribedTable } from "../dbt/described-table.ts"
import { silverName } from "../dbt/column-name.ts"
import { silverColumn } from "../dbt/render.ts"

/** A column by the type that decides with what it can be compared. */
export interface TableColumn {
  readonly name: string
  /** As DuckDB writes it. */
  readonly type: string
}

/** A relation that dbt knows by `reference`. */
export interface ComparedTable {
  readonly name: string
  readonly kind: "table" | "seed" | "ledger" | "calendar" | "datasets"
  /** SQL that may stand after `from`. */
  readonly relation: string
  /** Jinja that may stand after `from` in a model. */
  readonly reference: string
  readonly parent: string | undefined
  readonly columns: ReadonlyArray<TableColumn>
}

/** What a child's rows hang on, and the id of those that others hang on. */
const LINKS = ["_id", "_parent_id"]

const columnsOf = Effect.fnUntraced(function* (connection: Connection, schema: string) {
  const rows = yield* connection.all(
    `select table_name, column_name, data_type from duckdb_columns() where schema_name = ${literal(schema)} order by table_name, column_index`,
    `describe the tables of ${schema}`,
  )
  return (table: string): ReadonlyArray<TableColumn> =>
    rows
      .filter((row) => row["table_name"] === table)
      .map((row) => ({ name: String(row["column_name"]), type: String(row["data_type"]) }))
})

/** Tables as silver shows them, codes repaired. */
const bronze = Effect.fnUntraced(function* (connection: Connection, tables: ReadonlyArray<DescribedTable>) {
  const physical = yield* columnsOf(connection, "bronze")
  return tables.map((table): ComparedTable => {
    const links = physical(table.name).filter(({ name }) => LINKS.includes(name))
    const columns = [
      ...links.map(({ name }) => identifier(name)),
      ...table.columns.map((column) => silverColumn(column, identifier)),
    ]
    return {
      name: table.name,
      kind: "table",
      relation: `(select ${columns.join(", ")} from ${qualified("bronze", table.name)})`,
      reference: `{{ ref('slv_${table.name}') }}`,
      parent: table.parent,
      columns: [...links, ...table.columns.map(({ name, type }) => ({ name: silverName(name), type }))],
    }
  })
})

const ledger = Effect.fnUntraced(function* (connection: Connection) {
  const physical = yield* columnsOf(connection, "odh")
  return ["loads", "load_tables"].map((name): ComparedTable => ({
    name: `odh.${name}`,
    kind: "ledger",
    relation: qualified("odh", name),
    reference: `{{ source('odh', '${name}') }}`,
    parent: undefined,
    columns: physical(name),
  }))
})

/** Seeds as text: their codes keep their zeros. */
const seeds = Effect.fnUntraced(function* (connection: Connection, folder: string) {
  const files = yield* Effect.promise(() => readdir(folder).catch(() => []))
  return yield* Effect.forEach(
    files.filter((file) => file.endsWith(".csv")).toSorted(),
    Effect.fnUntraced(function* (file) {
      const name = basename(file, ".csv")
      yield* connection.run(
        `create or replace temp table ${identifier(`seed ${name}`)} as from read_csv(${literal(join(folder, file))}, all_varchar = true, header = true)`,
        `read the seed ${file}`,
      )
      const physical = yield* columnsOf(connection, "main")
      const table: ComparedTable = {
        name,
        kind: "seed",
        relation: qualified("temp", "main", `seed ${name}`),
        reference: `{{ ref('${name}') }}`,
        parent: undefined,
        columns: physical(`seed ${name}`),
      }
      return table
    }),
  )
})

/** The days of the project's `dim_date`, when it has one. */
const calendar: ComparedTable = {
  name: "dim_date",
  kind: "calendar",
  relation: "(select unnest(generate_series(date '2010-01-01', date '2030-12-31', interval 1 day))::date as jour)",
  reference: "{{ ref('dim_date') }}",
  parent: undefined,
  columns: [{ name: "jour", type: "DATE" }],
}

const datasets = (ids: ReadonlyArray<string>): ComparedTable => ({
  name: "slv_odh_dataset",
  kind: "datasets",
  relation: `(select unnest([${ids.map(literal).join(", ")}]::varchar[]) as dataset_id)`,
  reference: "{{ ref('slv_odh_dataset') }}",
  parent: undefined,
  columns: [{ name: "dataset_id", type: "VARCHAR" }],
})

/** Everything that is compared, in a fixed order. */
export const comparedTables = Effect.fn("comparedTables")(function* (
  connection: Connection,
  project: { readonly folder: string; readonly models: ReadonlySet<string> },
  tables: ReadonlyArray<DescribedTable>,
) {
  const datasetIds = new Set(tables.flatMap(({ dataset }) => (dataset === undefined ? [] : [dataset.id])))
  return [
    ...(yield* bronze(connection, tables)),
    ...(yield* seeds(connection, join(project.folder, "seeds"))),
    ...(yield* ledger(connection)),
    datasets([...datasetIds].toSorted()),
    ...(project.models.has("dim_date") ? [calendar] : []),
  ]
})
