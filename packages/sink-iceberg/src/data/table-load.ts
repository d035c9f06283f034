/** One table of a load: what arrives, as rows of the table's own columns with where they came from. */
import { type Load, type PhysicalSchema, rejectColumns, type TypedTable } from "@opendatahub-sql/core"
import { identifier, literal } from "@opendatahub-sql/engine-duckdb"
import { engineType } from "../read/scan.ts"
import type { StructType } from "../table/metadata/schema.ts"

/** A query with the columns that its rows have. */
export interface RowQuery {
  readonly sql: string
  readonly columns: ReadonlyArray<string>
}

const provenance = (load: Load, table: Pick<TypedTable, "member">): ReadonlyArray<readonly [string, string]> => [
  ["_member", `${literal(table.member ?? null)}::varchar`],
  ["_extracted_at", `${literal(load.slice.extractedAt)}::timestamptz`],
  ["_extraction_date", `${literal(load.slice.extractedAt.slice(0, 10))}::date`],
  ["_dataset_id", literal(load.slice.dataset)],
  ["_resource_id", literal(load.slice.resource)],
  ["_file_sha256", literal(load.sha256)],
  ["_load_id", literal(load.key)],
]

const select = (values: ReadonlyArray<readonly [string, string]>, from: string): RowQuery => ({
  sql: `select ${values.map(([name, value]) => `${value} as ${identifier(name)}`).join(", ")} from (${from})`,
  columns: values.map(([name]) => name),
})

/** The rows of a finished table. Columns that the file lacks are left out: they read as NULL. */
export const rowsOf = (load: Load, schema: PhysicalSchema, target: StructType, table: TypedTable): RowQuery => {
  const types = new Map(target.fields.map((field) => [field.name, field.type]))
  const present = new Set(table.columns.map((column) => column.name))
  return select(
    [
      ["_row", "_row"],
      ...(schema.parent === undefined ? [] : [["_parent_row", "_parent_row"] as const]),
      ...provenance(load, table),
      ...schema.columns
        .filter((column) => present.has(column.name))
        .map(
          ({ name, physicalName }) =>
            [physicalName, `${identifier(name)}::${engineType(types.get(physicalName) ?? "string")}`] as const,
        ),
    ],
    table.relation,
  )
}

/** The table of what could not be taken, beside those that it was not taken into. */
export const REJECTS_TABLE = "odh_rejects"

/** The columns of rejects; `_row` is one of ours. */
const rejected = Object.entries(rejectColumns).filter(([name]) => name !== "_row")

/** Its columns, as of a table that arrives. */
export const rejectsSchema: PhysicalSchema = {
  table: REJECTS_TABLE,
  mode: "snapshots",
  change: "none",
  columns: [["table_name", "VARCHAR"] as const, ...rejected].map(([name, type]) => ({
    name,
    physicalName: name,
    type: type === "BIGINT" ? "bigint" : "text",
    original: name,
  })),
}

/** The rejects of a finished table. */
export const rejectsOf = (load: Load, table: TypedTable): RowQuery =>
  select(
    [
      ["_row", "_row"],
      ...provenance(load, table),
      ["table_name", literal(table.name)],
      ...rejected.map(([name]) => [name, identifier(name)] as const),
    ],
    table.rejects,
  )
