/** A warehouse of one table, filled extraction by extraction from rows given as values. */
import type { ColumnType, EngineError, Slice } from "@opendatahub-sql/core"
import { type Connection, identifier, literal, openDatabase, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import {
  createHistory,
  type DatedTable,
  dropExtraction,
  ensureHistory,
  historyViews,
  placeExtraction,
  type Retention,
  tableMacros,
  thinTimeline,
  timelineOf,
  warehouseMacros,
} from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { tmpdir } from "node:os"

/** A column of a file: its name there is that of the table, its type may be narrower. */
export interface FileColumn {
  readonly name: string
  readonly type: ColumnType
}

type Value = string | number | null

/** An extraction of the table. */
export interface TestExtraction {
  readonly at: string
  readonly resource?: string
  readonly published?: string
  readonly columns: ReadonlyArray<FileColumn>
  readonly rows: ReadonlyArray<ReadonlyArray<Value>>
}

const sql = (type: ColumnType): string => (type === "text" || type === "null" ? "varchar" : type)

const relationOf = ({ columns, rows }: TestExtraction): string => {
  const names = ["_row", ...columns.map(({ name }) => identifier(name))]
  const select = (row: ReadonlyArray<Value>, index: number): string =>
    `(${[String(index + 1), ...row.map((value, c) => `${literal(value)}::${sql(columns[c]?.type ?? "text")}`)].join(", ")})`
  return rows.length === 0
    ? `select null::bigint as _row${columns.map(({ name, type }) => `, null::${sql(type)} as ${identifier(name)}`).join("")} where false`
    : `select * from (values ${rows.map(select).join(", ")}) v(${names.join(", ")})`
}

/** The table and what a test does with it. */
export interface TestWarehouse {
  readonly connection: Connection
  readonly place: (extraction: TestExtraction) => Effect.Effect<void, EngineError>
  readonly drop: (at: string, resource?: string) => Effect.Effect<void, EngineError>
  readonly thin: (retention: Retention, resource?: string) => Effect.Effect<void, EngineError>
  /** `added` and `removed` rows between two instants, as sorted JSON. */
  readonly changes: (
    from: string,
    to: string,
  ) => Effect.Effect<Readonly<Record<"added" | "removed", ReadonlyArray<string>>>, EngineError>
  /** Business columns of the state at an instant, as sorted JSON. */
  readonly asOf: (at: string, clock?: string) => Effect.Effect<ReadonlyArray<string>, EngineError>
  readonly rows: (query: string) => Effect.Effect<ReadonlyArray<QueryRow>, EngineError>
}

const sliceOf = (at: string, resource = "r1"): Slice => ({ source: "kit", dataset: "d1", resource, extractedAt: at })

/** Business cells as text, sorted. */
export const asText = (rows: ReadonlyArray<QueryRow>): ReadonlyArray<string> =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .filter(([name]) => !name.startsWith("_"))
          .map(([, value]) => (value === null ? null : String(value))),
      ),
    )
    .toSorted()

/** A warehouse in memory with one table called `t`. */
export const warehouse = Effect.fnUntraced(function* (
  columns: ReadonlyArray<FileColumn>,
): Effect.fn.Return<TestWarehouse, EngineError, Scope.Scope> {
  const database = yield* openDatabase({ workFolder: tmpdir(), threads: 1 })
  const connection = yield* database.connect
  const table: DatedTable = { name: "t", mode: "history", columns: columns.map((column, id) => ({ id, ...column })) }
  yield* connection.run(
    `create schema odh; create schema bronze; create table odh.tables (table_name varchar, parent varchar, mode varchar);
     create table odh.rejects (table_name varchar, _row bigint, _member varchar, column_name varchar, raw varchar, _load_id varchar)`,
  )
  yield* ensureHistory(connection)
  for (const statement of [...createHistory(table), ...historyViews(table), ...tableMacros(table), ...warehouseMacros])
    yield* connection.run(statement)
  const inTransaction = (work: Effect.Effect<unknown, EngineError>) =>
    connection.run("begin transaction").pipe(
      Effect.andThen(work),
      Effect.andThen(connection.run("commit")),
      Effect.onError(() => Effect.ignore(connection.run("rollback"))),
    )
  const timeline = (at: string, resource: string | undefined) =>
    Effect.map(timelineOf(connection, sliceOf(at, resource)), (id) => ({ table: "t", id }))
  return {
    connection,
    place: (extraction) =>
      inTransaction(
        Effect.gen(function* () {
          const mine = yield* timeline(extraction.at, extraction.resource)
          yield* dropExtraction(connection, mine, extraction.at)
          const found = extraction.columns.map((column) => ({
            file: column,
            known: table.columns.find((one) => one.name === column.name)!,
          }))
          yield* placeExtraction(connection, table, mine, {
            slice: sliceOf(extraction.at, extraction.resource),
            ...(extraction.published === undefined ? {} : { published: extraction.published }),
            load: `load ${extraction.at}`,
            sha256: "0",
            header: found.map(({ file, known }) => ({
              id: known.id,
              name: file.name,
              original: file.name,
              type: file.type,
            })),
            parts: [
              {
                relation: relationOf(extraction),
                member: undefined,
                columns: found.map(({ file, known }, c) => ({
                  name: file.name,
                  type: file.type,
                  isComplete: extraction.rows.every((row) => row[c] !== null),
                  column: known,
                })),
              },
            ],
          })
        }),
      ),
    drop: (at, resource) =>
      inTransaction(Effect.flatMap(timeline(at, resource), (mine) => dropExtraction(connection, mine, at))),
    thin: (retention, resource) =>
      inTransaction(Effect.flatMap(timeline("", resource), (mine) => thinTimeline(connection, mine, retention))),
    changes: (from, to) =>
      Effect.map(connection.all(`from changes('t', ${literal(from)}, ${literal(to)})`), (rows) => ({
        added: asText(rows.filter((row) => row["_change"] === "added")),
        removed: asText(rows.filter((row) => row["_change"] === "removed")),
      })),
    asOf: (at, clock = "extracted") =>
      Effect.map(connection.all(`from as_of('t', ${literal(at)}, clock := ${literal(clock)})`), asText),
    rows: (query) => connection.all(query),
  }
})
