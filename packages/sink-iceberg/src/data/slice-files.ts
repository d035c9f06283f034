/** Which data files hold rows of a slice: first by partition and bounds, from the manifests alone; then, of those left, by looking. */
import type { SinkError, Slice } from "@opendatahub-sql/core"
import { type Connection, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { decide, fromEngine } from "../failure.ts"
import type { Files } from "../files/files.ts"
import { localPaths, scanSql } from "../read/scan.ts"
import { schemaOf, specOf, type TableMetadata } from "../table/metadata/metadata.ts"
import { fieldNamed, type Schema } from "../table/metadata/schema.ts"
import { boundOf, hasLiveFiles, type LiveFile, liveFilesOf } from "../table/snapshot/live-files.ts"
import type { DataFile } from "../table/snapshot/manifest.ts"
import type { ManifestFile } from "../table/snapshot/manifest-list.ts"
import type { OpenManifest } from "../table/snapshot/stage.ts"
import { encodeBound } from "../table/values/bounds.ts"
import { daysOf } from "../table/values/instants.ts"
import { PARTITION_COLUMN } from "../sink/columns.ts"

/** What goes: one slice, or with `wholeResource` all that a resource has in the table. */
export interface Removal {
  readonly slice: Slice
  readonly wholeResource: boolean
}

/** Rows of the removal, as a condition. */
export const isRemoved = ({ slice, wholeResource }: Removal): string =>
  `coalesce(_dataset_id = ${literal(slice.dataset)} and _resource_id = ${literal(slice.resource)}${
    wholeResource ? "" : ` and _extracted_at = ${literal(slice.extractedAt)}::timestamptz`
  }, false)`

const dateOfSlice = (slice: Slice): string => slice.extractedAt.slice(0, 10)

/** Whether a manifest can name files of the removal. */
export const mayHold = (
  metadata: TableMetadata,
  manifest: ManifestFile,
  { slice, wholeResource }: Removal,
): boolean => {
  if (manifest.content !== 0 || !hasLiveFiles(manifest)) return false
  const source = fieldNamed(schemaOf(metadata), PARTITION_COLUMN)
  const index = specOf(metadata, manifest.partition_spec_id).fields.findIndex(
    (field) => field["source-id"] === source?.id && field.transform === "identity",
  )
  const summary = manifest.partitions?.[index]
  const day = daysOf(dateOfSlice(slice))
  const [lower, upper] = [summary?.lower_bound ?? undefined, summary?.upper_bound ?? undefined]
  if (wholeResource || lower === undefined || upper === undefined || day === undefined) return true
  return Buffer.from(lower).readInt32LE() <= day && day <= Buffer.from(upper).readInt32LE()
}

const textMayHold = (file: DataFile, schema: Schema, column: string, value: string): boolean => {
  const id = fieldNamed(schema, column)?.id ?? -1
  const [lower, upper] = [boundOf(file, "lower", id), boundOf(file, "upper", id)]
  const bytes = Buffer.from(value)
  return (lower === undefined || bytes.compare(lower) >= 0) && (upper === undefined || bytes.compare(upper) <= 0)
}

const instantMayHold = (file: DataFile, schema: Schema, column: string, value: string): boolean => {
  const id = fieldNamed(schema, column)?.id ?? -1
  const wanted = encodeBound("timestamptz", value, "lower")?.readBigInt64LE()
  const [lower, upper] = [boundOf(file, "lower", id), boundOf(file, "upper", id)]
  return (
    wanted === undefined ||
    ((lower === undefined || Buffer.from(lower).readBigInt64LE() <= wanted) &&
      (upper === undefined || wanted <= Buffer.from(upper).readBigInt64LE()))
  )
}

/** Whether a file can hold rows of the removal. */
export const fileMayHold = (file: DataFile, schema: Schema, { slice, wholeResource }: Removal): boolean =>
  textMayHold(file, schema, "_dataset_id", slice.dataset) &&
  textMayHold(file, schema, "_resource_id", slice.resource) &&
  (wholeResource || instantMayHold(file, schema, "_extracted_at", slice.extractedAt))

/** The files that a removal touches: those that go as they are, and those of which rows stay. */
export interface TouchedFiles {
  readonly whole: ReadonlyArray<LiveFile>
  readonly mixed: ReadonlyArray<LiveFile>
}

/** Finds the files of a removal in the open manifests. */
export const filesOfRemoval = Effect.fnUntraced(function* (
  connection: Connection,
  files: Files,
  schema: Schema,
  open: ReadonlyArray<OpenManifest>,
  removal: Removal,
): Effect.fn.Return<TouchedFiles, SinkError, Scope.Scope> {
  const candidates = yield* decide("commit", "look for the rows to replace", () =>
    open
      .flatMap(({ listed, manifest }) => liveFilesOf(listed, manifest))
      .filter(({ file }) => fileMayHold(file, schema, removal)),
  )
  if (candidates.length === 0) return { whole: [], mixed: [] }
  const paths = yield* localPaths(
    connection,
    files,
    candidates.map(({ file }) => file),
  )
  const columns = schema.fields.filter((field) => ["_dataset_id", "_resource_id", "_extracted_at"].includes(field.name))
  const rows = yield* connection
    .all(
      `select filename, count(*) filter (where ${isRemoved(removal)}) as gone, count(*) as held
       from (${scanSql({ type: "struct", fields: columns }, paths, { filename: true })}) group by filename`,
      "look for the rows to replace",
    )
    .pipe(Effect.mapError(fromEngine("commit")))
  const counts = new Map(rows.map((row) => [String(row["filename"]), [Number(row["gone"]), Number(row["held"])]]))
  const of = (index: number): ReadonlyArray<number> => counts.get(paths[index] ?? "") ?? [0, 0]
  return {
    whole: candidates.filter((_, index) => (of(index)[0] ?? 0) > 0 && of(index)[0] === of(index)[1]),
    mixed: candidates.filter((_, index) => (of(index)[0] ?? 0) > 0 && of(index)[0] !== of(index)[1]),
  }
})
