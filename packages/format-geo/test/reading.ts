/** What the tests share: files of the corpus with what lies beside them, and everything that a reading gives. */
import { type Configured, type Format, type RawFile, rows, type TableEvent } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readdirSync, readFileSync } from "node:fs"

const CORPUS = new URL("../../../fixtures/corpus/", import.meta.url)
const PLU = "shapefile-plu-lambert93/"

export const corpus = (path: string): Buffer => readFileSync(new URL(path, CORPUS))
export const gpkg = (): Buffer => corpus("geopackage-pprt/pprt_69dreal20090005.gpkg")

/** The files of the land-use plan by extension. */
export const plu = (): Readonly<Record<string, Buffer>> =>
  Object.fromEntries(
    readdirSync(new URL(PLU, CORPUS))
      .filter((name) => name !== "ORIGIN.txt")
      .map((name) => [name.slice(-4), corpus(PLU + name)]),
  )

/** A `.shp` with the others as siblings. */
export const bundle = (parts: Readonly<Record<string, Uint8Array | string>>): RawFile => ({
  ...memoryFile("zones.shp", parts[".shp"] ?? ""),
  siblings: Object.entries(parts)
    .filter(([extension]) => extension !== ".shp")
    .map(([extension, bytes]) => memoryFile(`zones${extension}`, bytes)),
})

type Row = Readonly<Record<string, unknown>>
interface Read {
  readonly columns: Array<string>
  readonly types: Array<string | undefined>
  readonly rows: Array<Row>
  readonly rowNumbers: Array<number>
  readonly rejects: Array<Extract<TableEvent, { readonly _tag: "Rejects" }>["rejects"][number]>
  facts: Row
}

export const read = Effect.fnUntraced(function* (format: Configured<Format>, file: RawFile) {
  const events = yield* Stream.runCollect((yield* format.decode).read(file))
  const tables: Record<string, Read> = {}
  for (const event of events) {
    const table = (tables[event.table ?? "main"] ??= {
      columns: [],
      types: [],
      rows: [],
      rowNumbers: [],
      rejects: [],
      facts: {},
    })
    if (event._tag === "TableStarted") {
      table.columns.push(...event.columns.map(({ name }) => name))
      table.types.push(...event.columns.map(({ type }) => type))
    } else if (event._tag === "Batch") {
      table.rows.push(...rows(event, table.columns))
      table.rowNumbers.push(...event.rowNumbers)
    } else if (event._tag === "Rejects") table.rejects.push(...event.rejects)
    else if (event._tag === "Facts") table.facts = { ...table.facts, ...event.facts }
  }
  return tables
})

interface GoldenRow {
  readonly properties: Readonly<Record<string, string | null>>
  readonly type?: string
  readonly hasZ?: boolean
  readonly bbox?: ReadonlyArray<number>
  readonly bytes?: number
  readonly sums?: ReadonlyArray<number>
  readonly positions?: number
}
export interface Golden {
  readonly layers: ReadonlyArray<{
    readonly layer: string
    readonly epsg: number | null
    readonly rows: ReadonlyArray<GoldenRow>
  }>
}
export const golden = (name: string): Golden =>
  JSON.parse(readFileSync(new URL(`./fixtures/golden/${name}.json`, import.meta.url), "utf8")) as Golden

const TYPES = ["", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"]

/** Type, heights and sums of x and y of polygons in well-known binary. */
export const outline = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const code = view.getUint32(1, true)
  const step = code > 1_000 ? 24 : 16
  const sums: [number, number] = [0, 0]
  let at = 5
  const polygon = (): void => {
    at += 4
    for (let rings = view.getUint32(at - 4, true); rings > 0; rings--) {
      at += 4
      for (let count = view.getUint32(at - 4, true); count > 0; count--, at += step) {
        sums[0] += view.getFloat64(at, true)
        sums[1] += view.getFloat64(at + 8, true)
      }
    }
  }
  if (code % 1_000 === 3) polygon()
  else {
    at += 4
    for (let left = view.getUint32(at - 4, true); left > 0; left--) {
      at += 5
      polygon()
    }
  }
  return { type: TYPES[code % 1_000], hasZ: code > 1_000, bytes: bytes.length, sums }
}
