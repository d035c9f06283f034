/** What a portal offers. No Effect type: both doors of this package use this module. */
import type { JsonObject } from "./json.ts"

/** A dataset as its portal describes it. Dates are ISO text as received. */
export interface Dataset {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly organization?: string
  readonly license?: string
  readonly page?: string
  /** The longest time between two updates that the publisher declares, in milliseconds. */
  readonly updateEvery?: number
}

/** A checksum the portal declares: a hint, it may describe an older file. */
export interface Checksum {
  readonly type: string
  readonly value: string
}

/**
 * One file of the portal, or the one file that a rule selects (`newest: 1`). `id` is logical: it stays when the rule selects another file.
 * A bundle (a loose shapefile) is one resource whose other files are `siblings`.
 */
export interface Resource {
  readonly source: string
  readonly dataset: Dataset
  readonly id: string
  /** The portal's own id of the file behind `id` today. */
  readonly portalId: string
  readonly title: string
  readonly url: string
  readonly format?: string
  readonly mediaType?: string
  /** Bytes, as declared. */
  readonly size?: number
  readonly checksum?: Checksum
  readonly schema?: { readonly name?: string; readonly version?: string; readonly url?: string }
  readonly lastModified?: string
  /** The table that the configuration asks for (`into`). */
  readonly into?: string
  /** The table name that core proposes at plan time; pinned at the first load. */
  readonly table?: string
  readonly siblings: ReadonlyArray<Resource>
  /** The portal's metadata of dataset and resource, as received, secrets stripped. */
  readonly metadata: JsonObject
}

/** What became of something that was selected. */
export type GoneState = "deleted" | "archived" | "private-or-missing" | "unselected"

/** What to look at: dataset ids or slugs. Empty: all that the configuration names. */
export interface Selection {
  readonly datasets: ReadonlyArray<string>
}
