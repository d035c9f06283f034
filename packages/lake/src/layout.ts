/**
 * Where things are in a lake. Every name that comes from outside (dataset, resource, extension, run) passes through {@link segment}, so no
 * path leaves the lake; the full names are inside the records.
 */
import type { Extraction, ResourceKey } from "@opendatahub-sql/core"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { STATE_VERSION } from "./state/tables.ts"

/** The number in `lake.json`. It rises when an older version could misread the folder. */
export const LAKE_FORMAT = 1

const LONGEST_SEGMENT = 120

const hashOf = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex").slice(0, 16)

const encodeCharacter = (character: string, index: number, all: ReadonlyArray<string>): string =>
  /[A-Za-z0-9_-]/.test(character) || (character === "." && index > 0 && index < all.length - 1)
    ? character
    : Buffer.from(character, "utf8").toString("hex").toUpperCase().replaceAll(/../g, "%$&")

/**
 * A name as one safe path segment: ASCII letters, digits, `-`, `_` and inner dots stay, all else becomes `%XX`, byte by byte of its UTF-8.
 * Longer than 120 characters, it is cut and ends with `~` and 16 hex digits of its SHA-256.
 */
export const segment = (name: string): string => {
  const characters = Array.from(name).map(encodeCharacter)
  const encoded = characters.join("")
  if (encoded.length <= LONGEST_SEGMENT) return encoded
  let start = ""
  for (const character of characters) {
    if (start.length + character.length > 100) break
    start += character
  }
  return `${start}~${hashOf(name)}`
}

/** `2026-11-25T13:05:01.123Z` → `20261125T130501123Z`, which sorts by time and fits any file system. */
export const compactTime = (instant: string): string => instant.replaceAll(/[-:.]/g, "")

/** The UTC date of an instant. */
export const dateOf = (instant: string): string => instant.slice(0, 10)

/** The date that a path of a record or of raw bytes holds. */
export const dateInPath = (path: string | undefined): string | undefined =>
  /\/extraction_date=(\d{4}-\d{2}-\d{2})\//.exec(path ?? "")?.[1]

/** Whose, and from when (ISO instant, UTC). */
export interface ExtractionKey extends ResourceKey {
  readonly extractedAt: string
}

/** The key of a resource, as text. */
export const keyOf = (extraction: Extraction): ExtractionKey => ({
  source: extraction.resource.source,
  dataset: extraction.resource.dataset.id,
  resource: extraction.resource.id,
  extractedAt: extraction.extractedAt,
})

/** The folder of all extraction records of a dataset; below it one folder a date, then one a resource. */
export const datasetFolder = (source: string, dataset: string): string =>
  `extractions/source=${segment(source)}/dataset=${segment(dataset)}`

const folderOf = (root: "raw" | "extractions", key: ExtractionKey): string =>
  `${root}/source=${segment(key.source)}/dataset=${segment(key.dataset)}/extraction_date=${dateOf(key.extractedAt)}/resource=${segment(key.resource)}`

/** The path of an extraction record in the lake. */
export const recordPath = (key: ExtractionKey): string =>
  `${folderOf("extractions", key)}/${compactTime(key.extractedAt)}.json`

/** The path of the rejects of one reading of an extraction, beside its record. */
export const rejectsPath = (key: ExtractionKey, readingKey: string): string =>
  `${folderOf("extractions", key)}/${compactTime(key.extractedAt)}.${segment(readingKey.slice(0, 16))}.rejects.parquet`

/** The path of the lease of a resource, where leases are files. */
export const leasePath = ({ source, dataset, resource }: ResourceKey): string =>
  `leases/source=${segment(source)}/dataset=${segment(dataset)}/resource=${segment(resource)}.json`

/** The path of the copy of the state, where it is not beside the files. */
export const statePath = `state/v${STATE_VERSION}.sqlite`

/** The path of the bytes of an extraction. */
export const rawPath = (key: ExtractionKey, sha256: string, extension: string): string =>
  `${folderOf("raw", key)}/${compactTime(key.extractedAt)}-${segment(sha256.slice(0, 16))}.${extension}`

/** The path of a run's event file; `startedAt` is an ISO instant. */
export const eventsPath = (startedAt: string, run: string): string =>
  `events/date=${dateOf(startedAt)}/${segment(run)}.ndjson`

const COMPRESSED = new Set(["gz", "bz2", "xz", "zst", "z"])
const EXTENSION = /^[a-z0-9]{1,10}$/

/** The extension that a stored file gets: of its name (`csv`, `csv.gz`), else of its declared format, else `bin`. */
export const extensionOf = (name: string, format: string | undefined): string => {
  const parts = (name.split(/[/\\]/).at(-1) ?? "").toLowerCase().split(".")
  const last = parts.length > 1 ? (parts.at(-1) ?? "") : ""
  const before = parts.length > 2 ? (parts.at(-2) ?? "") : ""
  if (COMPRESSED.has(last) && EXTENSION.test(before)) return `${before}.${last}`
  if (EXTENSION.test(last)) return last
  const declared = (format ?? "").toLowerCase()
  return EXTENSION.test(declared) ? declared : "bin"
}

/** A path in the lake as a path of this machine. */
export const absolute = (folder: string, path: string): string => join(folder, ...path.split("/"))
