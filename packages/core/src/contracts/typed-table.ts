/** Tables as the engine hands them to sinks. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { EngineError } from "./errors.ts"
import type { JsonObject } from "./json.ts"
import type { Batch, ParquetFile, ParquetOptions, TypedColumn } from "./table.ts"

/**
 * A finished table: whole-file types, its typed Parquet cached in the work folder for the scope it was made in. A sink takes the view it
 * needs. `rows` + `rowRejects` = records in the file.
 */
export interface TypedTable {
  readonly name: string
  readonly parent?: string
  /** The archive member it came from. */
  readonly member?: string
  readonly columns: ReadonlyArray<TypedColumn>
  readonly rows: number
  readonly rowRejects: number
  readonly cellRejects: number
  readonly facts: JsonObject
  /** What a person should know of the values: codes that a spreadsheet shortened. */
  readonly warnings?: ReadonlyArray<string>
  /** SQL over the cache: `_row` (bigint), `_parent_row` for a child, then the columns, in file order. */
  readonly relation: string
  /** Records that were left out or have a cell that was not taken. */
  readonly rejectedRows: number
  /** SQL over the cache: the columns of `rejectColumns`; `column_name` is our name, unique in the table, or NULL. */
  readonly rejects: string
  readonly parquet: (options?: ParquetOptions) => Effect.Effect<ReadonlyArray<ParquetFile>, EngineError, Scope.Scope>
  readonly batches: () => Stream.Stream<Batch, EngineError>
}
