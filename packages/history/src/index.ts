export { canonicalText } from "./identity/canonical-text.ts"
export { type IdentifiedCell, rowIdentity } from "./identity/row-identity.ts"
export { asOf, asPublished, changesBetween, currentState, type DatedTable, rowVersions } from "./read/as-of.ts"
export { type Difference, difference, differenceRows } from "./read/difference.ts"
export { type TableExtraction, tableExtractions } from "./read/extractions.ts"
export { findKey } from "./read/find-key.ts"
export { readTable, readTables } from "./read/tables.ts"
export { historyViews, tableMacros, warehouseMacros } from "./read/views.ts"
export { findRenames, type Rename, type RenameQuestion, renamesAgainst } from "./schema/find-renames.ts"
export { type KnownColumn, planColumns, type RenamedColumn, unmatched } from "./schema/plan-columns.ts"
export { eventText, type HeaderColumn, type SchemaEvent, schemaEvents } from "./schema/schema-events.ts"
export {
  compareExtraction,
  type ExtractedPart,
  extractedRows,
  forgetComparison,
  forgetParents,
  identifyParents,
} from "./store/compare.ts"
export { dropExtraction } from "./store/drop.ts"
export {
  addedTable,
  createHistory,
  dropHistory,
  ensureHistory,
  type HistoryColumn,
  type HistoryTable,
  provenance,
  removedTable,
  rowId,
  storedType,
} from "./store/layout.ts"
export { type ExtractedTable, type Placement, placeExtraction } from "./store/place.ts"
export { type PurgedRows, type PurgedTable, purgeRows, type PurgeKey } from "./store/purge.ts"
export { type Retention, thinned, thinTimeline } from "./store/retention.ts"
export { findTimeline, tablesAt, type Timeline, timelineOf } from "./store/timeline.ts"
