/** The finished table: a typed Parquet file, its rejects beside it, and the views sinks take of them. */
import {
  type Batch,
  type ColumnType,
  type EngineError,
  type JsonObject,
  misfitCode,
  own,
  type ParquetFile,
  type ParquetOptions,
  RAW_CHARACTERS,
  type ReadError,
  rejectColumns,
  type TypedColumn,
  type TypedTable,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { copyFile, link, rename, stat } from "node:fs/promises"
import { join } from "node:path"
import type { Connection, Database, QueryBatch } from "../database/database.ts"
import { engineError } from "../database/failure.ts"
import { identifier, listLiteral, literal } from "../database/sql.ts"
import { compression } from "../parquet/compression.ts"
import { concatenate } from "../parquet/concatenate.ts"
import { dropLastColumns } from "../parquet/footer.ts"
import { geoMetadata, geoOption, type GeoPart } from "../parquet/geo.ts"
import { recordNumberColumn } from "../parquet/record-number-column.ts"
import { NO_VALUE, type Rule } from "../typing/rule.ts"
import { sqlType } from "../typing/sql/reading.ts"
import { REJECTS } from "../typing/typing-sql.ts"
import type { Proven } from "./proving.ts"
import { recordNumber, type Step } from "../parquet/record-number.ts"
import type { Untyped } from "./untyped.ts"
import { scopedFolder } from "./work-folder.ts"

/** What a format left out: SQL of the columns of rejects but `kind`, and how many. */
export interface Refused {
  readonly sql: string
  readonly rows: number
  readonly cells: number
  /** Where the rows were, when the file does not say its record numbers itself. */
  readonly steps: ReadonlyArray<Step>
}

/** Nothing left out. */
export const nothingRefused: Refused = { sql: "", rows: 0, cells: 0, steps: [] }

const noRejects = `select ${Object.entries(rejectColumns)
  .map(([name, type]) => `null::${type} as ${identifier(name)}`)
  .join(", ")} where false`

const onDisk = <A>(purpose: string, run: () => Promise<A>): Effect.Effect<A, EngineError> =>
  Effect.tryPromise({ try: run, catch: (cause) => engineError("table", purpose, cause) })

/** A column without a single value has no type yet, unless one was asked for. */
const typeOf = (rule: Rule | undefined, isEmpty: boolean): ColumnType =>
  rule === undefined || (rule.kind === "text" && rule.why === NO_VALUE && isEmpty) ? "null" : rule.type

/** The cells that did not fit, out of the cache. */
const cellRejects = (path: string, proven: Proven, row: string): string =>
  `select _row, ${listLiteral(proven.names)}[r.c + 1] as column_name, ${listLiteral(proven.rules.map(({ type }) => misfitCode(type)))}[r.c + 1] as code, r.v as raw from (select ${row} as _row, unnest(${REJECTS}) as r from read_parquet(${literal(path)}, file_row_number = true)
  where ${REJECTS} is not null)`

/** Writes the rejects; says in how many rows they are. */
const writeRejects = Effect.fnUntraced(function* (
  connection: Connection,
  parts: ReadonlyArray<string>,
  path: string,
): Effect.fn.Return<{ readonly sql: string; readonly rows: number }, EngineError> {
  if (parts.length === 0) return { sql: noRejects, rows: 0 }
  const columns = Object.entries(rejectColumns).map(([name, type]) =>
    name === "kind"
      ? `case when column_name is null then 'row' else 'cell' end as kind`
      : name === "raw"
        ? `case when length(raw) > ${RAW_CHARACTERS + 1} then left(raw, ${RAW_CHARACTERS}) || '…' else raw end as raw`
        : `${identifier(name)}::${type} as ${identifier(name)}`,
  )
  const sql = `select * from read_parquet(${literal(path)})`
  yield* connection.run(
    `copy (select ${columns.join(", ")} from (${[noRejects, ...parts].join(" union all by name ")}) order by _row) to ${literal(path)} (format parquet, compression zstd)`,
    "keep the rejects",
  )
  const counted = yield* connection.one(`select count(distinct _row) as n from (${sql})`, "count the rows with rejects")
  return { sql, rows: Number(counted["n"]) }
})

const copyOptions = (options: ParquetOptions, columns: ReadonlyArray<string>, part: GeoPart): string => {
  const ids = columns.flatMap((name) => {
    const id = own(options.fieldIds, name)
    return id === undefined ? [] : [`${identifier(name)}: ${id}`]
  })
  return [
    "format parquet",
    ...compression,
    ...(options.rowGroupRows === undefined ? [] : [`row_group_size ${options.rowGroupRows}`]),
    ...(options.fileBytes === undefined ? [] : [`file_size_bytes ${options.fileBytes}`]),
    ...(ids.length === 0 ? [] : [`field_ids {${ids.join(", ")}}`]),
    "return_stats",
    ...geoOption([
      {
        ...part,
        columns: part.columns.filter(({ name }) => columns.includes(name) && own(options.types, name) === undefined),
      },
    ]),
  ].join(", ")
}

const batchOf =
  (table: string, hasParent: boolean) =>
  (batch: QueryBatch): Batch => {
    const [rowNumbers, second, ...rest] = batch.columns
    const numbers = (cells: QueryBatch["columns"][number] | undefined): Float64Array =>
      Float64Array.from(cells ?? [], Number)
    return hasParent
      ? { table, size: batch.size, columns: rest, rowNumbers: numbers(rowNumbers), parentRows: numbers(second) }
      : { table, size: batch.size, columns: batch.columns.slice(1), rowNumbers: numbers(rowNumbers) }
  }

/** A format may know units too: those of the number formats of a workbook. */
const withUnits = (facts: JsonObject, units: Proven["units"]): JsonObject =>
  Object.keys(units).length === 0
    ? facts
    : { ...facts, units: { ...(facts["units"] as JsonObject | undefined), ...units } }

/** Finishes a table whose passes are done; everything it needs is in `folder`. */
export const finish = Effect.fnUntraced(function* (
  untyped: Untyped,
  proven: Proven,
  refused: Refused,
  database: Database,
  folder: string,
): Effect.fn.Return<TypedTable, EngineError | ReadError> {
  // Not `untyped` itself in what follows: a table lives long, its sample must not.
  const { table, parent, columns: original, hidden: hiddenColumns, facts } = untyped
  const cache = join(folder, "table.parquet")
  const stored = hiddenColumns.includes("_row")
  const hasParent = hiddenColumns.includes("_parent_row")
  const row = stored ? "_row" : recordNumber(refused.steps)
  const rejects = yield* Effect.scoped(
    Effect.flatMap(database.connect, (connection) =>
      writeRejects(
        connection,
        [
          ...(refused.rows + refused.cells === 0 ? [] : [refused.sql]),
          ...(proven.cellRejects === 0 ? [] : [cellRejects(proven.path, proven, row)]),
        ],
        join(folder, "rejects.parquet"),
      ),
    ),
  )
  yield* onDisk("finish the typed file", async () => {
    if (proven.keepsRejects) await dropLastColumns(proven.path, 1)
    await rename(proven.path, cache)
  })
  const source = `read_parquet(${literal(cache)}${stored ? "" : ", file_row_number = true"})`
  const hidden = [stored ? "_row" : `${row} as _row`, ...(hasParent ? ["_parent_row"] : [])]
  const relation = `select ${[...hidden, ...proven.names.map(identifier)].join(", ")} from ${source}`

  const typed = proven.names.map((name, index): TypedColumn => ({
    name,
    original: original[index]?.name ?? name,
    type: typeOf(proven.rules[index], proven.nulls[index] === proven.rows),
    nulls: proven.nulls[index] ?? 0,
    why: proven.rules[index]?.why ?? "",
  }))

  const plainView = Effect.fnUntraced(function* (): Effect.fn.Return<
    ReadonlyArray<ParquetFile>,
    EngineError,
    Scope.Scope
  > {
    const path = join(yield* scopedFolder(folder, "view"), "table.parquet")
    const bytes = yield* onDisk("make a view of the typed file", async () => {
      if (hiddenColumns.length === 0 || proven.names.length === 0) await link(cache, path)
      else {
        await copyFile(cache, path)
        await dropLastColumns(path, hiddenColumns.length)
      }
      return (await stat(path)).size
    })
    return [{ path, rows: proven.rows, bytes }]
  })

  const cutView = Effect.fnUntraced(function* (
    options: ParquetOptions,
  ): Effect.fn.Return<ReadonlyArray<ParquetFile>, EngineError, Scope.Scope> {
    const view = yield* scopedFolder(folder, "view")
    const columns = options.columns ?? proven.names
    const values = columns.map((name) => {
      const type = own(options.types, name)
      return type === undefined ? identifier(name) : `${identifier(name)}::${sqlType(type)} as ${identifier(name)}`
    })
    const target = options.fileBytes === undefined ? join(view, "table.parquet") : view
    const overwrite = options.fileBytes === undefined ? "" : ", overwrite_or_ignore true"
    const connection = yield* database.connect
    const files = yield* connection.all(
      `copy (select ${values.join(", ")} from (${relation})) to ${literal(target)} (${copyOptions(options, columns, { facts: facts, columns: typed })}${overwrite})`,
      `write the table ${JSON.stringify(table)} as Parquet`,
    )
    return files.map((file) => ({
      path: String(file["filename"]),
      rows: Number(file["count"]),
      bytes: Number(file["file_size_bytes"]),
    }))
  })

  /** All columns behind the number of their record: the pages are copied, and nothing is encoded again. */
  const numberedView = Effect.fnUntraced(function* (): Effect.fn.Return<
    ReadonlyArray<ParquetFile>,
    EngineError,
    Scope.Scope
  > {
    const path = join(yield* scopedFolder(folder, "view"), "table.parquet")
    const geo = geoMetadata([{ facts, columns: typed }])
    const bytes = yield* onDisk("number the records of the typed file", async () => {
      await concatenate([cache], path, {
        column: recordNumberColumn("_row", refused.steps),
        metadata: geo === undefined ? {} : { geo },
      })
      return (await stat(path)).size
    })
    return [{ path, rows: proven.rows, bytes }]
  })
  const isNumbered = ({ columns, ...others }: ParquetOptions): boolean =>
    hiddenColumns.length === 0 &&
    columns?.join("\n") === ["_row", ...proven.names].join("\n") &&
    Object.values(others).every((value) => value === undefined)

  const isPlain = (options: ParquetOptions | undefined): boolean =>
    options === undefined || Object.values(options).every((value) => value === undefined)
  return {
    name: table,
    ...(parent === undefined ? {} : { parent }),
    columns: typed,
    rows: proven.rows,
    rowRejects: refused.rows,
    cellRejects: proven.cellRejects + refused.cells,
    facts: { ...withUnits(facts, proven.units), ...(proven.passes > 1 ? { passes: proven.passes } : {}) },
    warnings: proven.warnings,
    relation,
    rejectedRows: rejects.rows,
    rejects: rejects.sql,
    parquet: (options) =>
      options === undefined || isPlain(options) ? plainView() : isNumbered(options) ? numberedView() : cutView(options),
    batches: () =>
      Stream.map(database.batches(relation, `read the table ${JSON.stringify(table)}`), batchOf(table, hasParent)),
  }
})
