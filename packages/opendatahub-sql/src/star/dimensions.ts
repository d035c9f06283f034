/** Dimensions that no table is: a code and what hangs on it inside a larger table, and official codes that several columns share. */
import { type Connection, identifier } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { type ColumnProfile, comparable } from "./profile.ts"

/** A code column and the columns of its table whose values follow from it. */
export interface InnerDimension {
  readonly code: ColumnProfile
  readonly labels: ReadonlyArray<ColumnProfile>
}

/** A dimension has fewer members; rows that share one, at least. */
const MOST_MEMBERS = 10_000
const ROWS_A_MEMBER = 3

const isCode = ({ name }: ColumnProfile): boolean => /(^|_)(id|code|cod|num|numero)(_|$)|^(code|id)/.test(name)

const mayBeCode = (column: ColumnProfile): boolean =>
  column.table.kind === "table" &&
  column.isSketched &&
  column.kind !== "day" &&
  isCode(column) &&
  column.distinct >= 2 &&
  column.distinct <= MOST_MEMBERS &&
  column.distinct * ROWS_A_MEMBER <= column.full

const mayFollow = (label: ColumnProfile, code: ColumnProfile): boolean =>
  label.table.name === code.table.name &&
  label.id !== code.id &&
  label.kind === "text" &&
  !label.name.startsWith("_") &&
  label.distinct >= 2 &&
  label.distinct <= 1.1 * code.distinct

/** Codes whose labels follow from them on every row. */
export const innerDimensions = Effect.fn("star.innerDimensions")(function* (
  connection: Connection,
  columns: ReadonlyArray<ColumnProfile>,
) {
  const found: Array<InnerDimension> = []
  for (const code of columns.filter(mayBeCode)) {
    const labels = columns.filter((label) => mayFollow(label, code))
    if (labels.length === 0) continue
    const key = comparable(code.name, code.kind)
    const counts = yield* connection.one(
      `select ${labels.map(({ id }) => `max(d${id}) as "${id}"`).join(", ")} from (
         select ${labels.map(({ id, name }) => `count(distinct ${identifier(name)}) as d${id}`).join(", ")} from ${code.table.relation} where ${identifier(code.name)} is not null group by ${key})`,
      `look at what follows from ${code.table.name}.${code.name}`,
    )
    const following = labels.filter(({ id }) => Number(counts[String(id)]) === 1)
    if (following.length > 0) found.push({ code, labels: following })
  }
  return found
})

/** `name` is what the code names. */
export interface SharedCode {
  readonly name: "etablissement"
  readonly columns: ReadonlyArray<ColumnProfile>
}

/** The first nine digits of a SIRET are a SIREN, which satisfies Luhn's rule (INSEE); one number of ten does by chance. */
const LUHN = `list_sum(list_transform(range(1, 10), lambda i:
  case when i % 2 = 0 then (value[i]::integer * 2) // 10 + (value[i]::integer * 2) % 10 else value[i]::integer end)) % 10 = 0`

/** Establishments named in several columns by their SIRET. */
export const sharedCodes = Effect.fn("star.sharedCodes")(function* (
  connection: Connection,
  columns: ReadonlyArray<ColumnProfile>,
) {
  const rows = yield* connection.all(
    `select id from temp.main.sketch group by id
     having bool_and(regexp_full_match(value, '[0-9]{14}')) and count(*) filter (case when regexp_full_match(value, '[0-9]{14}') then ${LUHN} end) >= 0.95 * count(*)`,
    "look for SIRET numbers",
  )
  const siret = rows.flatMap((row) =>
    columns.filter(({ id, table }) => id === Number(row["id"]) && table.kind === "table"),
  )
  const shared: ReadonlyArray<SharedCode> =
    siret.length < 2 ? [] : [{ name: "etablissement", columns: siret.toSorted((a, b) => a.id - b.id) }]
  return shared
})
