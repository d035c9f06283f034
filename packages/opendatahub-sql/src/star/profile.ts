/**
 * A sketch of every column, made by the engine: its figures, and the distinct values of smallest hash (all of them when there are few). Two
 * reads of a table, and at most `SKETCH` values a column in memory.
 */
import { type Connection, identifier } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type { ComparedTable } from "./compared-table.ts"

/** Values in a sketch: the share of those found elsewhere is right within 3 points, 19 times of 20. */
export const SKETCH = 1024
/** Longer texts name nothing. */
const LONGEST = 64

/** What may be compared: days with days, everything else by its text. */
export type ColumnKind = "text" | "number" | "day" | "other"

/** A column and what is known of its values. */
export interface ColumnProfile {
  readonly id: number
  readonly table: ComparedTable
  readonly name: string
  readonly type: string
  readonly kind: ColumnKind
  readonly rows: number
  readonly full: number
  /** Exact where it may be a key, else the engine's estimate. */
  readonly distinct: number
  readonly isUnique: boolean
  readonly longest: number
  /** Width of the interval that whole numbers are in. */
  readonly span: number | undefined
  /** Whether it has a sketch. */
  readonly isSketched: boolean
}

const kindOf = (type: string): ColumnKind =>
  /^(VARCHAR|UUID)$/.test(type)
    ? "text"
    : /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)
      ? "number"
      : /^(DATE|TIMESTAMP)/.test(type)
        ? "day"
        : "other"

/** The text by which values are compared. */
export const comparable = (name: string, kind: ColumnKind): string =>
  kind === "day" ? `${identifier(name)}::date::varchar` : `${identifier(name)}::varchar`

const figuresSql = (table: ComparedTable): string =>
  `select count(*) as total, ${table.columns
    .flatMap(({ name, type }, i) => {
      const kind = kindOf(type)
      const text = comparable(name, kind)
      return [
        `count(${identifier(name)}) as full_${i}`,
        `approx_count_distinct(${text}) as distinct_${i}`,
        `coalesce(max(length(${text})), 0) as longest_${i}`,
        kind === "number"
          ? `(max(${identifier(name)})::hugeint - min(${identifier(name)})::hugeint + 1)::double as span_${i}`
          : `null::double as span_${i}`,
      ]
    })
    .join(", ")} from ${table.relation}`

const all = "18446744073709551615"

/** Hashes up to here are in the sketch: about `SKETCH` distinct values. */
const threshold = (distinct: number): string =>
  distinct <= SKETCH ? all : String((BigInt(all) * BigInt(SKETCH)) / BigInt(Math.ceil(distinct)))

const sketchSql = (table: ComparedTable, columns: ReadonlyArray<ColumnProfile>): string =>
  `insert into temp.main.sketch with sketches as materialized (select ${columns
    .map(({ name, kind, distinct }, i) => {
      const text = comparable(name, kind)
      return `list(distinct ${text}) filter (where ${text} is not null and hash(${text}) <= ${threshold(distinct)}) as s${i}`
    })
    .join(", ")} from ${table.relation}) ${columns
    .map(({ id }, i) => `select ${id}, unnest(s${i}) from sketches`)
    .join(" union all ")}`

const profile = Effect.fnUntraced(function* (connection: Connection, table: ComparedTable, firstId: number) {
  if (table.columns.length === 0) return []
  const figures = yield* connection.one(figuresSql(table), `look at the columns of ${table.name}`)
  const rows = Number(figures["total"])
  const rough = table.columns.map(({ name, type }, i): ColumnProfile => {
    const kind = kindOf(type)
    const longest = Number(figures[`longest_${i}`])
    const full = Number(figures[`full_${i}`])
    return {
      id: firstId + i,
      table,
      name,
      type,
      kind,
      rows,
      full,
      distinct: Number(figures[`distinct_${i}`]),
      isUnique: false,
      longest,
      span: typeof figures[`span_${i}`] === "number" ? Number(figures[`span_${i}`]) : undefined,
      isSketched: kind !== "other" && full > 0 && longest <= LONGEST,
    }
  })
  const perhapsKeys = rough.filter((one) => one.isSketched && one.distinct >= 0.4 * one.full)
  const exact =
    perhapsKeys.length === 0
      ? {}
      : yield* connection.one(
          `select ${perhapsKeys.map(({ id, name, kind }) => `count(distinct ${comparable(name, kind)}) as d${id}`).join(", ")} from ${table.relation}`,
          `count the values of ${table.name}`,
        )
  const columns = rough.map((one) => {
    const counted = exact[`d${one.id}`]
    const distinct = counted === undefined ? one.distinct : Number(counted)
    return { ...one, distinct, isUnique: distinct === one.full && one.full > 0 }
  })
  const sketched = columns.filter((one) => one.isSketched)
  if (sketched.length > 0) yield* connection.run(sketchSql(table, sketched), `sketch the columns of ${table.name}`)
  return columns
})

/** Every column of every table; the sketches are in `temp.main.sketch (id, value)`. */
export const profiles = Effect.fn("star.profiles")(function* (
  connection: Connection,
  tables: ReadonlyArray<ComparedTable>,
) {
  yield* connection.run("create or replace temp table sketch (id integer, value varchar)", "prepare the sketches")
  const columns: Array<ColumnProfile> = []
  for (const table of tables) columns.push(...(yield* profile(connection, table, columns.length)))
  return columns
})
