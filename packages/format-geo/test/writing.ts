/** Small files made for a test, by the letter of the specifications. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

/** A `.shp` of records, each given by its content. */
export const shpOf = (type: number, contents: ReadonlyArray<Buffer>): Buffer => {
  const head = Buffer.alloc(100)
  head.writeInt32BE(9_994, 0)
  head.writeInt32BE((100 + contents.reduce((sum, { length }) => sum + length + 8, 0)) / 2, 24)
  head.writeInt32LE(1_000, 28)
  head.writeInt32LE(type, 32)
  const records = contents.flatMap((content, index) => {
    const start = Buffer.alloc(8)
    start.writeInt32BE(index + 1, 0)
    start.writeInt32BE(content.length / 2, 4)
    return [start, content]
  })
  return Buffer.concat([head, ...records])
}

const doubles = (numbers: ReadonlyArray<number>): Buffer => Buffer.from(Float64Array.from(numbers).buffer)
const whole = (numbers: ReadonlyArray<number>): Buffer => Buffer.from(Int32Array.from(numbers).buffer)

export const pointsShp = (points: ReadonlyArray<ReadonlyArray<number>>): Buffer =>
  shpOf(
    1,
    points.map((point) => Buffer.concat([whole([1]), doubles(point)])),
  )

/** The content of a polygon or of lines: rings or lines of positions. */
export const parts = (type: 3 | 5, rings: ReadonlyArray<ReadonlyArray<readonly [number, number]>>): Buffer => {
  let at = 0
  const starts = rings.map((ring) => (at += ring.length) - ring.length)
  return Buffer.concat([
    whole([type]),
    doubles([0, 0, 0, 0]),
    whole([rings.length, at]),
    whole(starts),
    doubles(rings.flat(2)),
  ])
}

/** A DBF table: fields as `NAME,C,10,0`, rows of texts already as wide as their fields. */
export const dbfOf = (
  fields: ReadonlyArray<string>,
  rows: ReadonlyArray<string>,
  options: { readonly driver?: number; readonly encoding?: BufferEncoding } = {},
): Buffer => {
  const descriptors = fields.map((field) => {
    const [name = "", type = "C", length = "1", decimals = "0"] = field.split(",")
    const bytes = Buffer.alloc(32)
    bytes.write(name, 0, "latin1")
    bytes.write(type, 11, "latin1")
    bytes.writeUInt8(Number(length), 16)
    bytes.writeUInt8(Number(decimals), 17)
    return bytes
  })
  const head = Buffer.alloc(32)
  head.writeUInt8(3, 0)
  head.writeUInt32LE(rows.length, 4)
  head.writeUInt16LE(33 + 32 * fields.length, 8)
  const records = rows.map((row) => Buffer.from(row, options.encoding ?? "latin1"))
  head.writeUInt16LE(records[0]?.length ?? 1, 10)
  head.writeUInt8(options.driver ?? 0, 29)
  return Buffer.concat([head, ...descriptors, Buffer.of(0x0d), ...records, Buffer.of(0x1a)])
}

/** A GeoPackage with one table `t`, without geometries unless `geometry` names the column of one. */
export const geopackageOf = (
  insert: string,
  columns: ReadonlyArray<string>,
  geometry?: { readonly column: string; readonly srs: number },
): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), "odh-gpkg-"))
  try {
    const path = join(folder, "a.gpkg")
    const database = new DatabaseSync(path)
    database.exec(`pragma application_id = 0x47504B47;
      create table gpkg_spatial_ref_sys (srs_name text, srs_id integer primary key, organization text, organization_coordsys_id integer, definition text, description text);
      create table gpkg_contents (table_name text primary key, data_type text, identifier text, description text, srs_id integer);
      create table gpkg_geometry_columns (table_name text, column_name text, geometry_type_name text, srs_id integer, z integer, m integer);
      insert into gpkg_spatial_ref_sys values ('Lambert-93', 2154, 'EPSG', 2154, 'undefined', ''), ('private', 100001, 'NONE', 7, 'LOCAL_CS["x"]', '');
      insert into gpkg_contents values ('t', '${geometry === undefined ? "attributes" : "features"}', 't', 'a table', ${geometry?.srs ?? 0});
      create table t (${columns.join(", ")});`)
    if (geometry !== undefined)
      database
        .prepare("insert into gpkg_geometry_columns values ('t', ?, 'GEOMETRY', ?, 0, 0)")
        .run(geometry.column, geometry.srs)
    database.exec(insert)
    database.close()
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
