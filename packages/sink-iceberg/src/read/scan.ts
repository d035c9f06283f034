/**
 * Reading tables without an extension: the files of a snapshot out of its manifests, and a query over them. Columns are found by field id, so
 * files from before a rename, a widening or an added column read right. What cannot be read right is refused.
 */
import { type SinkError, terminal } from "@opendatahub-sql/core"
import { type Connection, identifier, listLiteral, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { decide, failure, fromEngine } from "../failure.ts"
import type { Files } from "../files/files.ts"
import type { Snapshot, TableMetadata } from "../table/metadata/metadata.ts"
import { decimalOf, type Field, type IcebergType, type StructType } from "../table/metadata/schema.ts"
import { hasLiveFiles, type LiveFile, liveFilesOf } from "../table/snapshot/live-files.ts"
import { type DataFile, readManifest } from "../table/snapshot/manifest.ts"
import { type ManifestFile, readManifestList } from "../table/snapshot/manifest-list.ts"
import type { OpenManifest } from "../table/snapshot/stage.ts"

/** The manifests of a snapshot; none without a snapshot. */
export const manifestsOf = (
  files: Files,
  snapshot: Snapshot | undefined,
): Effect.Effect<ReadonlyArray<ManifestFile>, SinkError> =>
  snapshot === undefined
    ? Effect.succeed([])
    : Effect.flatMap(files.read(snapshot["manifest-list"]), (bytes) =>
        decide("read", `read the manifest list ${snapshot["manifest-list"]}`, () => readManifestList(bytes)),
      )

/** Reads manifests, eight at a time. */
export const openManifests = (
  files: Files,
  manifests: ReadonlyArray<ManifestFile>,
): Effect.Effect<ReadonlyArray<OpenManifest>, SinkError> =>
  Effect.forEach(
    manifests,
    (listed) =>
      Effect.flatMap(files.read(listed.manifest_path), (bytes) =>
        decide("read", `read the manifest ${listed.manifest_path}`, () => ({ listed, manifest: readManifest(bytes) })),
      ),
    { concurrency: 8 },
  )

/** The data files of a snapshot. Fails when another engine left deletes beside them, which would be rows that are not there any more. */
export const dataFilesOf = Effect.fn("Iceberg.dataFiles")(function* (
  files: Files,
  metadata: TableMetadata,
  snapshot: Snapshot | undefined,
): Effect.fn.Return<ReadonlyArray<LiveFile>, SinkError> {
  const open = yield* openManifests(files, (yield* manifestsOf(files, snapshot)).filter(hasLiveFiles))
  const live = open.flatMap(({ listed, manifest }) => liveFilesOf(listed, manifest))
  yield* refuseDeletes(metadata, live)
  return live
})

/** Fails when files are deletes of another engine. */
export const refuseDeletes = (
  metadata: TableMetadata,
  live: ReadonlyArray<LiveFile>,
): Effect.Effect<void, SinkError> => {
  const deletes = live.filter(({ file }) => file.content !== 0)
  return deletes.length === 0
    ? Effect.void
    : Effect.fail(
        failure(
          "read",
          `the table at ${metadata.location} has ${deletes.length} delete file(s) of another engine, which are not applied here: compact the table with that engine (Spark: rewrite_data_files), or read it with pyiceberg or Spark`,
          terminal,
        ),
      )
}

/** Files that we wrote have field ids. */
const OURS = /\/odh-[^/]+\.parquet$/

/**
 * Local paths of data files, in order, for {@link scanSql}. Fails when a file of another engine has no field ids: all its columns would read as
 * empty.
 */
export const localPaths = Effect.fnUntraced(function* (
  connection: Connection,
  files: Files,
  data: ReadonlyArray<DataFile>,
): Effect.fn.Return<ReadonlyArray<string>, SinkError, Scope.Scope> {
  const paths = yield* files.local(data.map((file) => file.file_path))
  const foreign = paths.filter((_, index) => !OURS.test(data[index]?.file_path ?? ""))
  if (foreign.length === 0) return paths
  const without = yield* connection
    .all(
      `select file_name from parquet_schema(${listLiteral(foreign)}) group by file_name having count(field_id) = 0`,
      "look for field ids in files of another engine",
    )
    .pipe(Effect.mapError(fromEngine("read")))
  return without.length === 0
    ? paths
    : yield* failure(
        "read",
        `${without.length} data file(s) were added by another engine without field ids, and are not read here: let that engine write them again (first: ${String(without[0]?.["file_name"])})`,
      )
})

/** How the engine calls a type. */
export const engineType = (type: IcebergType): string => {
  const precise = decimalOf(type)
  if (precise !== undefined) return `DECIMAL(${precise.precision}, ${precise.scale})`
  if (typeof type !== "string") return nestedType(type)
  switch (type) {
    case "boolean":
      return "BOOLEAN"
    case "int":
      return "INTEGER"
    case "long":
      return "BIGINT"
    case "string":
      return "VARCHAR"
    case "binary":
      return "BLOB"
    case "timestamptz":
      return "TIMESTAMPTZ"
    default:
      if (type.startsWith("fixed")) return "BLOB"
      return type.toUpperCase()
  }
}

const nestedType = (type: Exclude<IcebergType, string>): string => {
  if (type.type === "list") return `${engineType(type.element)}[]`
  if (type.type === "map") return `MAP(${engineType(type.key)}, ${engineType(type.value)})`
  return `STRUCT(${type.fields.map((field) => `${identifier(field.name)} ${engineType(field.type)}`).join(", ")})`
}

const column = ({ id, name, type }: Field): string =>
  `${id}: {name: ${literal(name)}, type: ${literal(engineType(type))}, default_value: NULL}`

/**
 * A query over local Parquet files with the columns of a schema, by field id. Without files it has the columns and no row.
 * `filename` adds the column of that name.
 */
export const scanSql = (
  schema: StructType,
  paths: ReadonlyArray<string>,
  options: { readonly filename?: boolean } = {},
): string =>
  paths.length === 0
    ? `select ${schema.fields.map((field) => `null::${engineType(field.type)} as ${identifier(field.name)}`).join(", ")} where false`
    : `select * from read_parquet(${listLiteral(paths)}, schema = map {${schema.fields.map(column).join(", ")}}${
        options.filename === true ? ", filename = true" : ""
      })`
