/** The key `geo` of a Parquet file: with it any reader of GeoParquet 1.1 finds the geometry, its types and its box. Longitude and latitude are its default. */
import { geometryFacts, GEOPARQUET, type Json, type JsonObject, type TypedColumn } from "@opendatahub-sql/core"
import { literal } from "../database/sql.ts"

/** A part of a table, as far as its geometry goes. */
export interface GeoPart {
  readonly facts: JsonObject
  readonly columns: ReadonlyArray<Pick<TypedColumn, "name" | "original" | "type">>
}

interface Geometry {
  readonly column: string
  readonly types: ReadonlyArray<string>
  readonly bbox: ReadonlyArray<number> | undefined
}

const geometryOf = ({ facts, columns }: GeoPart): Geometry | undefined => {
  const geometry = geometryFacts(facts)
  const column = columns.find(({ original, type }) => original === geometry?.column && type === "blob")
  return geometry === undefined || column === undefined
    ? undefined
    : { column: column.name, types: geometry.types, bbox: geometry.bbox }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What a file that was GeoParquet says of its geometries, for the columns that are still bytes; of a covering box, which is a structure, no word. */
const statedBy = ({ facts, columns }: GeoPart): string | undefined => {
  const geo = facts[GEOPARQUET]
  if (!isObject(geo) || !isObject(geo["columns"])) return undefined
  const named = Object.entries(geo["columns"]).flatMap(([original, stated]) => {
    const column = columns.find((one) => one.original === original && one.type === "blob")
    if (column === undefined || !isObject(stated)) return []
    const { covering: _covering, ...rest } = stated
    return [{ original, name: column.name, stated: rest }]
  })
  const primary = named.find(({ original }) => original === geo["primary_column"])
  return primary === undefined
    ? undefined
    : JSON.stringify({
        ...geo,
        primary_column: primary.name,
        columns: Object.fromEntries(named.map(({ name, stated }) => [name, stated])),
      })
}

/** The box around boxes of two or three axes; without heights when one has none. */
const around = (boxes: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> | undefined => {
  const axes = Math.min(...boxes.map((box) => box.length / 2))
  if (!Number.isInteger(axes)) return undefined
  const each = Array.from({ length: axes }, (_, axis) => axis)
  return [
    ...each.map((axis) => Math.min(...boxes.map((box) => box[axis] ?? Infinity))),
    ...each.map((axis) => Math.max(...boxes.map((box) => box[box.length / 2 + axis] ?? -Infinity))),
  ]
}

/** The value of `geo` for a file of these parts; `undefined` when it has no geometry column, or not the same one in each. */
export const geoMetadata = (parts: ReadonlyArray<GeoPart>): string | undefined => {
  const [stated, ...others] = new Set(parts.map(statedBy))
  if (stated !== undefined) return others.length === 0 ? stated : undefined
  const found = parts.map(geometryOf)
  const [first] = found
  const geometries = found.filter((geometry): geometry is Geometry => geometry !== undefined)
  if (
    first === undefined ||
    geometries.length < parts.length ||
    geometries.some(({ column }) => column !== first.column)
  )
    return undefined
  const boxes = geometries.flatMap(({ bbox }) => (bbox === undefined ? [] : [bbox]))
  const bbox = boxes.length === 0 ? undefined : around(boxes)
  const column = {
    encoding: "WKB",
    geometry_types: [...new Set(geometries.flatMap(({ types }) => types))].toSorted(),
    orientation: "counterclockwise",
    ...(bbox === undefined ? {} : { bbox }),
  }
  return JSON.stringify({ version: "1.1.0", primary_column: first.column, columns: { [first.column]: column } })
}

/** The option of COPY that writes it; empty when there is nothing to write. */
export const geoOption = (parts: ReadonlyArray<GeoPart>): ReadonlyArray<string> => {
  const geo = geoMetadata(parts)
  return geo === undefined ? [] : [`kv_metadata {geo: ${literal(geo)}}`]
}
