/** A data file as a manifest names it, from what the engine's COPY says of the file that it wrote (`RETURN_STATS`). */
import type { StructType } from "../metadata/schema.ts"
import type { ByField, DataFile } from "../snapshot/manifest.ts"
import { encodeBound } from "./bounds.ts"
import type { Long } from "./json.ts"

/** The engine's figures of one file, all of them text. `columns` by quoted path: `"name"`, `"st"."inner"`. */
export interface WrittenFile {
  readonly rows: number
  readonly bytes: number
  readonly columns: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** The column of a statistic; `undefined` for one inside a nested column. */
const topLevelName = (path: string): string | undefined => {
  const match = /^"((?:[^"]|"")*)"$/.exec(path)
  return match?.[1]?.replaceAll('""', '"')
}

/** The entry of a manifest. Counts of NaN are left out: the engine gives those of the last row group alone. */
export const dataFileOf = (
  schema: StructType,
  written: WrittenFile,
  location: string,
  partition: DataFile["partition"],
): DataFile => {
  const byName = new Map(schema.fields.map((field) => [field.name, field]))
  const columns = Object.entries(written.columns).flatMap(([path, statistics]) => {
    const field = byName.get(topLevelName(path) ?? "")
    return field === undefined || typeof field.type !== "string" ? [] : [{ field, type: field.type, statistics }]
  })
  const counts = (name: string): ByField<Long> =>
    columns.flatMap(({ field, statistics }) =>
      statistics[name] === undefined ? [] : [{ key: field.id, value: Number(statistics[name]) }],
    )
  const bounds = (side: "lower" | "upper", name: string): ByField<Uint8Array> =>
    columns.flatMap(({ field, type, statistics }) => {
      const value = statistics[name]
      const bound = value === undefined ? undefined : encodeBound(type, value, side)
      return bound === undefined ? [] : [{ key: field.id, value: bound }]
    })
  return {
    content: 0,
    file_path: location,
    file_format: "PARQUET",
    partition,
    record_count: written.rows,
    file_size_in_bytes: written.bytes,
    column_sizes: counts("column_size_bytes"),
    value_counts: counts("num_values"),
    null_value_counts: counts("null_count"),
    nan_value_counts: null,
    lower_bounds: bounds("lower", "min"),
    upper_bounds: bounds("upper", "max"),
    key_metadata: null,
    split_offsets: null,
    equality_ids: null,
    sort_order_id: 0,
  }
}
