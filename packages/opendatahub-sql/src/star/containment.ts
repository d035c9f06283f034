/** How much of each column is found in each column that may be a key. A key column is read once, and only what is in a sketch is kept of it. */
import { type Connection } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { type ColumnProfile, comparable } from "./profile.ts"

/** How many values of the sketch of `from` are values of `to`. */
export interface Containment {
  readonly from: ColumnProfile
  readonly to: ColumnProfile
  readonly sketched: number
  readonly found: number
}

/** Of each value of a key there are few rows. */
const LEAST_DISTINCT = 0.5

const mayBeKey = ({ isSketched, distinct, full, kind, table }: ColumnProfile): boolean =>
  isSketched && distinct >= LEAST_DISTINCT * full && (kind !== "day" || table.kind === "calendar")

const comparableWith = (from: ColumnProfile, to: ColumnProfile): boolean =>
  from.id !== to.id && (from.kind === "day") === (to.kind === "day")

/** Every pair of which something is found. */
export const containments = Effect.fn("star.containments")(function* (
  connection: Connection,
  columns: ReadonlyArray<ColumnProfile>,
) {
  yield* connection.run("create or replace temp table found (id integer, value varchar)", "prepare the comparison")
  for (const key of columns.filter(mayBeKey)) {
    yield* connection.run(
      `insert into temp.main.found select distinct ${key.id}, value from (select ${comparable(key.name, key.kind)} as value from ${key.table.relation})
       where value in (select value from temp.main.sketch)`,
      `look for values in ${key.table.name}.${key.name}`,
    )
  }
  const rows = yield* connection.all(
    `with sizes as (select id, count(*) as size from temp.main.sketch group by id),
     pairs as (select s.id as a, f.id as b, count(*) as found from temp.main.sketch s join temp.main.found f using (value) where s.id <> f.id group by all)
     select a, b, found, size from pairs join sizes on sizes.id = pairs.a order by a, b`,
    "compare the columns",
  )
  return rows.flatMap((row): ReadonlyArray<Containment> => {
    const from = columns[Number(row["a"])]
    const to = columns[Number(row["b"])]
    if (from === undefined || to === undefined || !comparableWith(from, to)) return []
    return [{ from, to, sketched: Number(row["size"]), found: Number(row["found"]) }]
  })
})

/** Examples of values that are not found, at most five. */
export const misses = Effect.fnUntraced(function* (connection: Connection, from: ColumnProfile, to: ColumnProfile) {
  const rows = yield* connection.all(
    `select value from temp.main.sketch where id = ${from.id} and value not in (select value from temp.main.found where id = ${to.id}) order by value limit 5`,
    `look for values that ${to.table.name}.${to.name} does not have`,
  )
  return rows.map((row) => String(row["value"]))
})
