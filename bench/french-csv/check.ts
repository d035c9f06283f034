/** Compares a Parquet file with the oracle, by DuckDB and by queries of our own: nothing of what is measured takes part. */
import type { ColumnType } from "./columns.ts"
import { blockRows, type ColumnFigures } from "./figures.ts"
import type { Oracle } from "./generate.ts"
import { ask, askOne, literal } from "../measure/duckdb.ts"

/** The physical types that a column may have: a decimal must be exact, so DOUBLE is none. */
const physical: Readonly<Record<ColumnType, RegExp>> = {
  integer: /^(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/,
  decimal: /^DECIMAL/,
  date: /^DATE$/,
  timestamp: /^TIMESTAMP/,
  boolean: /^BOOLEAN$/,
  text: /^VARCHAR$/,
}

const canonical = ({ name, type, scale }: ColumnFigures): string => {
  if (type === "decimal") return `cast(${name} as decimal(38, ${scale}))`
  if (type === "timestamp") return `strftime(${name}, '%Y-%m-%dT%H:%M:%S')`
  return name
}

const columnQuery = (column: ColumnFigures, path: string): string => {
  const value = canonical(column)
  const sum =
    column.sum === null
      ? "null"
      : column.type === "decimal"
        ? `cast(sum(${column.name}) as decimal(38, ${column.scale}))`
        : `sum(${column.name})`
  return `
    with blocks as (
      select file_row_number // ${blockRows} as block, count(${column.name}) as present, ${sum} as total,
        min(${value}) as least, max(${value}) as most,
        md5(string_agg(coalesce(${value}::varchar, '\\N'), chr(10) order by file_row_number)) as digest
      from read_parquet(${literal(path)}, file_row_number = true) group by block)
    select sum(present)::integer as count, sum(total)::varchar as sum, min(least)::varchar as min, max(most)::varchar as max,
      md5(string_agg(digest, '' order by block)) as md5
    from blocks`
}

/** How many rows the file has. */
export const countRows = async (path: string): Promise<number> =>
  Number((await askOne(`select count(*)::integer as rows from read_parquet(${literal(path)})`))["rows"])

/** What differs, one sentence each; none when the file is right. */
export const check = async (path: string, oracle: Oracle): Promise<ReadonlyArray<string>> => {
  const problems: Array<string> = []
  const rows = await countRows(path)
  if (rows !== oracle.rows) problems.push(`${rows} rows instead of ${oracle.rows}`)
  const [described = []] = await ask([`describe select * from read_parquet(${literal(path)})`])
  const types = new Map(described.map((row) => [row["column_name"], String(row["column_type"])]))
  for (const column of oracle.columns) {
    const type = types.get(column.name)
    if (type === undefined) problems.push(`${column.name} is missing`)
    else if (!physical[column.type].test(type)) problems.push(`${column.name} is ${type} instead of ${column.type}`)
    else {
      const found = await askOne(columnQuery(column, path))
      for (const figure of ["count", "sum", "min", "max", "md5"] as const) {
        if (found[figure] === column[figure]) continue
        problems.push(`${figure} of ${column.name} is ${String(found[figure])} instead of ${column[figure]}`)
      }
    }
  }
  return problems
}
