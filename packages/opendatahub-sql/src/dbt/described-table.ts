/** What the warehouse and the lake know of a table: all that dbt files are generated from. */
import type { Connection, QueryRow } from "@opendatahub-sql/engine-duckdb"
import { identifier, literal, qualified } from "@opendatahub-sql/engine-duckdb"
import type { ResourceStatus, ResourceSummary } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { type CodeName, codeFor, codes, repairedCode } from "./codes.ts"

/** A column, and what holds for all its values today. */
export interface DescribedColumn {
  readonly name: string
  /** As DuckDB writes it. */
  readonly type: string
  readonly original: string
  readonly isFull: boolean
  readonly isUnique: boolean
  /** Of numbers: the least and the greatest. */
  readonly extremes: readonly [least: number, most: number] | undefined
  /** What the values are, if nearly all of them are: `departement`, `commune`, `siret`… */
  readonly code: CodeName | undefined
  /** Whether values must be repaired to be that code. */
  readonly isRepaired: boolean
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
  readonly mode: string
  readonly columns: ReadonlyArray<DescribedColumn>
  readonly dataset: DescribedDataset | undefined
  /** Milliseconds between two updates, as declared. */
  readonly updateEvery: number | undefined
}

/** Fewer rows prove nothing: what holds for them by chance would be a test that fails tomorrow. */
const ENOUGH_ROWS = 50

/** Values that a repair does not mend stay as they are, and a test counts them; more of them, and the column is no such code. */
const MENDED = 0.95

/** A wrong code must not take away the test that tells it. */
const CODES = 0.99

const isNumber = (type: string): boolean => /^(BIGINT|DOUBLE|DECIMAL)/.test(type)

const countsSql = (table: string, columns: ReadonlyArray<QueryRow>): string => {
  const counts = columns.flatMap(({ column_name, type }, index) => {
    const name = String(column_name)
    const column = identifier(name)
    const code = /^(VARCHAR|BIGINT)$/.test(String(type)) ? codeFor(name) : undefined
    const matching = (text: string): string =>
      code === undefined ? "0" : `count(*) filter (regexp_full_match(${text}, ${literal(codes[code].form)}))`
    return [
      `count(${column}) as full_${index}`,
      /^(VARCHAR|BIGINT|UUID|INTEGER)$/.test(String(type))
        ? `count(distinct ${column}) as distinct_${index}`
        : `0 as distinct_${index}`,
      ...["min", "max"].map((what) =>
        isNumber(String(type)) ? `${what}(${column})::double as ${what}_${index}` : `null as ${what}_${index}`,
      ),
      `${matching(`${column}::varchar`)} as code_${index}`,
      `${code === undefined ? "0" : matching(repairedCode(column, code))} as repaired_${index}`,
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
    const count = (what: string): number => Number(counts[`${what}_${index}`])
    const full = count("full")
    const isCode = full >= ENOUGH_ROWS && count("code") >= CODES * full && type === "VARCHAR"
    const isRepaired = !isCode && full >= ENOUGH_ROWS && count("repaired") >= MENDED * full
    return {
      name: String(column_name),
      type: isRepaired ? "VARCHAR" : String(type),
      original: String(original),
      isFull: total >= ENOUGH_ROWS && full === total,
      isUnique: total >= ENOUGH_ROWS && full === total && count("distinct") === total,
      extremes: isNumber(String(type)) && !isRepaired && full >= ENOUGH_ROWS ? [count("min"), count("max")] : undefined,
      code: isCode || isRepaired ? codeFor(String(column_name)) : undefined,
      isRepaired,
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
    "select table_name, parent, mode from odh.tables order by table_name",
    "list the tables",
  )
  return yield* Effect.forEach(tables, ({ table_name, parent, mode }) =>
    Effect.gen(function* () {
      const name = String(table_name)
      const status = statuses.find((one) => one.tables.includes(name))
      const described: DescribedTable = {
        name,
        parent: parent === null || parent === undefined ? undefined : String(parent),
        mode: String(mode),
        columns: yield* describe(connection, name),
        dataset: datasetOf(status, summaries),
        updateEvery: status?.declaredEvery,
      }
      return described
    }),
  )
})
