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
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { GeoOptions } from "../options.ts"
import { type Attributes, noAttributes, openAttributes } from "./attributes.ts"
import { isDbf } from "./dbf.ts"
import { isShp, ShapefileProblem, ShpRecords } from "./shp.ts"
import { ShapefileTable } from "./table.ts"

const COMPANIONS = [".dbf", ".shx", ".prj", ".cpg", ".cst", ".qpj", ".sbn", ".sbx", ".qix", ".fix", ".qmd", ".shp.xml"]
const TEXT_BYTES = 65_536
const IS_DBF = /\.dbf$/i
const IS_SHP = /\.shp$/i

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

/** A table whose shapes are not there: its attributes, a batch at a time. */
const attributesAlone = Effect.fnUntraced(function* (file: RawFile, encoding: string | undefined) {
  const attributes = yield* openAttributes(file, encoding)
  const table = new ShapefileTable(attributes.fields, undefined)
  const batch = Effect.fnUntraced(function* () {
    const from = table.records
    while (table.records < attributes.records && !table.isFull) table.addNothing()
    const rows = table.flush(yield* attributes.read(from, table.records))
    return [rows, table.records < attributes.records ? Option.some(undefined) : Option.none()] as const
  })
  const facts: TableEvent = { _tag: "Facts", table: "main", facts: { encoding: attributes.encoding } }
  return Stream.make(table.start, facts).pipe(Stream.concat(Stream.paginate(undefined, batch)))
})

const read = Effect.fnUntraced(function* (
  file: RawFile,
  options: typeof GeoOptions.Type,
): Effect.fn.Return<Stream.Stream<TableEvent, ReadError>, ReadError, Scope.Scope> {
  if (IS_DBF.test(file.name))
    return yield* attributesAlone(file, options.encoding ?? (yield* textOf(part(file, ".cpg"))))
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
 * Shapefiles: the `.shp`, with the `.dbf`, `.prj` and `.cpg` beside it or in the same archive; or a `.dbf` alone. Attributes become columns; the geometry
 * is as format-geojson gives it.
 * @example
 * formats: [shapefile({ crs: "EPSG:2154", encoding: "cp850" })]
 */
export const shapefile = defineFormat({
  id: "shapefile",
  apiVersion: 1,
  // 2: overseas systems before satellites; a .dbf without shapes is a table.
  fingerprint: 2,
  config: Schema.toStandardSchemaV1(GeoOptions, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  companions: COMPANIONS,
  detects: ({ head, name, siblings }) => {
    if (isShp(head)) return 0.95
    const isAlone = !siblings.some((sibling) => IS_SHP.test(sibling))
    return IS_DBF.test(name) && isAlone && isDbf(head) ? 0.9 : 0
  },
  read: (file, options) => Stream.unwrap(read(file, options)),
})
