/** What could not be taken: one closed list of codes, for every format, the engine and the sinks. No Effect type: both doors use this module. */

import type { ColumnType } from "./column-type.ts"

/** `row`: the record was left out. `cell`: its row was kept, the cell is NULL. `member`: a file of an archive was left out. */
export type RejectKind = "row" | "cell" | "member"

/**
 * Every code: what it is said of, and what it means. The list is closed, so that whoever reads rejects can count on it; `docs/spec/rejects.md`
 * tells what to do about each.
 */
export const rejectCodes = {
  "missing-columns": { kind: "row", means: "the record has fewer cells than the table has columns" },
  "too-many-columns": { kind: "row", means: "the record has more cells than the table has columns" },
  "json-syntax": { kind: "row", means: "the record is not JSON" },
  "invalid-feature": { kind: "row", means: "the feature is not what RFC 7946 asks for" },
  deleted: { kind: "row", means: "the record is marked as deleted" },
  "unreadable-row": { kind: "row", means: "the record cannot be read; the message says why" },
  "not-boolean": { kind: "cell", means: "the value is no boolean" },
  "not-bigint": { kind: "cell", means: "the value is no whole number of 64 bits" },
  "not-decimal": { kind: "cell", means: "the value is no number of the column's digits" },
  "not-double": { kind: "cell", means: "the value is no number" },
  "not-date": { kind: "cell", means: "the value is no date, or one that never was" },
  "not-time": { kind: "cell", means: "the value is no time of day" },
  "not-timestamp": { kind: "cell", means: "the value is no date and time" },
  "not-timestamptz": { kind: "cell", means: "the value is no instant: a date and time with an offset from UTC" },
  "not-json": { kind: "cell", means: "the value is not JSON" },
  "not-blob": { kind: "cell", means: "the value is not bytes" },
  "not-text": { kind: "cell", means: "the value is bytes where text is due" },
  "formula-error": { kind: "cell", means: "the formula failed: #N/A, #REF!" },
  "formula-not-computed": { kind: "cell", means: "the workbook holds the formula without its result" },
  "invalid-geometry": { kind: "cell", means: "the geometry cannot be taken; the message says why" },
  "unreadable-cell": { kind: "cell", means: "the cell cannot be read; the message says why" },
  "foreign-member": {
    kind: "member",
    means: "the file of the archive is no data: documentation, a checksum, metadata",
  },
  "unsafe-member": {
    kind: "member",
    means: "the file of the archive is a link, a device, or has a name that would be dangerous",
  },
  "unreadable-member": {
    kind: "member",
    means: "the file of the archive is damaged, encrypted, or of no known format",
  },
} as const satisfies Readonly<Record<string, { readonly kind: RejectKind; readonly means: string }>>

/** A code of {@link rejectCodes}. */
export type RejectCode = keyof typeof rejectCodes

/** A code of a file of an archive. */
export type MemberCode = "foreign-member" | "unsafe-member" | "unreadable-member"

/** The code of a value that is not of its column's type. */
export const misfitCode = (type: ColumnType): RejectCode => `not-${type.replace(/\(.*/, "")}` as RejectCode

/** What could not be taken, with its raw text. With a `column` the row was kept and the cell is NULL; without, the row was left out. */
export interface Reject {
  /** The number of the record, from 1. */
  readonly row: number
  /** The place of the column in its table, from 0; or its name, which for repeated names means the first. */
  readonly column?: number | string
  /** As the file has it: see {@link rawText}. */
  readonly raw: string
  readonly code: RejectCode
  readonly message?: string
  /** From 1. */
  readonly line?: number
  /** Where `raw` is in the file as received: offset from 0 and length, in bytes. */
  readonly byte?: number
  readonly byteLength?: number
}

/** Characters of raw text that are kept; its bytes are still in the file. */
export const RAW_CHARACTERS = 10_000

/** The raw text of a reject, cut with `…` when it is longer than {@link RAW_CHARACTERS}. */
export const rawText = (text: string): string =>
  text.length > RAW_CHARACTERS ? `${text.slice(0, RAW_CHARACTERS)}…` : text

/**
 * The columns of rejects wherever they are a table. The Parquet file beside the extraction record and the table of a sink put `table_name` and
 * `_member` in front, a sink the columns of its load behind.
 */
export const rejectColumns = {
  kind: "VARCHAR",
  _row: "BIGINT",
  column_name: "VARCHAR",
  code: "VARCHAR",
  raw: "VARCHAR",
  message: "VARCHAR",
  line: "BIGINT",
  byte: "BIGINT",
  byte_length: "BIGINT",
} as const
