/** The Parquet format: names and types from the footer, rows by the engine, or by hyparquet where the engine would read otherwise. */
import {
  type Confidence,
  defineFormat,
  type Probe,
  type RawFile,
  type ReadError,
  type Relation,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { columnsOf, type ParquetColumn } from "./columns.ts"
import { factsOf, readFooter } from "./footer.ts"
import { MAIN, readTable } from "./read.ts"

const startsWith = (bytes: Uint8Array, magic: string): boolean =>
  Buffer.from(bytes.subarray(0, 4)).toString("latin1") === magic

/** Certain by both ends; a file that was cut has the first only, and is ours to refuse. */
const detects = ({ head, tail }: Probe): Confidence => {
  if (!startsWith(head, "PAR1") && !startsWith(head, "PARE")) return 0
  const end = tail.subarray(-4)
  return startsWith(end, "PAR1") ? 1 : 0.9
}

const sqlTypeOf = ({ type }: ParquetColumn): string => (type === "text" ? "varchar" : type)

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The engine reads files whose columns are plain and whose names it can tell apart; of geographic ones it makes types of its own. */
const relationOf = (
  file: RawFile,
  columns: ReadonlyArray<ParquetColumn>,
  isGeographic: boolean,
): Omit<Relation, "facts"> | undefined => {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()))
  if (isGeographic || columns.length === 0 || names.size < columns.length || !columns.every(({ isPlain }) => isPlain))
    return undefined
  const values = columns.map((column) => `${quoted(column.name)}::${sqlTypeOf(column)}`)
  return {
    table: MAIN,
    columns: columns.map(({ name, type }) => ({ name, type })),
    input: file,
    sql: (path) => `select ${values.join(", ")} from read_parquet(${path}, hive_partitioning = false)`,
  }
}

const relations = Effect.fnUntraced(function* (
  file: RawFile,
): Effect.fn.Return<ReadonlyArray<Relation> | undefined, ReadError, Scope.Scope> {
  const metadata = yield* readFooter(file)
  const isGeographic = (metadata.key_value_metadata ?? []).some(({ key }) => key === "geo")
  const relation = relationOf(file, columnsOf(metadata), isGeographic)
  return relation === undefined ? undefined : [{ ...relation, facts: factsOf(metadata) }]
})

/**
 * Parquet with the file's own types; nested columns are JSON text. One table, `main`. Fails with `FormatError` when the file is cut short,
 * encrypted, or none.
 * @example
 * formats: [parquet()]
 */
export const parquet = defineFormat({
  id: "parquet",
  apiVersion: 1,
  // 2: what a GeoParquet file says of its geometries goes with the table.
  fingerprint: 2,
  config: Schema.toStandardSchemaV1(Schema.Record(Schema.String, Schema.Never), { parseOptions: { errors: "all" } }),
  detects,
  read: (file) => Stream.scoped(Stream.unwrap(Effect.map(readFooter(file), (metadata) => readTable(file, metadata)))),
  relations,
})
