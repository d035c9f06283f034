/**
 * What is known of the files of one kind of archive (GTFS, …) before they are read: data, not code. Containers unpack them and formats read
 * them as any others. No Effect type: both doors of this package use this module.
 */
import type { ColumnType } from "./column-type.ts"
import type { JsonObject } from "./json.ts"
import type { Confidence } from "./probe.ts"

/** What a profile knows of one member. */
export interface MemberProfile {
  /** The name of its table beside the archive's: members of one name go to one table, whatever columns each has. */
  readonly table: string
  /** What it is declared as, like a catalogue would: `csv`. */
  readonly format: string
  /** The types of its columns, by the name in the file: taken as they are, misfits become rejects. Columns not named here are typed by their values. */
  readonly columns: Readonly<Record<string, ColumnType>>
}

/** A configured profile. */
export interface Profile {
  readonly kind: "profile"
  readonly id: string
  /** Raised by the author when names or types change: it is part of every load key. */
  readonly fingerprint: number
  readonly options: JsonObject
  /** How sure the profile is that an archive with members of these names (paths in the archive) is of its kind: 0 no, 1 certain. */
  readonly detects: (members: ReadonlyArray<string>) => Confidence
  /** What it knows of a member; `undefined`: read as if there were no profile. */
  readonly describes: (member: string) => MemberProfile | undefined
}
