/** What makes two loads the same load. */
import { createHash } from "node:crypto"
import type { Extraction } from "../../contracts/lake.ts"
import type { Leaf, Reader } from "../read/resolve.ts"
import type { TableSettings } from "../settings.ts"

const sha256 = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex")

const readerKey = (reader: Reader): string =>
  JSON.stringify([reader.kind, reader.id, reader.fingerprint, reader.options])

/** Everything that decides what rows come out of the same bytes: the readers with their options, the engine that types, the names and types asked for. */
export const readingFingerprint = (
  leaves: ReadonlyArray<Leaf>,
  engine: number,
  base: string,
  settings: TableSettings,
): string =>
  sha256([
    engine,
    [...new Set(leaves.flatMap((leaf) => leaf.readers).map(readerKey))].toSorted(),
    base,
    Object.entries(settings.columns).toSorted(),
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
    Object.entries(extraction.siblings)
      .map(([id, file]) => [id, file.sha256])
      .toSorted(),
    reading,
    target,
  ])

/** Names a refusal: the load is tried again when a reader, the engine, the table, a setting or a person's word changes, without looking at the bytes. */
export const refusalKey = (
  extraction: Extraction,
  options: { readonly readers: ReadonlyArray<Reader>; readonly settings: (table: string) => TableSettings },
  engine: number,
  base: string,
  target: string,
  isAccepted: boolean,
): string =>
  loadKey(
    extraction,
    sha256([
      "refused",
      engine,
      options.readers.map(readerKey).toSorted(),
      base,
      extraction.resource.into ?? null,
      options.settings(base),
      ...(isAccepted ? ["accepted"] : []),
    ]),
    target,
  )
