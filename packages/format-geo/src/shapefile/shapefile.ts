/** The shapefile format: its parts, then its records. */
import {
  dataQuality,
  defineFormat,
  FormatError,
  misconfigured,
  type RawFile,
  type ReadError,
  type TableEvent,
} from "@opendatahub-sql/core"
import { type Crs, crsOf, crsOfWkt, WGS_84 } from "@opendatahub-sql/geometry"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { GeoOptions } from "../options.ts"
import { type Attributes, noAttributes, openAttributes } from "./attributes.ts"
import { isShp, ShapefileProblem, ShpRecords } from "./shp.ts"
import { ShapefileTable } from "./table.ts"

const COMPANIONS = [".dbf", ".shx", ".prj", ".cpg", ".cst", ".qpj", ".sbn", ".sbx", ".qix", ".fix", ".qmd", ".shp.xml"]
const TEXT_BYTES = 65_536

const failure = (file: RawFile, message: string, reason: FormatError["reason"] = dataQuality): FormatError =>
  new FormatError({ plugin: "shapefile", operation: "read", reason, message: `${file.name}: ${message}` })

const problemOf = (file: RawFile, cause: unknown): FormatError => {
  if (!(cause instanceof ShapefileProblem))
    return new FormatError({
      plugin: "shapefile",
      operation: "read",
      reason: dataQuality,
      message: `${file.name}: cannot be read as a shapefile`,
      cause,
    })
  const advice = cause.incomplete
    ? "the file was cut short: fetch it again, or ask its publisher"
    : "ask its publisher for a sound file"
  return new FormatError({
    plugin: "shapefile",
    operation: "read",
    reason: dataQuality,
    message: `${file.name}: ${cause.message} (byte ${cause.at}); ${advice}`,
    position: { byte: cause.at },
  })
}

const part = (file: RawFile, extension: string): RawFile | undefined =>
  file.siblings.find(({ name }) => name.toLowerCase().endsWith(extension))

const textOf = (file: RawFile | undefined): Effect.Effect<string | undefined, ReadError> =>
  file === undefined
    ? Effect.succeed(undefined)
    : Effect.map(Stream.runCollect(file.bytes({ start: 0, end: TEXT_BYTES })), (chunks) =>
        Buffer.concat(chunks)
          .toString("utf8")
          .replace(/^\ufeff/, "")
          .trim(),
      )

/** Without a `.prj` coordinates are taken for degrees: those that are none become rejects that say what to do. */
const crsFor = (file: RawFile, prj: string | undefined, asked: string | undefined): Effect.Effect<Crs, FormatError> => {
  const crs = asked !== undefined ? crsOf(asked) : prj === undefined || prj === "" ? crsOf(WGS_84) : crsOfWkt(prj)
  return crs === undefined
    ? Effect.fail(
        failure(
          file,
          `its coordinate system, ${JSON.stringify(prj?.slice(0, 80) ?? asked)}…, is not known; name it with the option \`crs\`: "EPSG:…" or "+proj=…"`,
          misconfigured,
        ),
      )
    : Effect.succeed(crs)
}

const events = (file: RawFile, attributes: Attributes, table: ShapefileTable): Stream.Stream<TableEvent, ReadError> => {
  const records = new ShpRecords((content) => table.add(content))
  const hasAttributes = attributes.fields.length > 0
  const flush = Effect.fnUntraced(function* () {
    const from = table.records - table.size
    if (hasAttributes && table.records > attributes.records) {
      return yield* failure(
        file,
        `it has more shapes than its .dbf has records (${attributes.records}); fetch both again, or ask their publisher`,
      )
    }
    return table.flush(hasAttributes ? yield* attributes.read(from, table.records) : [])
  })
  const push = Effect.fnUntraced(function* (chunk: Uint8Array) {
    yield* Effect.try({ try: () => records.push(chunk), catch: (cause) => problemOf(file, cause) })
    return table.isFull ? yield* flush() : []
  })
  // Attributes without a shape come last, a batch at a time.
  const more = Effect.fnUntraced(function* () {
    while (table.records < attributes.records && !table.isFull) table.addNothing()
    return yield* flush()
  })
  const end = Effect.fnUntraced(function* () {
    yield* Effect.try({ try: () => records.end(), catch: (cause) => problemOf(file, cause) })
    const rows: Array<TableEvent> = [...(yield* flush())]
    while (table.records < attributes.records) rows.push(...(yield* more()))
    return [...rows, table.facts]
  })
  const flatten = (arrays: Stream.Stream<ReadonlyArray<TableEvent>, ReadError>) =>
    Stream.flattenArray(
      Stream.filter(arrays, (array): array is readonly [TableEvent, ...Array<TableEvent>] => array.length > 0),
    )
  return Stream.concat(
    Stream.succeed(table.start),
    flatten(Stream.concat(Stream.mapEffect(file.bytes(), push), Stream.fromEffect(Effect.suspend(end)))),
  )
}

const read = Effect.fnUntraced(function* (file: RawFile, options: typeof GeoOptions.Type) {
  const dbf = part(file, ".dbf")
  const crs = yield* crsFor(file, yield* textOf(part(file, ".prj")), options.crs)
  const cpg = options.encoding ?? (yield* textOf(part(file, ".cpg")) ?? (yield* textOf(part(file, ".cst"))))
  const attributes = dbf === undefined ? noAttributes : yield* openAttributes(dbf, cpg)
  const facts: TableEvent = {
    _tag: "Facts",
    table: "main",
    facts: dbf === undefined ? { attributes: "there is no .dbf beside the .shp" } : { encoding: attributes.encoding },
  }
  return Stream.concat(events(file, attributes, new ShapefileTable(attributes.fields, crs)), Stream.succeed(facts))
})

/**
 * Shapefiles: the `.shp`, with the `.dbf`, `.prj` and `.cpg` beside it or in the same archive. Attributes become columns; the geometry is as
 * format-geojson gives it.
 * @example
 * formats: [shapefile({ crs: "EPSG:2154", encoding: "cp850" })]
 */
export const shapefile = defineFormat({
  id: "shapefile",
  apiVersion: 1,
  fingerprint: 1,
  config: Schema.toStandardSchemaV1(GeoOptions, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  companions: COMPANIONS,
  detects: ({ head }) => (isShp(head) ? 0.95 : 0),
  read: (file, options) => Stream.unwrap(read(file, options)),
})
