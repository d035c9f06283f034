/** Typed tables as one file: Parquet, CSV, NDJSON or a DuckDB database. Written under a temporary name, synced, then renamed. */
import { type ColumnType, type EngineError, joinTypes, type TypedTable } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { link, open, rename, rm } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { type Connection, openDatabase } from "./database/database.ts"
import { engineError } from "./database/failure.ts"
import { identifier, literal } from "./database/sql.ts"
import { compression } from "./parquet/compression.ts"
import { concatenate, schemaOf } from "./parquet/concatenate.ts"
import { geoMetadata, type GeoPart } from "./parquet/geo.ts"
import { labelColumn } from "./parquet/label-column.ts"
import { scopedFolder } from "./tables/work-folder.ts"
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

/** Where members of an archive share a table, the first column tells which one a row is from. */
const memberColumn = ({ parts }: Output): string | undefined =>
  new Set(parts.map(({ member }) => member)).size > 1 ? "_member" : undefined

/** The columns of one part, as the table has them. Bytes have no text of their own: hexadecimal is what tools take geometries from. */
const selectPart = (
  columns: Output["columns"],
  part: Output["parts"][number],
  format: ExportOptions["format"],
): string => {
  const values = [...columns].map(([name, type]) => {
    const value = `${part.columns.has(name) ? identifier(name) : "null"}::${sqlType(type)}`
    return `${type === "blob" && (format === "csv" || format === "ndjson") ? `hex(${value})` : value} as ${identifier(name)}`
  })
  return `select ${values.join(", ")} from read_parquet(${literal(part.path)})`
}

const select = (table: Output, format: ExportOptions["format"]): string => {
  const label = memberColumn(table)
  return table.parts
    .map((part) => {
      const rows = selectPart(table.columns, part, format)
      return label === undefined
        ? rows
        : `select ${literal(part.member ?? null)}::varchar as ${identifier(label)}, * from (${rows})`
    })
    .join(" union all ")
}

const options = {
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

/**
 * Parts are copied page by page; one that has not the columns and types of the whole table is written again before. Memory stays that of one
 * part: the engine would open and order all of them at once.
 */
const writeParquet = Effect.fnUntraced(function* (table: Output, target: string, connection: Connection) {
  const folder = yield* scopedFolder(dirname(target), ".odh-export")
  const again = (part: Output["parts"][number], name: string, limit = "") => {
    const path = join(folder, `${name}.parquet`)
    const copy = `copy (${selectPart(table.columns, part, "parquet")} ${limit}) to ${literal(path)} (format parquet, ${compression.join(", ")})`
    return Effect.as(connection.run(copy, `write the table ${table.name}`), path)
  }
  const schemaIn = (path: string) => onDisk(path, () => schemaOf(path))
  const [first] = table.parts
  const wanted = first === undefined ? "" : yield* Effect.flatMap(again(first, "schema", "limit 0"), schemaIn)
  const paths = yield* Effect.forEach(table.parts, (part, index) =>
    Effect.flatMap(schemaIn(part.path), (schema) =>
      schema === wanted ? Effect.succeed(part.path) : again(part, String(index)),
    ),
  )
  const geo = geoMetadata(table.parts.map((part) => part.geo))
  const name = memberColumn(table)
  const members = table.parts.map(({ member }) => member ?? null)
  yield* onDisk(target, () =>
    concatenate(paths, target, {
      column: name === undefined ? undefined : labelColumn(name, members),
      metadata: geo === undefined ? {} : { geo },
    }),
  )
}, Effect.scoped)

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
  for (const table of tables) {
    if (format === "parquet") yield* writeParquet(table, target, connection)
    else
      yield* connection.run(
        format === "duckdb"
          ? `create table ${identifier(table.name)} as ${select(table, format)}`
          : `copy (${select(table, format)}) to ${literal(target)} (${options[format]})`,
        `write the table ${table.name}`,
      )
  }
  if (format === "duckdb") yield* connection.run("checkpoint", "write the database")
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
