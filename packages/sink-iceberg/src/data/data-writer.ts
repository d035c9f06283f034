/**
 * The files that a change of a table writes, in as many tries as it takes: each query is run once for the columns that it is for, each file is put in
 * place once, and all that was put in place is remembered, so that what no commit uses can be removed.
 */
import type { SinkError } from "@opendatahub-sql/core"
import { type Connection, identifier } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { decide } from "../failure.ts"
import type { Files } from "../files/files.ts"
import { engineType, localPaths, scanSql } from "../read/scan.ts"
import type { TableMetadata } from "../table/metadata/metadata.ts"
import type { StructType } from "../table/metadata/schema.ts"
import type { DataFile } from "../table/snapshot/manifest.ts"
import type { StagedFile } from "../table/snapshot/stage.ts"
import { dataFileOf } from "../table/values/column-statistics.ts"
import type { ColumnPlan } from "../sink/columns.ts"
import { isRemoved, type Removal } from "./slice-files.ts"
import type { RowQuery } from "./table-load.ts"
import { dataLocation, writeFiles, type WrittenParquet } from "./write-files.ts"

/** The columns of a plan as they are in the files: one that is converted still has its old id and type. */
const storedColumns = (plan: ColumnPlan): StructType => ({
  type: "struct",
  fields: plan.schema.fields.map((field) => plan.conversions.find(({ to }) => to.id === field.id)?.from ?? field),
})

/** Rows of files that were there before, with the columns of the plan. */
export const rowsIn = (plan: ColumnPlan, paths: ReadonlyArray<string>): string => {
  const converted = plan.conversions.map(
    ({ to }) => `${identifier(to.name)}::${engineType(to.type)} as ${identifier(to.name)}`,
  )
  const values = `*${converted.length === 0 ? "" : ` replace (${converted.join(", ")})`}`
  return `select ${values} from (${scanSql(storedColumns(plan), paths)})`
}

/** Rows on the local disk. `columns`: the ids and types that they were written with. */
export interface WrittenRows {
  readonly columns: string
  readonly files: ReadonlyArray<WrittenParquet>
}

/** A writer whose files on the local disk live as long as `scope`. */
export const dataWriter = (files: Files, connection: Connection, scope: Scope.Scope) => {
  const placed = new Map<string, DataFile | undefined>()
  const written = new Map<string, ReadonlyArray<WrittenParquet>>()
  const locations = new Map<string, string>()
  let folder: string | undefined

  const inScope = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.provideService(effect, Scope.Scope, scope)

  const stagingFolder = (location: string): Effect.Effect<string, SinkError> =>
    folder === undefined
      ? Effect.map(inScope(files.staging(location)), (made) => (folder = made))
      : Effect.succeed(folder)

  /** Writes the rows of queries; a query that ran for the same columns is not run again. `against`: what else its rows depend on. */
  const write = Effect.fnUntraced(function* (
    metadata: TableMetadata,
    schema: StructType,
    queries: ReadonlyArray<RowQuery>,
    against = "",
  ): Effect.fn.Return<WrittenRows, SinkError> {
    const keys: Array<string> = []
    for (const [index, { sql, columns }] of queries.entries()) {
      const names = new Set(columns)
      const ids = schema.fields.filter((field) => names.has(field.name)).map(({ id, type }) => [id, type])
      // Two members of an archive may be the same rows.
      const key = JSON.stringify([index, ids, sql, against])
      keys.push(key)
      if (written.has(key)) continue
      const at = yield* stagingFolder(metadata.location)
      written.set(key, yield* writeFiles(connection, at, sql, schema, columns))
    }
    return { columns: keys.join("\n"), files: keys.flatMap((key) => written.get(key) ?? []) }
  })

  /** Puts written files in place, and describes them. */
  const place = Effect.fnUntraced(function* (
    metadata: TableMetadata,
    schema: StructType,
    partition: DataFile["partition"],
    label: string,
    rows: WrittenRows,
  ): Effect.fn.Return<ReadonlyArray<DataFile>, SinkError> {
    const data: Array<DataFile> = []
    for (const file of rows.files) {
      const known = placed.get(locations.get(file.path) ?? "")
      if (known !== undefined) {
        data.push(known)
        continue
      }
      const location = dataLocation(metadata, partition, label)
      const described = yield* decide("commit", "describe a data file", () =>
        dataFileOf(schema, file, location, partition),
      )
      yield* files.put(file.path, location)
      locations.set(file.path, location)
      placed.set(location, described)
      data.push(described)
    }
    return data
  })

  /** Writes again what stays of files that go: rows of other slices, and of columns that are converted. Without a `removal` all rows stay. */
  const rewrite = Effect.fnUntraced(function* (
    metadata: TableMetadata,
    plan: ColumnPlan,
    sources: ReadonlyArray<DataFile>,
    removal: Removal | undefined,
  ): Effect.fn.Return<ReadonlyArray<DataFile>, SinkError> {
    const data: Array<DataFile> = []
    for (const partition of new Set(sources.map((file) => JSON.stringify(file.partition)))) {
      const group = sources.filter((file) => JSON.stringify(file.partition) === partition)
      const paths = yield* inScope(localPaths(connection, files, group))
      const kept = {
        sql: `${rowsIn(plan, paths)}${removal === undefined ? "" : ` where not ${isRemoved(removal)}`}`,
        columns: plan.schema.fields.map((field) => field.name),
      }
      const rows = yield* write(metadata, plan.schema, [kept])
      data.push(...(yield* place(metadata, plan.schema, group[0]?.partition ?? {}, "rewrite", rows)))
    }
    return data
  })

  return {
    write,
    place,
    rewrite,
    /** Stores files of metadata. */
    store: (staged: ReadonlyArray<StagedFile>): Effect.Effect<void, SinkError> =>
      Effect.forEach(
        staged,
        ({ location, bytes }) =>
          Effect.map(files.write(location, bytes), () => {
            placed.set(location, undefined)
          }),
        { discard: true },
      ),
    /** Removes all that was put in place, but what is used. */
    removeUnused: (used: ReadonlySet<string>): Effect.Effect<void, SinkError> =>
      files.remove([...placed.keys()].filter((location) => !used.has(location))),
  }
}
