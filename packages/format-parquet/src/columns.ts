/** The columns of a Parquet file and their types, from its footer (parquet-format 2.11, LogicalTypes.md; older files say it by converted types). */
import type { Column, ColumnType } from "@opendatahub-sql/core"
import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from "hyparquet"

/** How the stored value of a leaf becomes a cell. */
export type Kind =
  | {
      readonly is:
        | "boolean"
        | "integer"
        | "double"
        | "float16"
        | "text"
        | "json"
        | "uuid"
        | "blob"
        | "date"
        | "interval"
    }
  | { readonly is: "unsigned"; readonly bits: 32 | 64 }
  | { readonly is: "decimal"; readonly precision: number; readonly scale: number }
  /** `perSecond` units a second. */
  | { readonly is: "time"; readonly perSecond: number }
  | { readonly is: "timestamp"; readonly perSecond: number; readonly isUtc: boolean }
  | { readonly is: "int96" }

/** A column with what is needed to read it. */
export interface ParquetColumn extends Column {
  readonly type: ColumnType
  readonly node: SchemaTree
  /** Whether DuckDB reads it as the same type; a nested value or a rare type is read here. */
  readonly isPlain: boolean
}

const PER_SECOND = { MILLIS: 1_000, MICROS: 1_000_000, NANOS: 1_000_000_000 } as const

const logicalKind = ({ logical_type: logical }: SchemaElement): Kind | undefined => {
  switch (logical?.type) {
    case "STRING":
    case "ENUM":
      return { is: "text" }
    case "JSON":
      return { is: "json" }
    case "UUID":
      return { is: "uuid" }
    case "DATE":
      return { is: "date" }
    case "FLOAT16":
      return { is: "float16" }
    case "DECIMAL":
      return { is: "decimal", precision: logical.precision, scale: logical.scale }
    case "TIME":
      return { is: "time", perSecond: PER_SECOND[logical.unit] }
    case "TIMESTAMP":
      return { is: "timestamp", perSecond: PER_SECOND[logical.unit], isUtc: logical.isAdjustedToUTC }
    case "INTEGER":
      if (logical.isSigned || logical.bitWidth < 32) return { is: "integer" }
      return { is: "unsigned", bits: logical.bitWidth === 64 ? 64 : 32 }
    default:
      return undefined
  }
}

const convertedKind = ({ converted_type: converted, precision, scale }: SchemaElement): Kind | undefined => {
  switch (converted) {
    case "UTF8":
    case "ENUM":
      return { is: "text" }
    case "JSON":
      return { is: "json" }
    case "DATE":
      return { is: "date" }
    case "INTERVAL":
      return { is: "interval" }
    case "DECIMAL":
      return { is: "decimal", precision: precision ?? 38, scale: scale ?? 0 }
    case "TIME_MILLIS":
    case "TIME_MICROS":
      return { is: "time", perSecond: converted === "TIME_MILLIS" ? 1_000 : 1_000_000 }
    // Older writers said so of local times too: as the engine does, no zone is assumed.
    case "TIMESTAMP_MILLIS":
    case "TIMESTAMP_MICROS":
      return { is: "timestamp", perSecond: converted === "TIMESTAMP_MILLIS" ? 1_000 : 1_000_000, isUtc: false }
    case "UINT_32":
      return { is: "unsigned", bits: 32 }
    case "UINT_64":
      return { is: "unsigned", bits: 64 }
    default:
      return undefined
  }
}

const storedKind = ({ type }: SchemaElement): Kind => {
  switch (type) {
    case "BOOLEAN":
      return { is: "boolean" }
    case "INT32":
    case "INT64":
      return { is: "integer" }
    case "INT96":
      return { is: "int96" }
    case "FLOAT":
    case "DOUBLE":
      return { is: "double" }
    default:
      return { is: "blob" }
  }
}

/** How a leaf is read. */
export const kindOf = (element: SchemaElement): Kind =>
  logicalKind(element) ?? convertedKind(element) ?? storedKind(element)

const typeOf = (kind: Kind): ColumnType => {
  switch (kind.is) {
    case "integer":
      return "bigint"
    case "unsigned":
      return kind.bits === 32 ? "bigint" : "decimal(20,0)"
    case "float16":
      return "double"
    case "decimal":
      return kind.precision <= 38 ? `decimal(${kind.precision},${kind.scale})` : "text"
    case "timestamp":
      return kind.isUtc ? "timestamptz" : "timestamp"
    case "int96":
      return "timestamp"
    case "uuid":
    case "interval":
      return "text"
    case "boolean":
    case "double":
    case "text":
    case "json":
    case "blob":
    case "date":
    case "time":
      return kind.is
  }
}

/** Whether values are one behind the other or one within the other. */
export const isNested = ({ children, element }: SchemaTree): boolean =>
  children.length > 0 || element.repetition_type === "REPEATED"

/** Types that DuckDB reads otherwise than we do, or not at all. */
const isOurs = (kind: Kind, { logical_type: logical, converted_type: converted }: SchemaElement): boolean =>
  kind.is === "interval" ||
  kind.is === "float16" ||
  (kind.is === "decimal" && kind.precision > 38) ||
  (kind.is === "blob" && (logical !== undefined || converted !== undefined))

/** The columns in the file's order; nested ones are JSON text. */
export const columnsOf = (metadata: FileMetaData): ReadonlyArray<ParquetColumn> =>
  parquetSchema(metadata).children.map((node): ParquetColumn => {
    const { name } = node.element
    if (isNested(node)) return { name, type: "json", node, isPlain: false }
    const kind = kindOf(node.element)
    return { name, type: typeOf(kind), node, isPlain: !isOurs(kind, node.element) }
  })

/**
 * The same metadata without the types of leaves: their values then come as stored, and no decimal goes through a floating point number. Text
 * stays text: keys of maps must be.
 */
export const asStored = (metadata: FileMetaData): FileMetaData => ({
  ...metadata,
  schema: metadata.schema.map((element) => {
    if (element.type === undefined) return element
    const { converted_type: _converted, logical_type: _logical, ...stored } = element
    return kindOf(element).is === "text" ? { ...stored, converted_type: "UTF8" as const } : stored
  }),
})
