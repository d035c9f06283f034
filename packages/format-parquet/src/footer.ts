/** The footer of a Parquet file: what it says of its columns, and of itself. */
import {
  dataQuality,
  FormatError,
  GEOPARQUET,
  type JsonObject,
  type RawFile,
  type ReadError,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type FileMetaData, parquetMetadataAsync, parquetSchema, type SchemaTree } from "hyparquet"
import { asyncBuffer, readError } from "./source.ts"

/** A file without one is at least this long. In bytes. */
const LEAST = 12
/** Larger footers are not a table's. In bytes. */
const MOST_FOOTER = 268_435_456

const refuse = (file: RawFile, message: string): FormatError =>
  new FormatError({ plugin: "parquet", operation: "read", reason: dataQuality, message: `${file.name}: ${message}` })

const leavesOf = (tree: SchemaTree): ReadonlyArray<string> =>
  tree.children.length === 0 ? [tree.path.join(".")] : tree.children.flatMap(leavesOf)

/** Whether each row group has the columns of the schema, in its order, as the format demands. */
const holdsItsSchema = (metadata: FileMetaData): boolean => {
  const leaves = parquetSchema(metadata).children.flatMap(leavesOf)
  return metadata.row_groups.every(
    ({ columns }) =>
      columns.length === leaves.length &&
      columns.every((column, at) => column.meta_data?.path_in_schema.join(".") === leaves[at]),
  )
}

/** Reads the footer. Fails with `FormatError` when the file is cut short, encrypted, or none. */
export const readFooter = Effect.fnUntraced(function* (
  file: RawFile,
): Effect.fn.Return<FileMetaData, ReadError, Scope.Scope> {
  const source = yield* asyncBuffer(file)
  const attempt = <A>(run: () => Promise<A>) =>
    Effect.tryPromise({ try: run, catch: (cause) => readError(file, cause) })
  if (source.byteLength < LEAST) return yield* refuse(file, "it is cut short: fetch it again, or ask its publisher")
  const end = Buffer.from(yield* attempt(async () => source.slice(source.byteLength - 8, source.byteLength)))
  const magic = end.toString("latin1", 4)
  if (magic === "PARE") return yield* refuse(file, "its footer is encrypted; ask its publisher for a plain file")
  if (magic !== "PAR1")
    return yield* refuse(file, "it is cut short or no Parquet file: fetch it again, or ask its publisher")
  if (end.readUInt32LE(0) > Math.min(MOST_FOOTER, source.byteLength - LEAST))
    return yield* refuse(file, "its footer is larger than the file can hold: fetch it again, or ask its publisher")
  const metadata = yield* attempt(() => parquetMetadataAsync(source, { geoparquet: false }))
  // hyparquet leaves a rejection unhandled where they differ, and that ends the process.
  if (!(yield* attempt(async () => holdsItsSchema(metadata))))
    return yield* refuse(
      file,
      "its row groups have other columns than its schema: fetch it again, or ask its publisher",
    )
  return metadata
})

/** The file's own metadata of its geometries; `undefined` where it is no GeoParquet. */
const geoOf = (metadata: FileMetaData): JsonObject | undefined => {
  const text = metadata.key_value_metadata?.find(({ key }) => key === "geo")?.value
  try {
    const geo: unknown = text === undefined ? undefined : JSON.parse(text)
    return typeof geo === "object" && geo !== null && !Array.isArray(geo) ? (geo as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/** What the file says of itself. */
export const factsOf = (metadata: FileMetaData): JsonObject => {
  const geo = geoOf(metadata)
  return {
    rowGroups: metadata.row_groups.length,
    ...(metadata.created_by === undefined ? {} : { createdBy: metadata.created_by }),
    ...(geo === undefined ? {} : { [GEOPARQUET]: geo }),
  }
}
