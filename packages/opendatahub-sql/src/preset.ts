/** The official plugins: what a configuration that names none gets. */
import type { HubConfig } from "@opendatahub-sql/core/config"
import { csv } from "@opendatahub-sql/format-csv"
import { excel } from "@opendatahub-sql/format-excel"
import { geopackage, shapefile } from "@opendatahub-sql/format-geo"
import { geojson } from "@opendatahub-sql/format-geojson"
import { gtfs } from "@opendatahub-sql/format-gtfs"
import { json } from "@opendatahub-sql/format-json"
import { parquet } from "@opendatahub-sql/format-parquet"
import { xml } from "@opendatahub-sql/format-xml"
import { bzip2, gzip, tar, zip, zstd } from "@opendatahub-sql/format-zip"
import { duckdb } from "@opendatahub-sql/sink-duckdb"
import { datagouv } from "@opendatahub-sql/source-datagouv"

/** The formats, containers, profile, source and sink of a configuration that leaves them out. */
export const preset = (): Required<Pick<HubConfig, "sources" | "formats" | "sinks">> => ({
  sources: [datagouv()],
  formats: [
    csv(),
    json(),
    geojson(),
    shapefile(),
    geopackage(),
    xml(),
    parquet(),
    excel(),
    zip(),
    tar(),
    gzip(),
    bzip2(),
    zstd(),
    gtfs(),
  ],
  sinks: [duckdb()],
})
