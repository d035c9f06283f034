/** Finds columns that only changed their name: the same values, row by row, under another one. */
import { type ColumnType, type EngineError, joinTypes, type Slice, type TypedTable } from "@opendatahub-sql/core"
import { type Connection, identifier } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { canonicalText } from "../identity/canonical-text.ts"
import { rowIdentity } from "../identity/row-identity.ts"
import { asOf } from "../read/as-of.ts"
import type { HistoryColumn, HistoryTable } from "../store/layout.ts"
import { findTimeline, neighbours } from "../store/timeline.ts"

/** The share of non-empty values that must be the same, and of rows that must be comparable. */
const SAME = 0.95
const COMPARABLE = 0.5

/** A column that is called `to` in a file and `from` in the table. */
export interface Rename {
  readonly from: string
  readonly to: string
}

/** A file's table against what is known. `common`: columns by both names, as the table and the file call them. */
export interface RenameQuestion {
  readonly table: HistoryTable
  readonly slice: Slice
  readonly parts: ReadonlyArray<TypedTable>
  readonly common: ReadonlyArray<{ readonly known: HistoryColumn; readonly name: string }>
  readonly missing: ReadonlyArray<HistoryColumn>
  readonly arriving: ReadonlyArray<{ readonly name: string; readonly type: ColumnType }>
}

const cast = (name: string, from: ColumnType | undefined, to: ColumnType): string =>
  from === to || to === "null" ? identifier(name) : `${identifier(name)}::${to === "json" ? "varchar" : to}`

const oldRows = ({ common, missing }: RenameQuestion, state: string): string =>
  `create or replace temp table history_old as select ${[
    `${rowIdentity(common.map(({ known }) => ({ id: known.id, value: identifier(known.name), type: known.type })))} as r`,
    ...missing.map((column, index) => `${canonicalText(identifier(column.name), column.type)} as c${index}`),
  ].join(", ")} from (select * from (${state}))`

const newRows = ({ common, arriving, parts }: RenameQuestion): string =>
  `create or replace temp table history_new as ${parts
    .map((part) => {
      const types = new Map(part.columns.map((column) => [column.name, column.type]))
      const present = common.filter(({ name }) => types.has(name))
      const rest = rowIdentity(
        present.map(({ known, name }) => ({
          id: known.id,
          value: cast(name, types.get(name), known.type),
          type: known.type,
        })),
      )
      return `select ${[
        `${rest} as r`,
        ...arriving.map(
          ({ name, type }, index) =>
            `${types.has(name) ? canonicalText(cast(name, types.get(name), type), type) : "null::varchar"} as c${index}`,
        ),
      ].join(", ")} from (${part.relation})`
    })
    .join(" union all ")}`

/** Of the rows that are the same but for these columns: how many values, and how many of them are the same. */
const sameness = (missing: number, arriving: number): string =>
  `with o as (select r, c${missing} as v, count(*) as n from history_old where v is not null and r in (select r from history_new) group by all),
   a as (select r, c${arriving} as v, count(*) as n from history_new where v is not null and r in (select r from history_old) group by all)
   select (select coalesce(sum(least(o.n, a.n)), 0) from o join a using (r, v))::double as same,
     greatest((select coalesce(sum(n), 0) from o), (select coalesce(sum(n), 0) from a))::double as "all"`

const comparable = `select (select count(*) from history_new where r in (select r from history_old))::double as rows,
  least((select count(*) from history_old), (select count(*) from history_new))::double as "all"`

/** Whether there is anything to compare. */
const isOpen = ({ missing, arriving, parts }: RenameQuestion): boolean =>
  missing.length > 0 && arriving.length > 0 && parts.length > 0

/** The renames of a file against the extraction before it in its timeline (or after, when it is the oldest). */
export const findRenames = Effect.fn("history.findRenames")(function* (
  connection: Connection,
  question: RenameQuestion,
): Effect.fn.Return<ReadonlyArray<Rename>, EngineError> {
  const { table, slice } = question
  if (!isOpen(question)) return []
  const timeline = yield* findTimeline(connection, slice)
  if (timeline === undefined) return []
  const { before, after } = yield* neighbours(connection, { table: table.name, id: timeline }, slice.extractedAt)
  const neighbour = before ?? after
  if (neighbour === undefined) return []
  return yield* renamesAgainst(connection, question, asOf({ ...table, mode: "history" }, neighbour))
})

/** The renames of a file against a state: SQL of the table's columns. Only columns of types that join are compared. */
export const renamesAgainst = Effect.fn("history.renamesAgainst")(function* (
  connection: Connection,
  question: RenameQuestion,
  state: string,
): Effect.fn.Return<ReadonlyArray<Rename>, EngineError> {
  const { table, missing, arriving } = question
  if (!isOpen(question)) return []
  const purpose = `look for renamed columns of ${table.name}`
  for (const statement of [oldRows(question, state), newRows(question)]) yield* connection.run(statement, purpose)
  const shared = yield* connection.one(comparable, purpose)
  const scores: Array<Rename & { readonly score: number }> = []
  if (Number(shared["all"]) > 0 && Number(shared["rows"]) >= COMPARABLE * Number(shared["all"])) {
    for (const [m, old] of missing.entries()) {
      for (const [a, column] of arriving.entries()) {
        if (joinTypes(old.type, column.type) === "text" && old.type !== column.type) continue
        const found = yield* connection.one(sameness(m, a), purpose)
        const score = Number(found["all"]) === 0 ? 0 : Number(found["same"]) / Number(found["all"])
        if (score >= SAME) scores.push({ from: old.name, to: column.name, score })
      }
    }
  }
  yield* connection.run("drop table history_old; drop table history_new", purpose)
  const renames: Array<Rename> = []
  for (const { from, to } of scores.toSorted((x, y) => y.score - x.score)) {
    if (!renames.some((one) => one.from === from || one.to === to)) renames.push({ from, to })
  }
  return renames
})
