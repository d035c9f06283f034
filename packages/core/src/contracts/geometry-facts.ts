/** How a format says that a column holds geometries. No Effect type: both doors of this package use this module. */
import type { JsonObject } from "./json.ts"

/** The key of a table's facts under which {@link GeometryFacts} stand. Whoever writes the table as Parquet makes GeoParquet of it. */
export const GEOMETRY = "geometry"

/** The key under which a file that is GeoParquet already has its own metadata (the JSON of its key `geo`): its geometries stay as they are, and so does it. */
export const GEOPARQUET = "geoparquet"

/**
 * A column of ISO well-known binary (a blob), in longitude and latitude of WGS 84, outer rings counterclockwise. `types` as GeoParquet 1.1 names
 * them (`Polygon`, `Point Z`); `bbox` are the least then the greatest coordinates, two or three each, in degrees and metres.
 */
export interface GeometryFacts {
  /** As the file's events name it. */
  readonly column: string
  readonly crs: "OGC:CRS84"
  readonly types: ReadonlyArray<string>
  readonly bbox?: ReadonlyArray<number>
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((item) => typeof item === "string")
const isNumbers = (value: unknown): value is ReadonlyArray<number> =>
  Array.isArray(value) && value.every((item) => typeof item === "number")

/** The geometry column of a table, by its facts; `undefined` when they name none. */
export const geometryFacts = (facts: JsonObject): GeometryFacts | undefined => {
  const geometry = facts[GEOMETRY]
  if (typeof geometry !== "object" || geometry === null || Array.isArray(geometry)) return undefined
  const { column, crs, types, bbox } = geometry as JsonObject
  if (typeof column !== "string" || crs !== "OGC:CRS84" || !isTexts(types)) return undefined
  return { column, crs, types, ...(isNumbers(bbox) ? { bbox } : {}) }
}
