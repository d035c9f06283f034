export { defineConfig, type HubConfig, type NetworkConfig, type TableConfig } from "@opendatahub-sql/core/config"
export type { HeldBack } from "@opendatahub-sql/lake"
export type { Difference, SchemaEvent, TableExtraction } from "@opendatahub-sql/history"
export { csv } from "@opendatahub-sql/format-csv"
export { excel } from "@opendatahub-sql/format-excel"
export { geopackage, shapefile } from "@opendatahub-sql/format-geo"
export { geojson } from "@opendatahub-sql/format-geojson"
export { gtfs } from "@opendatahub-sql/format-gtfs"
export { json } from "@opendatahub-sql/format-json"
export { parquet } from "@opendatahub-sql/format-parquet"
export { xml } from "@opendatahub-sql/format-xml"
export { bzip2, gzip, tar, zip, zstd } from "@opendatahub-sql/format-zip"
export { duckdb, type DuckdbOptions } from "@opendatahub-sql/sink-duckdb"
export { iceberg, type IcebergOptions } from "@opendatahub-sql/sink-iceberg"
export { datagouv, type DatagouvOptions } from "@opendatahub-sql/source-datagouv"
export {
  hubLayer,
  inHub,
  openSinks,
  plan,
  replay,
  type ReplayRange,
  run,
  runOptions,
  sync,
  type SyncReport,
} from "./hub.ts"
export {
  type CallOptions,
  type HubHandle,
  type HubReport,
  type KeyOptions,
  openHub,
  type OpenHubConfig,
  type QueryOptions,
} from "./open-hub.ts"
export { preset } from "./preset.ts"
