/** What the warehouse and the lake know of a table: all that dbt files are generated from. */
import type { Connection, QueryRow } from "@opendatahub-sql/engine-duckdb"
import { identifier, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import type { ResourceStatus, ResourceSummary } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"

/** A column, and what holds for all its values today. */
export interface DescribedColumn {
  readonly name: string
  /** As DuckDB writes it. */
  readonly type: string
  readonly original: string
  readonly isFull: boolean
  readonly isUnique: boolean
  /** What each value is, if they all are: `departement`, `commune`, `siret`… */
  readonly code: CodeName | undefined
}

/** Where a table is from. */
export interface DescribedDataset {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly organization: string | undefined
  readonly license: string | undefined
}

/** A table of `bronze`. */
export interface DescribedTable {
  readonly name: string
  readonly parent: string | undefined
  readonly columns: ReadonlyArray<DescribedColumn>
  readonly dataset: DescribedDataset | undefined
  /** Milliseconds between two updates, as declared. */
  readonly updateEvery: number | undefined
}

/** Codes that are told by their form, for columns whose names say that they may be one. */
export const codes = {
  commune: {
    name: /^(com|comparent|depcom|codgeo|insee|code_?(insee|commune).*)$/,
    form: "^([013-9][0-9]|2[AB0-9])[0-9]{3}$",
  },
  departement: { name: /^(dep|dept|code_?dep.*)$/, form: "^([013-9][0-9]|2[AB0-9]|97[1-8]|98[4678]|99)$" },
  region: { name: /^(reg|code_?reg.*)$/, form: "^[0-9]{2}$" },
  code_postal: { name: /^(cp|code_?postal.*)$/, form: "^[0-9]{5}$" },
  siret: { name: /siret/, form: "^[0-9]{14}$" },
  siren: { name: /siren/, form: "^[0-9]{9}$" },
} as const
export type CodeName = keyof typeof codes

/** Fewer rows prove nothing: what holds for them by chance would be a test that fails tomorrow. */
const ENOUGH_ROWS = 50

const codeFor = (name: string): CodeName | undefined =>
  (Object.keys(codes) as ReadonlyArray<CodeName>).find((code) => codes[code].name.test(name))

const countsSql = (table: string, columns: ReadonlyArray<QueryRow>): string => {
  const counts = columns.flatMap(({ column_name, type }, index) => {
    const column = identifier(String(column_name))
    const code = type === "VARCHAR" ? codeFor(String(column_name)) : undefined
    return [
      `count(${column}) as full_${index}`,
      /^(VARCHAR|BIGINT|UUID|INTEGER)$/.test(String(type))
        ? `count(distinct ${column}) as distinct_${index}`
        : `0 as distinct_${index}`,
      code === undefined
        ? `0 as code_${index}`
        : `count(*) filter (regexp_full_match(${column}, ${literal(codes[code].form)})) as code_${index}`,
    ]
  })
  return `select count(*) as total, ${counts.join(", ")} from ${qualified("bronze", table)}`
}

const describe = Effect.fnUntraced(function* (connection: Connection, table: string) {
  const columns = yield* connection.all(
    `select column_name, data_type as type, coalesce(comment, column_name) as original
     from duckdb_columns() where schema_name = 'bronze' and table_name = ${literal(table)} and column_name not like '\\_%' escape '\\'
     order by column_index`,
    "describe a table",
  )
  if (columns.length === 0) return []
  const counts = yield* connection.one(countsSql(table, columns), "look at the values of a table")
  const total = Number(counts["total"])
  return columns.map(({ column_name, type, original }, index): DescribedColumn => {
    const full = Number(counts[`full_${index}`])
    const enough = total >= ENOUGH_ROWS
    return {
      name: String(column_name),
      type: String(type),
      original: String(original),
      isFull: enough && full === total,
      isUnique: enough && full === total && Number(counts[`distinct_${index}`]) === total,
      code: full >= ENOUGH_ROWS && Number(counts[`code_${index}`]) === full ? codeFor(String(column_name)) : undefined,
    }
  })
})

const datasetOf = (
  status: ResourceStatus | undefined,
  summaries: ReadonlyArray<ResourceSummary>,
): DescribedDataset | undefined => {
  if (status === undefined) return undefined
  const summary = summaries.find(
    ({ source, dataset, resource }) =>
      source === status.source && dataset === status.dataset && resource === status.resource,
  )
  return {
    id: status.dataset,
    slug: status.datasetSlug,
    title: status.datasetTitle,
    organization: summary?.organization,
    license: summary?.license,
  }
}

/** Every table of `bronze` that was loaded, by name. */
export const describeTables = Effect.fn("describeTables")(function* (
  connection: Connection,
  statuses: ReadonlyArray<ResourceStatus>,
  summaries: ReadonlyArray<ResourceSummary>,
) {
  const tables = yield* connection.all(
    "select table_name, parent from odh.tables order by table_name",
    "list the tables",
  )
  return yield* Effect.forEach(tables, ({ table_name, parent }) =>
    Effect.gen(function* () {
      const name = String(table_name)
      const status = statuses.find((one) => one.tables.includes(name))
      const described: DescribedTable = {
        name,
        parent: parent === null || parent === undefined ? undefined : String(parent),
        columns: yield* describe(connection, name),
        dataset: datasetOf(status, summaries),
        updateEvery: status?.declaredEvery,
      }
      return described
    }),
  )
})
