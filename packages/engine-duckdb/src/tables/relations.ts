/** Relations as untyped tables, and what they left out. */
import { EngineError, type ReadError, type Relation, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Connection, Database } from "../database/database.ts"
import { engineError } from "../database/failure.ts"
import { listLiteral, literal } from "../database/sql.ts"
import { type Ready, ready } from "./input.ts"
import { MOST_STEPS, stepsOf } from "../parquet/record-number.ts"
import { headRows, sampleFile, sampleRows, sampleStream } from "./sample.ts"
import { nothingRefused, type Refused } from "./typed-table.ts"
import type { SampleRows, Untyped } from "./untyped.ts"
import { scopedFolder } from "./work-folder.ts"

const aliased = (relation: Relation, path: string): string => {
  const names = relation.columns.map((_, index) => `r${index}`)
  return `select * from (${relation.sql(path)}) as t(${[...names, ...(relation.numbered === true ? ["n"] : [])].join(", ")})`
}

const sampleOf = Effect.fnUntraced(function* (relation: Relation, input: Ready, database: Database, folder: string) {
  const connection = yield* database.connect
  const width = relation.columns.length
  const bytes = yield* input.local === undefined ? sampleStream(input.bytes) : sampleFile(input.local)
  const path = join(folder, "sample")
  yield* Effect.tryPromise({
    try: () => writeFile(path, bytes.bytes),
    catch: (cause) => engineError("sample", "write a sample", cause),
  })
  const byBytes = yield* Effect.option(sampleRows(connection, aliased(relation, literal(path)), width))
  if (Option.isSome(byBytes) && (byBytes.value[0]?.length ?? 0) > 0)
    return { columns: byBytes.value, whole: bytes.whole }
  const rows = headRows(width)
  const columns = yield* input.feed(
    (at) => sampleRows(connection, `select * from (${aliased(relation, literal(at))}) limit ${rows}`, width),
    false,
  )
  return { columns, whole: (columns[0]?.length ?? 0) < rows }
}, Effect.scoped)

/** Why the engine will not do a relation: core uses the format's `read` then. */
const decline = (message: string): EngineError =>
  new EngineError({ plugin: "duckdb", operation: "relation", message, reason: terminal })

/** The rows left out, by their place in the file as received. */
const withPlaces = Effect.fnUntraced(function* (relation: Relation, connection: Connection, from: string) {
  const { located } = relation.rejects ?? {}
  if (located === undefined) return `select * ${from}`
  const offsets = yield* connection.all(
    `select byte ${from} where byte is not null order by byte`,
    "read where they were",
  )
  const places = yield* located(offsets.map((row) => Number(row["byte"])))
  return `select * replace (case when byte is not null then ${listLiteral(places)}[row_number() over (order by byte)] end as byte) ${from}`
})

const keepRefused = Effect.fnUntraced(function* (
  relation: Relation,
  connection: Connection,
  folder: string,
): Effect.fn.Return<Refused, EngineError | ReadError> {
  if (relation.rejects === undefined) return nothingRefused
  const { input, sql } = relation.rejects
  const path = join(folder, "refused.parquet")
  const keep = (from: string): Effect.Effect<void, EngineError> =>
    connection.run(
      `copy (select "row"::bigint as _row, null::varchar as column_name, code, raw, message, line, byte, byte_length
    from (${sql(literal(from))})) to ${literal(path)} (format parquet)`,
      "read the rows left out",
    )
  yield* input === undefined
    ? keep("")
    : Effect.scoped(
        Effect.flatMap(scopedFolder(folder, "refused"), (own) =>
          Effect.flatMap(ready(input, own), ({ feed }) => feed(keep, true)),
        ),
      )
  const from = `from read_parquet(${literal(path)})`
  const codes = yield* connection.all(`select distinct code ${from}`, "read the rows left out")
  const unknown = codes.find((row) => !relation.rejects?.keeps.some((kept) => kept === row["code"]))
  if (unknown !== undefined)
    return yield* decline(
      `the table ${JSON.stringify(relation.table)} has records the engine may misread: ${String(unknown["code"])}`,
    )
  if (codes.length === 0) return nothingRefused
  if (relation.numbered === true) {
    const { n } = yield* connection.one(`select count(*) as n ${from}`, "count the rows left out")
    return { sql: yield* withPlaces(relation, connection, from), rows: Number(n), cells: 0, steps: [] }
  }
  const rows = (yield* connection.all(`select distinct _row ${from} order by _row`, "read the rows left out")).map(
    (row) => Number(row["_row"]),
  )
  const steps = stepsOf(rows)
  if (steps.length > MOST_STEPS)
    return yield* decline(`too many records left out of ${JSON.stringify(relation.table)} to number the others`)
  return { sql: yield* withPlaces(relation, connection, from), rows: rows.length, cells: 0, steps }
})

/** An untyped table on a relation; `refused` says what the last full read left out. */
export const untypedRelation = Effect.fnUntraced(function* (
  relation: Relation,
  database: Database,
  folder: string,
): Effect.fn.Return<
  { readonly untyped: Untyped; readonly refused: () => Refused },
  EngineError | ReadError,
  Scope.Scope
> {
  // A query says nothing of the rows of another table.
  if (relation.parent !== undefined) return yield* decline(`the table ${JSON.stringify(relation.table)} has a parent`)
  const input = yield* ready(relation.input, folder)
  const sample: SampleRows = yield* sampleOf(relation, input, database, folder)
  let refused = nothingRefused
  const untyped: Untyped = {
    table: relation.table,
    parent: relation.parent,
    columns: relation.columns,
    native: () => true,
    hidden: relation.numbered === true ? ["_row"] : [],
    facts: relation.facts,
    sample,
    ...(relation.plain === undefined ? {} : { plain: relation.plain }),
    withQuery: (use, reading) =>
      Effect.scoped(
        Effect.flatMap(database.connect, (connection) =>
          Effect.gen(function* () {
            const result = yield* input.feed((path) => use(connection, relation.sql(literal(path), reading)), true)
            refused = yield* keepRefused(relation, connection, folder)
            return result
          }),
        ),
      ),
  }
  return { untyped, refused: () => refused }
})
