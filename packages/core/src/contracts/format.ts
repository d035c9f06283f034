/** Formats turn one file into tables; containers turn one file into files. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ReadError } from "./errors.ts"
import type { JsonObject } from "./json.ts"
import type { PlainForm, PlainReading, PlainValues } from "./plain-form.ts"
import type { Confidence, Probe } from "./probe.ts"
import type { RawFile } from "./raw-file.ts"
import type { MemberCode, RejectCode } from "./reject.ts"
import type { Column, TableEvent } from "./table.ts"

/**
 * The fast way to read a table: bytes, and a query over them that the engine runs, so that no row crosses JavaScript.
 * The engine hands `sql` the quoted path of a file or pipe that holds `input`; the query yields `columns` in order, as text where a column
 * has no type, in file order. When the engine fails, or `rejects` reports a code outside `keeps`, the result is thrown away and core
 * calls the format's `read` instead: a relation may refuse, it may not be wrong.
 */
export interface Relation {
  readonly table: string
  readonly parent?: string
  readonly columns: ReadonlyArray<Column>
  /** The chunks of a stream are transient: each is done with when the next is asked for. */
  readonly input: RawFile | Stream.Stream<Uint8Array, ReadError>
  /** `reading` is given only for what `plain` found to be so. */
  readonly sql: (path: string, reading?: PlainReading) => string
  /** Whether `sql` yields the number of each record behind the columns; left out, rows are numbered by their place and the rejects. */
  readonly numbered?: boolean
  /** Looks at every value of `input`, in one pass, for the plain form of its column (`undefined`: any text): a proof that costs less than the engine's. */
  readonly plain?: (forms: ReadonlyArray<PlainForm | undefined>) => Effect.Effect<PlainValues, ReadError>
  /**
   * After `sql` ran, on the same connection: rows left out, as `row` (record number), `code`, `raw`, `message`, `line`, `byte`, `byte_length`;
   * `path` holds `input`, if there is one.
   */
  readonly rejects?: {
    readonly sql: (path: string) => string
    readonly input?: RawFile
    readonly keeps: ReadonlyArray<RejectCode>
    /** Where offsets of `input` (rising) are in the file as received, when they are not the same: its text was turned into UTF-8. */
    readonly located?: (offsets: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<number>, ReadError>
  }
  readonly facts: JsonObject
  /** Another fast way, which may cost more: tried where this relation is thrown away, before `read`. For the only relation of a file. */
  readonly otherwise?: Effect.Effect<ReadonlyArray<Relation> | undefined, ReadError, Scope.Scope>
}

/** A configured format: its options are bound. */
export interface Format {
  readonly kind: "format"
  readonly id: string
  /** Raised by the author when the output for the same bytes changes: it is part of every load key. */
  readonly fingerprint: number
  /** The decoded options, part of every load key. */
  readonly options: JsonObject
  readonly detects: (probe: Probe) => Confidence
  /** Extensions (`.dbf`) of the siblings that are parts of such a file: in an archive they are not read on their own. */
  readonly companions?: ReadonlyArray<string>
  readonly read: (file: RawFile) => Stream.Stream<TableEvent, ReadError>
  /** `undefined` when this file cannot be read the fast way. */
  readonly relations?: (file: RawFile) => Effect.Effect<ReadonlyArray<Relation> | undefined, ReadError, Scope.Scope>
}

/** A member that was left out, with the reason. */
export interface SkippedMember {
  readonly name: string
  readonly why: string
  /** `foreign-member` when it is not given: `__MACOSX`, checksums, pictures. */
  readonly code?: MemberCode
}

/** A configured container. */
export interface Container {
  readonly kind: "container"
  readonly id: string
  readonly fingerprint: number
  readonly options: JsonObject
  readonly detects: (probe: Probe) => Confidence
  /** The members' names, for the second round of detection: a format may want the whole archive (GTFS, a zipped shapefile). */
  readonly members?: (file: RawFile) => Effect.Effect<ReadonlyArray<string>, ReadError>
  /** The members worth reading, each seekable while the scope lives, and the others with the reason. */
  readonly expand: (file: RawFile) => Stream.Stream<RawFile | SkippedMember, ReadError, Scope.Scope>
}
