/** What an extraction is called: its resource, its slice, its table. Pure. */
import type { TableName } from "../../contracts/event.ts"
import type { Extraction, ResourceKey } from "../../contracts/lake.ts"
import type { Slice } from "../../contracts/sink.ts"
import { tableName, withoutExtension } from "../../naming.ts"

/** The address of a resource. */
export const keyOf = (extraction: Extraction): ResourceKey => ({
  source: extraction.resource.source,
  dataset: extraction.resource.dataset.id,
  resource: extraction.resource.id,
})

/** The slice that an extraction fills. */
export const sliceOf = (extraction: Extraction): Slice => ({
  ...keyOf(extraction),
  extractedAt: extraction.extractedAt,
})

/** The table name of a resource: what the configuration says, what it was called before, what was proposed when it was planned. */
export const baseName = (extraction: Extraction, pinned: ReadonlyArray<TableName>): string =>
  (extraction.resource.into === undefined ? undefined : tableName(extraction.resource.into)) ??
  pinned.find((name) => name.resource === extraction.resource.id && name.member === "" && name.local === "")?.table ??
  extraction.resource.table ??
  tableName(extraction.resource.dataset.slug, withoutExtension(extraction.resource.title))
