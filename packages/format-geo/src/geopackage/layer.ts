/** What a GeoPackage (OGC 12-128r18) says of its tables. */
import type { Column } from "@opendatahub-sql/core"
import { type Crs, crsOf, crsOfWkt, WGS_84 } from "@opendatahub-sql/geometry"
import type { DatabaseSync } from "node:sqlite"

/** A table of features, or of attributes alone. */
export interface Layer {
  readonly name: string
  readonly description: string
  /** Without the geometry. */
  readonly columns: ReadonlyArray<Column>
  readonly geometry: { readonly column: string; readonly crs: Crs } | undefined
}

/** A coordinate system that is named and not known. */
export class UnknownCrs extends Error {}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

const rows = (
  database: DatabaseSync,
  sql: string,
  ...values: ReadonlyArray<string>
): ReadonlyArray<Readonly<Record<string, unknown>>> => database.prepare(sql).all(...values)

/** A name in SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The types of table 1 of the standard; dates find theirs on the whole file, because writers take liberties with them. */
const columnOf = (name: string, declared: string): Column => {
  const type = declared.toUpperCase().replace(/\(.*/, "").trim()
  if (/^(?:TINY|SMALL|MEDIUM)?INT$|^INTEGER$/.test(type)) return { name, type: "bigint" }
  if (/^(?:FLOAT|DOUBLE|REAL)$/.test(type)) return { name, type: "double" }
  if (type === "BOOLEAN") return { name, type: "boolean" }
  if (type === "TEXT") return { name, type: "text" }
  return type === "BLOB" ? { name, type: "blob" } : { name }
}

/** -1 and 0 stand for a plane and a globe that nobody described: taken for degrees, and told when they are none. */
const crsOfSrs = (database: DatabaseSync, id: unknown): Crs => {
  const unknown = crsOf(WGS_84)
  const [srs] = rows(database, "select * from gpkg_spatial_ref_sys where srs_id = ?", String(id))
  const code = `${String(srs?.["organization"])}:${String(srs?.["organization_coordsys_id"])}`
  const crs = Number(id) <= 0 ? unknown : (crsOf(code) ?? crsOfWkt(text(srs?.["definition"])))
  if (crs === undefined) throw new UnknownCrs(`the coordinates are in ${code}, which is not in our table`)
  return crs
}

/** The tables that hold data, in the order of their names; `crs` overrules what the file says. */
export const layersOf = (database: DatabaseSync, crs: Crs | undefined): ReadonlyArray<Layer> => {
  const geometries = new Map(
    // The standard allows one a table: of more, the first is it, and the others stay bytes.
    rows(database, "select table_name, column_name, srs_id from gpkg_geometry_columns")
      .toReversed()
      .map((row) => [String(row["table_name"]), row]),
  )
  return rows(
    database,
    "select table_name, description from gpkg_contents where data_type in ('features', 'attributes') order by table_name",
  ).map((row): Layer => {
    const name = String(row["table_name"])
    const geometry = geometries.get(name)
    const column = geometry === undefined ? undefined : String(geometry["column_name"])
    const columns = rows(database, "select name, type from pragma_table_info(?)", name).map((each) =>
      columnOf(String(each["name"]), String(each["type"])),
    )
    return {
      name,
      description: text(row["description"]),
      columns: columns.filter((each) => each.name.toLowerCase() !== column?.toLowerCase()),
      geometry: column === undefined ? undefined : { column, crs: crs ?? crsOfSrs(database, geometry?.["srs_id"]) },
    }
  })
}
