/** Typed tables as one file: Parquet, CSV, NDJSON or a DuckDB database. Written under a temporary name, synced, then renamed. */
import { type ColumnType, type EngineError, joinTypes, type TypedTable } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { link, open, rename, rm } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { openDatabase } from "./database/database.ts"
import { engineError } from "./database/failure.ts"
import { identifier, literal } from "./database/sql.ts"
import { compression } from "./parquet/compression.ts"
import { geoOption, type GeoPart } from "./parquet/geo.ts"
import { sqlType } from "./typing/sql/reading.ts"

/** Where the tables go. Tables of one name are one table, united by column name; only `duckdb` takes several names. */
export interface ExportOptions {
  /** Replaced if it exists; its folder must exist. */
  readonly path: string
  readonly format: "parquet" | "csv" | "ndjson" | "duckdb"
  /** All tables of the same files, when they go to several: a parent keeps `_row` for the children written elsewhere. */
  readonly family?: ReadonlyArray<TypedTable>
  /** Every table keeps the number of each record in its file, as `_row`. */
  readonly rowNumbers?: boolean
  /** Bytes (1 GB). */
  readonly memoryLimit?: number
}

/** A table to write: its columns in order of appearance, and a Parquet file per part. */
interface Output {
  readonly name: string
  readonly columns: ReadonlyMap<string, ColumnType>
  readonly parts: ReadonlyArray<{
    readonly path: string
    readonly columns: ReadonlySet<string>
    readonly geo: GeoPart
    readonly member: string | undefined
  }>
}

const onDisk = <A>(path: string, run: () => Promise<A>): Effect.Effect<A, EngineError> =>
  Effect.tryPromise({ try: run, catch: (cause) => engineError("export", `write ${path}`, cause) })

/** A child keeps the number of its parent's record, and the parent then its own, or nothing would join them. */
const linkColumns = (
  table: TypedTable,
  tables: ReadonlyArray<TypedTable>,
  rowNumbers: boolean,
): ReadonlyArray<string> => [
  ...(rowNumbers || tables.some(({ parent }) => parent === table.name) ? ["_row"] : []),
  ...(table.parent === undefined ? [] : ["_parent_row"]),
]

const outputs = Effect.fnUntraced(function* (
  tables: ReadonlyArray<TypedTable>,
  { family = tables, rowNumbers = false }: ExportOptions,
) {
  const byName = new Map<string, { columns: Map<string, ColumnType>; parts: Array<Output["parts"][number]> }>()
  for (const table of tables) {
    const links = linkColumns(table, family, rowNumbers)
    const names = table.columns.map(({ name }) => name)
    const files = yield* table.parquet(links.length === 0 ? undefined : { columns: [...links, ...names] })
    const output = byName.get(table.name) ?? { columns: new Map<string, ColumnType>(), parts: [] }
    byName.set(table.name, output)
    for (const name of links) output.columns.set(name, "bigint")
    for (const { name, type } of table.columns)
      output.columns.set(name, joinTypes(output.columns.get(name) ?? "null", type))
    for (const { path } of files)
      output.parts.push({ path, columns: new Set([...links, ...names]), geo: table, member: table.member })
  }
  return [...byName].map(([name, output]): Output => ({ name, ...output }))
})

/**
 * Bytes have no text of their own: hexadecimal is what tools take geometries from. Where members of an archive share a table, the first column
 * tells which one a row is from.
 */
const select = ({ columns, parts }: Output, format: ExportOptions["format"]): string =>
  parts
    .map((part) => {
      const isMixed = new Set(parts.map(({ member }) => member)).size > 1
      const source = isMixed ? [`${literal(part.member ?? null)}::varchar as _member`] : []
      const values = [...columns].map(([name, type]) => {
        const value = `${part.columns.has(name) ? identifier(name) : "null"}::${sqlType(type)}`
        return `${type === "blob" && (format === "csv" || format === "ndjson") ? `hex(${value})` : value} as ${identifier(name)}`
      })
      return `select ${[...source, ...values].join(", ")} from read_parquet(${literal(part.path)})`
    })
    .join(" union all ")

const options = {
  parquet: ["format parquet", ...compression].join(", "),
  csv: "format csv, header true",
  ndjson: "format json",
} as const

const sync = async (path: string): Promise<void> => {
  const file = await open(path, "r")
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

const writeTables = Effect.fnUntraced(function* (
  tables: ReadonlyArray<Output>,
  target: string,
  { format, memoryLimit }: ExportOptions,
) {
  const [workFolder = dirname(target), ...others] = new Set(
    tables.flatMap(({ parts }) => parts.map(({ path }) => dirname(path))),
  )
  const database = yield* openDatabase({
    workFolder,
    allowedFolders: [...others, dirname(target)],
    ...(format === "duckdb" ? { path: target } : {}),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  })
  const connection = yield* database.connect
  if (format === "duckdb") {
    for (const table of tables)
      yield* connection.run(
        `create table ${identifier(table.name)} as ${select(table, format)}`,
        `write the table ${table.name}`,
      )
    yield* connection.run("checkpoint", "write the database")
    return
  }
  for (const table of tables) {
    const geo = format === "parquet" ? geoOption(table.parts.map((part) => part.geo)) : []
    yield* connection.run(
      `copy (${select(table, format)}) to ${literal(target)} (${[options[format], ...geo].join(", ")})`,
      `write the table ${table.name}`,
    )
  }
}, Effect.scoped)

/**
 * Writes the tables to `path`, all or nothing. A single table to Parquet is not written again: the engine's own file is linked there. Fails with
 * `EngineError` when the disk refuses, or when several tables are to share a file that holds one.
 */
export const exportTables = Effect.fn("exportTables")(function* (
  tables: ReadonlyArray<TypedTable>,
  to: ExportOptions,
): Effect.fn.Return<void, EngineError, Scope.Scope> {
  const path = resolve(to.path)
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  yield* Effect.scoped(
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() =>
        Effect.promise(() => Promise.all([rm(temporary, { force: true }), rm(`${temporary}.wal`, { force: true })])),
      )
      const found = yield* outputs(tables, to)
      if (to.format !== "duckdb" && found.length !== 1) {
        return yield* engineError(
          "export",
          `write ${path}`,
          new Error(
            `a ${to.format} file holds one table, there are ${found.length}: ${found.map(({ name }) => name).join(", ")}`,
          ),
        )
      }
      const [only, ...others] = found.flatMap(({ parts }) => parts)
      const linked =
        to.format === "parquet" &&
        only !== undefined &&
        others.length === 0 &&
        (yield* Effect.promise(() =>
          link(only.path, temporary).then(
            () => true,
            () => false,
          ),
        ))
      if (!linked) yield* writeTables(found, temporary, to)
      yield* onDisk(path, async () => {
        await sync(temporary)
        await rename(temporary, path)
        await sync(dirname(path))
      })
    }),
  )
})
