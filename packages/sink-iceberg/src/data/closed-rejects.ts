/** Which rejects of a slice a load takes away: what could not be read before and can be now. */
import type { SinkError } from "@opendatahub-sql/core"
import type { Connection } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CatalogTable } from "../catalog/catalog.ts"
import { fromEngine } from "../failure.ts"
import type { Files } from "../files/files.ts"
import { dataFilesOf, localPaths, scanSql } from "../read/scan.ts"
import { currentSnapshot, schemaOf } from "../table/metadata/metadata.ts"
import { fileMayHold, isRemoved, type Removal } from "./slice-files.ts"
import type { RowQuery } from "./table-load.ts"

const where = "_row, _member, table_name"

/** How many of a slice's rejects are not among those that come, by table. */
export const closedRejects = Effect.fn("IcebergSink.closedRejects")(function* (
  connection: Connection,
  files: Files,
  { metadata }: CatalogTable,
  removal: Removal,
  come: ReadonlyArray<RowQuery>,
): Effect.fn.Return<Readonly<Record<string, number>>, SinkError, Scope.Scope> {
  const schema = schemaOf(metadata)
  const live = yield* dataFilesOf(files, metadata, currentSnapshot(metadata))
  const held = live.filter(({ file }) => fileMayHold(file, schema, removal))
  if (held.length === 0) return {}
  const paths = yield* localPaths(
    connection,
    files,
    held.map(({ file }) => file),
  )
  const now =
    come.length === 0
      ? "select null::bigint as _row, null::varchar as _member, null::varchar as table_name, null::varchar as column_name where false"
      : come.map(({ sql }) => `select ${where}, column_name from (${sql})`).join(" union all ")
  const rows = yield* connection
    .all(
      `select table_name, count(*) as n from (${scanSql(schema, paths)}) old where ${isRemoved(removal)} and not exists (
         from (${now}) now where now.table_name = old.table_name and now._row = old._row and now._member is not distinct from old._member
         and (now.column_name is null or now.column_name = old.column_name)) group by table_name`,
      "count the rejects that are closed",
    )
    .pipe(Effect.mapError(fromEngine("commit")))
  return Object.fromEntries(rows.map((row) => [String(row["table_name"]), Number(row["n"])]))
}, Effect.scoped)
