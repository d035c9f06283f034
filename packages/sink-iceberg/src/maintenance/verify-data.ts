/** Whether data files hold what manifests say of them: sizes, rows, bounds, partitions, field ids. The files are read whole. */
import type { SinkError } from "@opendatahub-sql/core"
import { type Connection, identifier, listLiteral, literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { fromEngine } from "../failure.ts"
import type { Files } from "../files/files.ts"
import { scanSql } from "../read/scan.ts"
import { schemaOf, specOf, type TableMetadata } from "../table/metadata/metadata.ts"
import { decimalOf as decimalType, type Field } from "../table/metadata/schema.ts"
import { boundOf, type LiveFile } from "../table/snapshot/live-files.ts"
import type { DataFile } from "../table/snapshot/manifest.ts"
import { encodeBound } from "../table/values/bounds.ts"
import type { Problem } from "./problem.ts"

/** Columns whose bounds are of a type that is compared as numbers; text is compared as bytes. */
const isInteger = (type: Field["type"]): boolean =>
  type === "int" || type === "long" || type === "date" || type === "timestamp" || type === "timestamptz"

const numberOf = (bytes: Uint8Array): bigint => {
  const buffer = Buffer.from(bytes)
  return buffer.length === 4 ? BigInt(buffer.readInt32LE()) : buffer.readBigInt64LE()
}

/** Big-endian two's complement, of any length. */
const decimalOf = (bytes: Uint8Array): bigint =>
  BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`))

const compare = (type: Field["type"], a: Uint8Array, b: Uint8Array): number => {
  if (!isInteger(type) && decimalType(type) === undefined) return Buffer.compare(a, b)
  const [left, right] = isInteger(type) ? [numberOf(a), numberOf(b)] : [decimalOf(a), decimalOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** A value as a bound would have it, whole. Bytes are not compared: the engine prints them with escapes. */
const encodedValue = (type: Field["type"], value: string): Uint8Array | undefined =>
  type === "string" ? Buffer.from(value) : type === "binary" ? undefined : encodeBound(type, value, "lower")

/** Which columns have bounds that do not hold their values. */
const boundProblems = (file: DataFile, fields: ReadonlyArray<Field>, found: Readonly<Record<string, unknown>>) =>
  fields.flatMap((field, index): ReadonlyArray<Problem> => {
    const [least, most] = [found[`min_${index}`], found[`max_${index}`]]
    const wrong = (["lower", "upper"] as const).filter((side) => {
      const bound = boundOf(file, side, field.id)
      const value = side === "lower" ? least : most
      const encoded = typeof value === "string" ? encodedValue(field.type, value) : undefined
      if (bound === undefined || encoded === undefined) return false
      const order = compare(field.type, encoded, bound)
      return side === "lower" ? order < 0 : order > 0
    })
    return wrong.map((side) => ({
      kind: "wrong-bound",
      location: file.file_path,
      message: `values of "${field.name}" lie outside its ${side} bound: readers that prune by it miss rows`,
    }))
  })

const checkFile = Effect.fnUntraced(function* (
  connection: Connection,
  files: Files,
  metadata: TableMetadata,
  { file, specId }: LiveFile,
): Effect.fn.Return<ReadonlyArray<Problem>, SinkError, Scope.Scope> {
  const problem = (kind: Problem["kind"], message: string): ReadonlyArray<Problem> => [
    { kind, location: file.file_path, message },
  ]
  const [path = ""] = yield* files.local([file.file_path])
  const schema = schemaOf(metadata)
  const fields = schema.fields.filter((field) => typeof field.type === "string")
  const bounds = fields.map(
    ({ name }, index) =>
      `min(${identifier(name)})::varchar as min_${index}, max(${identifier(name)})::varchar as max_${index}`,
  )
  const query = (sql: string) =>
    connection.one(sql, `read ${file.file_path}`).pipe(Effect.mapError(fromEngine("verify")))
  const read = yield* Effect.result(
    query(`select (select count(*) from parquet_schema(${listLiteral([path])}) where field_id is not null) as ids,
      (select size from read_blob(${literal(path)})) as size, t.* from (select count(*) as n, ${bounds.join(", ")} from (${scanSql({ type: "struct", fields }, [path])})) t`),
  )
  if (read._tag === "Failure") {
    return problem(
      /No files found|No such file|does not exist/i.test(read.failure.message) ? "missing-file" : "damaged-file",
      read.failure.message,
    )
  }
  const row = read.success
  const partition = specOf(metadata, specId).fields.flatMap((part): ReadonlyArray<Problem> => {
    const index = fields.findIndex((field) => field.id === part["source-id"])
    const value = file.partition[part.name]
    const encoded = (side: string) => row[`${side}_${index}`]
    if (part.transform !== "identity" || fields[index]?.type !== "date" || typeof value !== "number") return []
    const day = new Date(value * 86_400_000).toISOString().slice(0, 10)
    return encoded("min") === day && encoded("max") === day
      ? []
      : problem(
          "wrong-partition",
          `its partition says ${part.name} = ${day}, its rows say ${String(encoded("min"))} to ${String(encoded("max"))}`,
        )
  })
  return [
    ...(Number(row["size"]) === Number(file.file_size_in_bytes)
      ? []
      : problem("wrong-size", `the manifest says ${file.file_size_in_bytes} bytes, it has ${Number(row["size"])}`)),
    ...(Number(row["n"]) === Number(file.record_count)
      ? []
      : problem("wrong-count", `the manifest says ${file.record_count} rows, it has ${Number(row["n"])}`)),
    ...(Number(row["ids"]) > 0
      ? []
      : problem("no-field-ids", "its columns have no field ids: they read as empty here")),
    ...partition,
    ...boundProblems(file, fields, row),
  ]
}, Effect.scoped)

/** Reads every data file, and compares. */
export const dataProblems = (
  connection: Connection,
  files: Files,
  metadata: TableMetadata,
  live: ReadonlyArray<LiveFile>,
): Effect.Effect<ReadonlyArray<Problem>, SinkError> =>
  Effect.map(
    Effect.forEach(
      live.filter(({ file }) => file.content === 0),
      (one) => checkFile(connection, files, metadata, one),
    ),
    (problems) => problems.flat(),
  )
