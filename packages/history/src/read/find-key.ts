/** A key nobody declared: the fewest columns that name a row, in both of two states. */
import type { EngineError } from "@opendatahub-sql/core"
import { type Connection, identifier, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type { HistoryTable } from "../store/layout.ts"

/** Longest key looked for, columns that may be in one, and how many are tried on the data. */
const MOST_COLUMNS = 4
const MOST_CANDIDATES = 12
const MOST_TRIED = 60
/** How far the engine's estimate of distinct values may be below the truth. */
const ESTIMATE = 0.8

/** In a key of several columns, the share of cells of one that may be empty: real files hold a few. */
const EMPTY = 0.05

/** A column as a part of a key: how many values it has, at least. */
interface Candidate {
  readonly name: string
  readonly distinct: number
  readonly isComplete: boolean
}

const combinations = <A>(from: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  size === 0
    ? [[]]
    : from.flatMap((one, index) => combinations(from.slice(index + 1), size - 1).map((rest) => [one, ...rest]))

const measure = (columns: ReadonlyArray<string>, state: string): string =>
  `select count(*) as rows, ${columns.map((name, i) => `count(${identifier(name)}) as v${i}, approx_count_distinct(${identifier(name)}) as d${i}`).join(", ")} from (${state})`

const isUnique = (columns: ReadonlyArray<string>, state: string): string =>
  `select count(*) = count(distinct row(${columns.map(identifier).join(", ")})) as is from (${state})`

/** Columns in their order, with few empty cells in both states; measures (`double`) name nothing. */
const candidates = (table: HistoryTable, measured: ReadonlyArray<QueryRow>): ReadonlyArray<Candidate> =>
  table.columns.flatMap((column, i) =>
    column.type === "double" || measured.some((row) => Number(row[`v${i}`]) < (1 - EMPTY) * Number(row["rows"]))
      ? []
      : [
          {
            name: column.name,
            distinct: Math.min(...measured.map((row) => Number(row[`d${i}`]))),
            isComplete: measured.every((row) => row[`v${i}`] === row["rows"]),
          },
        ],
  )

/**
 * The columns that name a row in both states (SQL); `undefined` when at most four columns do not, or a state is empty. Among keys of one
 * length, that of the columns that come first.
 */
export const findKey = Effect.fn("history.findKey")(function* (
  connection: Connection,
  table: HistoryTable,
  states: readonly [string, string],
): Effect.fn.Return<ReadonlyArray<string> | undefined, EngineError> {
  if (table.columns.length === 0) return undefined
  const purpose = `look for a key of ${table.name}`
  const measured = yield* Effect.forEach(states, (state) =>
    connection.one(
      measure(
        table.columns.map((one) => one.name),
        state,
      ),
      purpose,
    ),
  )
  const rows = Math.max(...measured.map((row) => Number(row["rows"])))
  if (measured.some((row) => Number(row["rows"]) === 0)) return undefined
  const known = candidates(table, measured)
    .filter((one) => one.distinct > 1 || rows === 1)
    .slice(0, MOST_CANDIDATES)
  let tried = 0
  for (let size = 1; size <= MOST_COLUMNS; size++) {
    for (const combination of combinations(known, size)) {
      if (size === 1 && combination.some((one) => !one.isComplete)) continue
      if (combination.reduce((product, one) => product * one.distinct, 1) < ESTIMATE * rows) continue
      if (++tried > MOST_TRIED) return undefined
      const names = combination.map((one) => one.name)
      const unique = yield* Effect.forEach(states, (state) => connection.one(isUnique(names, state), purpose))
      if (unique.every((row) => row["is"] === true)) return names
    }
  }
  return undefined
})
