/** A table before it is typed: a query that can be run again, and a sample of its rows. */
import type { Column, EngineError, JsonObject, PlainReading, ReadError, Relation } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import type { Connection } from "../database/database.ts"

/** A query over the table, ready to run: its columns come in order, then the hidden ones. */
export type UseQuery<A, E> = (connection: Connection, query: string) => Effect.Effect<A, E>

/** The first rows, or rows from all over, column by column; `whole`: these are all. Typed columns may hold anything. */
export interface SampleRows {
  readonly columns: ReadonlyArray<ReadonlyArray<unknown>>
  readonly whole: boolean
}

/** Columns of ours that the query may yield after those of the file. */
export type HiddenColumn = "_row" | "_parent_row"

export interface Untyped {
  readonly table: string
  readonly parent: string | undefined
  readonly columns: ReadonlyArray<Column>
  /** Whether a column with a type comes as the engine's own values; else as canonical text. */
  readonly native: (column: Column) => boolean
  readonly hidden: ReadonlyArray<HiddenColumn>
  readonly facts: JsonObject
  readonly sample: SampleRows
  /** See {@link Relation.plain}. */
  readonly plain?: Relation["plain"]
  /** Runs something on the query, on a fresh connection each time, reading to the end. `reading` only where there is `plain`. */
  readonly withQuery: <A, E>(
    use: UseQuery<A, E>,
    reading?: PlainReading,
  ) => Effect.Effect<A, E | EngineError | ReadError>
}
