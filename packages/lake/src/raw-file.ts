/** A stored file as core hands it to formats: streamed in chunks, seekable, checked against its record. */
import type { Extraction, RawFile, StoredFile } from "@opendatahub-sql/core"
import type { Storage } from "./storage/storage.ts"

const rawFile = (storage: Storage, stored: StoredFile, siblings: ReadonlyArray<StoredFile>): RawFile => ({
  name: stored.name,
  size: stored.bytes,
  identity: stored.sha256,
  ...(stored.mediaType === undefined ? {} : { mediaType: stored.mediaType }),
  bytes: (range = { start: 0 }) => storage.stream(stored, range),
  local: storage.local(stored),
  siblings: siblings.map((sibling) => rawFile(storage, sibling, [])),
})

/** The file of an extraction, with its bundle. */
export const openExtraction = (storage: Storage, extraction: Extraction): RawFile =>
  rawFile(storage, extraction.file, Object.values(extraction.siblings))
