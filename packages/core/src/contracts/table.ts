/** Tables as a format yields them: batches and what goes with them. No Effect type: both doors of this package use this module. */
import type { ColumnType } from "./column-type.ts"
import type { JsonObject } from "./json.ts"
import type { Reject } from "./reject.ts"

/** A column as the file names it. Without a `type` its cells are text and the engine finds the type on the whole file. */
export interface Column {
  readonly name: string
  readonly type?: ColumnType
}

/** One cell: text, or a value of the column's own type (64-bit integers as bigint, decimals as text, instants as ISO text). */
export type Cell = string | number | bigint | boolean | Uint8Array | null

/** Up to 8,192 rows of one table, column by column. Row numbers count the records of the file from 1, rejected ones included. */
export interface Batch {
  readonly table: string
  readonly size: number
  readonly columns: ReadonlyArray<ReadonlyArray<Cell>>
  readonly rowNumbers: Float64Array
  /** For a child table: the row number of the parent. */
  readonly parentRows?: Float64Array
}

/**
 * What a format's `read` yields. A table may start at any time, before its first batch; a parent before its children; columns may be
 * added late (earlier rows hold NULL there). Table names are local to the file.
 */
export type TableEvent =
  | {
      readonly _tag: "TableStarted"
      readonly table: string
      readonly columns: ReadonlyArray<Column>
      readonly parent?: string
    }
  | { readonly _tag: "ColumnsAdded"; readonly table: string; readonly columns: ReadonlyArray<Column> }
  | ({ readonly _tag: "Batch" } & Batch)
  | { readonly _tag: "Rejects"; readonly table: string; readonly rejects: ReadonlyArray<Reject> }
  | { readonly _tag: "Facts"; readonly table?: string; readonly facts: JsonObject }

/** A column of a finished table: `name` is ours (normalised, unique), `original` the file's. */
export interface TypedColumn {
  readonly name: string
  readonly original: string
  readonly type: ColumnType
  readonly nulls: number
  /** Why this type, in a few words, for `odh inspect`. */
  readonly why?: string
}

/** How a Parquet view of a table is cut. Sizes in bytes; `fieldIds` and `types` by column name. */
export interface ParquetOptions {
  readonly fileBytes?: number
  readonly rowGroupRows?: number
  readonly fieldIds?: Readonly<Record<string, number>>
  readonly types?: Readonly<Record<string, ColumnType>>
  readonly columns?: ReadonlyArray<string>
}
/** One Parquet file of a view; `path` lives as long as the scope that asked for it. */
export interface ParquetFile {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}
