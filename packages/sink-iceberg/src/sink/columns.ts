/** Columns of tables: ours in front, then the file's, and how their types are stored. */
import { type ColumnType, joinTypes, type Mode, type PhysicalSchema } from "@opendatahub-sql/core"
import type { RenamedColumn } from "@opendatahub-sql/history"
import type { OtherName } from "../table/metadata/name-mapping.ts"
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

/** Where a row came from. `_parent_row` is there for child tables only. */
const provenanceColumns = {
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

/**
 * Of a history, whose rows are changes: `_change` is 1 for a copy of a row that came, -1 for one that went, as of `_valid_from`; `_hash` and `_copy` say
 * which row. A child's row hangs on the row `_parent_id`.
 */
const historyColumns = {
  _parent_id: "string",
  _change: "int",
  _hash: "string",
  _copy: "int",
  _valid_from: "timestamptz",
}

/** Our columns, of every kind of table. */
export const systemColumns: Readonly<Record<string, string>> = { ...provenanceColumns, ...historyColumns }

/** Our columns of one kind of table. */
const systemColumnsOf = (mode: Mode, hasParent: boolean): ReadonlyArray<readonly [name: string, type: string]> =>
  Object.entries(mode === "history" ? systemColumns : provenanceColumns).filter(
    ([name]) => hasParent || !name.startsWith("_parent_"),
  )

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

/**
 * The id that a column has in the identities of a history's rows, where it is not its field id: a column that was written again in a wider type has
 * another field id, and its values are what they were.
 */
export type IdentityIds = Readonly<Record<number, number>>

/** The type that a column of the table has for us. */
export const logicalType = (field: Field, logical: LogicalTypes): ColumnType =>
  (field.type === "string" ? logical[field.id] : undefined) ?? columnType(field.type)

/** Columns of the table that are the file's, not ours. */
export const fileColumns = (schema: StructType): ReadonlyArray<Field> =>
  schema.fields.filter((field) => !(field.name in systemColumns))

/** The first schema of a table. Ids count from 1; a catalog may give others. */
export const newSchema = (mode: Mode, hasParent: boolean): StructType => ({
  type: "struct",
  fields: systemColumnsOf(mode, hasParent).map(([name, type], index) => ({
    id: index + 1,
    name,
    required: false,
    type,
  })),
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
  readonly identities: IdentityIds
  /** Names by which files know columns that are called otherwise. */
  readonly otherNames: ReadonlyArray<OtherName>
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
  readonly identities: IdentityIds
}

const replaceColumn = (field: Field, type: string, names: ReadonlyArray<string>): ReadonlyArray<SchemaChange> => [
  { change: "drop", name: field.name },
  { change: "add", name: field.name, type, ...(field.doc === undefined ? {} : { doc: field.doc }) },
  { change: "reorder", names },
]

/** What else a plan takes into account: what the table becomes, if it is not that already, and columns whose names changed. */
export interface PlanOptions {
  readonly kind?: { readonly mode: Mode; readonly hasParent: boolean } | undefined
  readonly renames?: ReadonlyArray<RenamedColumn> | undefined
}

/** Plans the columns. Each is at least as wide as it was: another load may have come between `prepare` and now. */
export const planColumns = (
  known: KnownColumns,
  columns: PhysicalSchema["columns"],
  { kind, renames = [] }: PlanOptions = {},
): ColumnPlan => {
  let schema = known.schema
  let lastColumnId = known.lastColumnId
  const logical: Record<number, ColumnType> = { ...known.logical }
  const identities: Record<number, number> = { ...known.identities }
  const conversions: Array<Conversion> = []
  const otherNames: Array<OtherName> = []
  let losesText = false
  const change = (changes: ReadonlyArray<SchemaChange>): void => {
    ;({ schema, lastColumnId } = evolveSchema(schema, lastColumnId, changes))
  }
  for (const [name, type] of kind === undefined ? [] : systemColumnsOf(kind.mode, kind.hasParent))
    if (fieldNamed(schema, name) === undefined) change([{ change: "add", name, type }])
  for (const { from, to, takesName } of renames) {
    const field = fieldNamed(schema, from)
    // Another load may have renamed it meanwhile.
    if (field === undefined || fieldNamed(schema, to) !== undefined) continue
    if (takesName) change([{ change: "rename", name: from, to }])
    else otherNames.push([field.id, to])
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
        if (to !== undefined) identities[to.id] = identities[field.id] ?? field.id
        // Without a single value there is nothing to convert.
        if (to !== undefined && before !== "null") conversions.push({ from: field, to })
        losesText ||= before !== "null" && type === "text"
      }
    }
    const id = fieldNamed(schema, name)?.id
    if (id === undefined) continue
    // Stored as text, and not as the file wrote it.
    if ((before === "json" || before === "time") && type === "text") losesText = true
    if (columnType(stored) === type) delete logical[id]
    else logical[id] = type
  }
  return {
    schema,
    lastColumnId,
    logical,
    identities,
    otherNames,
    changed:
      schema !== known.schema || otherNames.length > 0 || JSON.stringify(logical) !== JSON.stringify(known.logical),
    conversions,
    losesText,
  }
}
