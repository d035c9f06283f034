/** What makes two loads the same load. */
import { createHash } from "node:crypto"
import type { Extraction } from "../contracts/lake.ts"
import type { Reader } from "./resolve.ts"
import type { TableSettings } from "./settings.ts"

const sha256 = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex")

/** Everything that decides what rows come out of the same bytes: the readers with their options, the names and types asked for. */
export const readingFingerprint = (
  readers: ReadonlyArray<Reader>,
  base: string,
  settings: TableSettings,
): string =>
  sha256([
    readers.map((reader) => [reader.kind, reader.id, reader.fingerprint, reader.options]).sort(),
    base,
    Object.entries(settings.columns).sort(),
    settings.tolerance,
    settings.onSchemaChange,
  ])

/** The key of one load: resource and extraction, the bytes, how they are read, and where they go. */
export const loadKey = (extraction: Extraction, reading: string, target: string): string =>
  sha256([
    extraction.resource.source,
    extraction.resource.dataset.id,
    extraction.resource.id,
    extraction.extractedAt,
    extraction.file.sha256,
    Object.entries(extraction.siblings).map(([id, file]) => [id, file.sha256]).sort(),
    reading,
    target,
  ])
