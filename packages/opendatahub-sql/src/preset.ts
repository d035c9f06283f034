/** The official plugins: what a configuration that names none gets. */
import type { HubConfig } from "@opendatahub-sql/core/config"
import { csv } from "@opendatahub-sql/format-csv"
import { excel } from "@opendatahub-sql/format-excel"
import { geopackage, shapefile } from "@opendatahub-sql/format-geo"
import { geojson } from "@opendatahub-sql/format-geojson"
import { json } from "@opendatahub-sql/format-json"
import { parquet } from "@opendatahub-sql/format-parquet"
import { xml } from "@opendatahub-sql/format-xml"
import { gzip, zip } from "@opendatahub-sql/format-zip"
import { duckdb } from "@opendatahub-sql/sink-duckdb"
import { datagouv } from "@opendatahub-sql/source-datagouv"

/** The formats, containers, source and sink of a configuration that leaves them out. */
export const preset = (): Required<Pick<HubConfig, "sources" | "formats" | "sinks">> => ({
  sources: [datagouv()],
  formats: [csv(), json(), geojson(), shapefile(), geopackage(), xml(), parquet(), excel(), zip(), gzip()],
  sinks: [duckdb()],
})
