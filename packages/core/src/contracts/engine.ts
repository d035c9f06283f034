/** What core asks of the engine: finished, typed tables from what a format offers. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ColumnType } from "./column-type.ts"
import type { EngineError, ReadError } from "./errors.ts"
import type { Relation, SkippedMember } from "./format.ts"
import type { TableEvent } from "./table.ts"
import type { TypedTable } from "./typed-table.ts"

/** How the columns of one file are typed. */
export interface Typing {
  /** `text`: no type is looked for. */
  readonly types: "auto" | "text"
  /** The share of non-empty values that must fit a type (0.999). */
  readonly tolerance: number
  /** Types asked for by the configuration, by table (local name) and column (our name or the file's): taken as they are; misfits become rejects. */
  readonly pinned: (table: string, column: string) => ColumnType | undefined
  /** What the column already is elsewhere: the result is the join with it. */
  readonly atLeast: (table: string, column: string) => ColumnType | undefined
}

/** The engine. Tables live as long as the scope that asked for them. */
export class Engine extends Context.Service<
  Engine,
  {
    /** Raised when the same cells get other types, values or rejects: loads made before are made again by a replay. */
    readonly fingerprint: number
    /** Types relations inside the engine; `undefined` when one refused (see {@link Relation}): use `typeEvents` on the format's `read`. */
    readonly typeRelations: (
      relations: ReadonlyArray<Relation>,
      typing: Typing,
    ) => Effect.Effect<ReadonlyArray<TypedTable> | undefined, EngineError | ReadError, Scope.Scope>
    /** Stages what a format reads, batch by batch with backpressure, then types it. */
    readonly typeEvents: (
      events: Stream.Stream<TableEvent, ReadError>,
      typing: Typing,
    ) => Effect.Effect<ReadonlyArray<TypedTable>, EngineError | ReadError, Scope.Scope>
    /** The rejects of tables, and the members left out, in one Parquet file: `table_name`, `_member`, then the columns of `rejectColumns`; `undefined` when there are none. */
    readonly rejectsParquet: (
      tables: ReadonlyArray<TypedTable>,
      members?: ReadonlyArray<SkippedMember>,
    ) => Effect.Effect<string | undefined, EngineError, Scope.Scope>
  }
>()("@opendatahub-sql/core/Engine") {}
