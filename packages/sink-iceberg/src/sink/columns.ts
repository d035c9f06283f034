/** Columns of tables: ours in front, then the file's, and how their types are stored. */
import { type ColumnType, joinTypes, type PhysicalSchema } from "@opendatahub-sql/core"
import {
  decimalOf,
  evolveSchema,
  type Field,
  fieldNamed,
  type IcebergType,
  isPromotion,
  type Schema,
  type SchemaChange,
  type StructType,
} from "../table/metadata/schema.ts"

/** Our columns. `_parent_row` is there for child tables only. */
export const systemColumns: Readonly<Record<string, string>> = {
  _row: "long",
  _parent_row: "long",
  _member: "string",
  _extracted_at: "timestamptz",
  _extraction_date: "date",
  _dataset_id: "string",
  _resource_id: "string",
  _file_sha256: "string",
  _load_id: "string",
}

/** What tables are partitioned by: each load has one value of it. */
export const PARTITION_COLUMN = "_extraction_date"

/** How a type is stored. Times are text: Spark cannot read a table that has one. */
export const icebergType = (type: ColumnType): string => {
  switch (type) {
    case "null":
    case "json":
    case "time":
    case "text":
      return "string"
    case "bigint":
      return "long"
    case "blob":
      return "binary"
    default: {
      const precise = /^decimal\((\d+),(\d+)\)$/.exec(type)
      return precise === null ? type : `decimal(${precise[1]}, ${precise[2]})`
    }
  }
}

/** The type of a stored column. Those of other writers have the nearest of ours. */
export const columnType = (type: IcebergType): ColumnType => {
  const precise = decimalOf(type)
  if (precise !== undefined) return `decimal(${precise.precision},${precise.scale})`
  switch (type) {
    case "boolean":
    case "double":
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
      return type
    case "int":
    case "long":
      return "bigint"
    case "float":
      return "double"
    case "binary":
      return "blob"
    default:
      return "text"
  }
}

/** Types of columns that are stored as text but are more (or less) than that, by field id. */
export type LogicalTypes = Readonly<Record<number, ColumnType>>

/** The type that a column of the table has for us. */
export const logicalType = (field: Field, logical: LogicalTypes): ColumnType =>
  (field.type === "string" ? logical[field.id] : undefined) ?? columnType(field.type)

/** Columns of the table that are the file's, not ours. */
export const fileColumns = (schema: StructType): ReadonlyArray<Field> =>
  schema.fields.filter((field) => !(field.name in systemColumns))

/** The first schema of a table. Ids count from 1; a catalog may give others. */
export const newSchema = (hasParent: boolean): StructType => ({
  type: "struct",
  fields: Object.entries(systemColumns)
    .filter(([name]) => hasParent || name !== "_parent_row")
    .map(([name, type], index) => ({ id: index + 1, name, required: false, type })),
})

/** A column whose stored values cannot be read as its new type: it gets a new id, and the files are written again. */
export interface Conversion {
  readonly from: Field
  readonly to: Field
}

/** How a table's columns become those of a load. */
export interface ColumnPlan {
  readonly schema: Schema
  readonly lastColumnId: number
  readonly logical: LogicalTypes
  readonly changed: boolean
  readonly conversions: ReadonlyArray<Conversion>
  /** A column became text: what other slices said of it is only in their files. */
  readonly losesText: boolean
}

/** A table's columns as they are, for planning. */
export interface KnownColumns {
  readonly schema: Schema
  readonly lastColumnId: number
  readonly logical: LogicalTypes
}

const replaceColumn = (field: Field, type: string, names: ReadonlyArray<string>): ReadonlyArray<SchemaChange> => [
  { change: "drop", name: field.name },
  { change: "add", name: field.name, type, ...(field.doc === undefined ? {} : { doc: field.doc }) },
  { change: "reorder", names },
]

/** Plans the columns. Each is at least as wide as it was: another load may have come between `prepare` and now. */
export const planColumns = (known: KnownColumns, columns: PhysicalSchema["columns"]): ColumnPlan => {
  let schema = known.schema
  let lastColumnId = known.lastColumnId
  const logical: Record<number, ColumnType> = { ...known.logical }
  const conversions: Array<Conversion> = []
  let losesText = false
  const change = (changes: ReadonlyArray<SchemaChange>): void => {
    ;({ schema, lastColumnId } = evolveSchema(schema, lastColumnId, changes))
  }
  for (const { physicalName: name, type: asked, original } of columns) {
    const field = fieldNamed(schema, name)
    const before = field === undefined ? undefined : logicalType(field, logical)
    const type = before === undefined ? asked : joinTypes(before, asked)
    const stored = icebergType(type)
    if (field === undefined) change([{ change: "add", name, type: stored, doc: original }])
    else if (before !== type && field.type !== stored) {
      if (isPromotion(field.type, stored)) change([{ change: "widen", name, type: stored }])
      else {
        change(
          replaceColumn(
            field,
            stored,
            schema.fields.map((one) => one.name),
          ),
        )
        delete logical[field.id]
        const to = fieldNamed(schema, name)
        // Without a single value there is nothing to convert.
        if (to !== undefined && before !== "null") conversions.push({ from: field, to })
        losesText ||= before !== "null" && type === "text"
      }
    }
    const id = fieldNamed(schema, name)?.id
    if (id === undefined) continue
    if (before === "json" && type === "text") losesText = true
    if (columnType(stored) === type) delete logical[id]
    else logical[id] = type
  }
  return {
    schema,
    lastColumnId,
    logical,
    changed: schema !== known.schema || JSON.stringify(logical) !== JSON.stringify(known.logical),
    conversions,
    losesText,
  }
}
