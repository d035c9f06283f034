/** The little that a plugin looks at to say whether a file is its own. No Effect type: both doors of this package use this module. */

/** Bytes `start` (included) to `end` (excluded). */
export interface ByteRange {
  readonly start: number
  readonly end?: number
  /** The reader is done with a chunk when it asks for the next, whose bytes may then come in the same memory: a large file read so costs half. */
  readonly transient?: boolean
}

/** What `detects` sees: never the whole file. `members` is filled in a second round, by the container that won the first. */
export interface Probe {
  readonly name: string
  readonly mediaType: string | undefined
  /** What the catalogue declares, in lower case: `csv`, `json`, `zip`… a hint, often wrong. */
  readonly declared: string | undefined
  readonly size: number | undefined
  /** The first 64 KiB at most. */
  readonly head: Uint8Array
  /** The last 4 KiB at most; empty when it is not known without reading everything. */
  readonly tail: Uint8Array
  readonly members: ReadonlyArray<string> | undefined
  readonly siblings: ReadonlyArray<string>
}

/** How sure a plugin is that a file is its own: 0 no, 0.1 if nobody else wants it, 0.5 by name, 0.9 by bytes, 1 certain. */
export type Confidence = number
