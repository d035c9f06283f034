/** The GeoJSON format: options, then how the file is laid out, then its features. */
import {
  dataQuality,
  defineFormat,
  FormatError,
  misconfigured,
  type RawFile,
  type ReadError,
  type Reason,
} from "@opendatahub-sql/core"
import {
  encodingOf,
  type Encoding,
  jsonError,
  looksLikeLines,
  readText,
  textOf,
  toUtf8,
} from "@opendatahub-sql/core/json"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { crsAtEnd, crsOfName } from "./crs-member.ts"
import { detects } from "./detect.ts"
import { Reader, type Reading, TopoJson, UnknownCrs } from "./reader.ts"

/** Enough to tell one feature a line from one object. */
const HEAD_BYTES = 1_048_576
/** Where a `crs` after the features is looked for. */
const TAIL_BYTES = 65_536

const Options = Schema.Struct({
  /** Whether each feature is checked against RFC 7946 (true). Otherwise only what cannot be a row and a geometry is rejected. */
  validate: Schema.optionalKey(Schema.Boolean),
  /** The coordinate system, whatever the file says: `EPSG:2154`, or PROJ parameters (`+proj=…`) for one that is not known. */
  crs: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter(
        (name: string) => isKnown(name) || "not a coordinate system that is known: `EPSG:<code>`, or `+proj=…`",
      ),
    ),
  ),
})

const isKnown = (name: string): boolean => crsOfName(name).crs !== undefined

const fail = (file: RawFile, encoding: Encoding, cause: unknown): FormatError => {
  const failure = (reason: Reason, message: string): FormatError =>
    new FormatError({ plugin: "geojson", operation: "read", reason, message: `${file.name}: ${message}` })
  if (cause instanceof UnknownCrs)
    return failure(misconfigured, `${cause.message}; give its parameters with the option \`crs\`: "+proj=…"`)
  return cause instanceof TopoJson ? failure(dataQuality, cause.message) : jsonError("geojson", file, encoding, cause)
}

const bytesOf = (parts: Stream.Stream<Uint8Array, ReadError>): Effect.Effect<Uint8Array, ReadError> =>
  Effect.map(Stream.runCollect(parts), (chunks) => Buffer.concat(chunks))

/** The end of a file; one whose size is not known is read through for it. */
const tailOf = (file: RawFile): Effect.Effect<Uint8Array, ReadError> =>
  file.size === undefined
    ? Stream.runFold(
        file.bytes(),
        () => Buffer.alloc(0),
        (tail, chunk: Uint8Array) => Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES),
      )
    : bytesOf(file.bytes({ start: Math.max(0, file.size - TAIL_BYTES) }))

const readingOf = Effect.fnUntraced(function* (file: RawFile, options: typeof Options.Type) {
  const bytes = yield* bytesOf(file.bytes({ start: 0, end: HEAD_BYTES }))
  const encoding = encodingOf(bytes)
  const lines = looksLikeLines(toUtf8(encoding)(bytes), bytes.length < HEAD_BYTES)
  const crs = options.crs === undefined ? undefined : crsOfName(options.crs)
  const atEnd =
    lines || crs !== undefined || encoding.name !== "utf-8" ? undefined : crsAtEnd(textOf(yield* tailOf(file)))
  return { encoding, reading: { lines, validate: options.validate ?? true, crs, crsAtEnd: atEnd } satisfies Reading }
})

/**
 * GeoJSON: FeatureCollections of any size, one feature a line, single features and geometries. Properties become columns as in JSON; the geometry
 * becomes `geometry`, well-known binary in longitude and latitude of WGS 84, with its box in `xmin`, `ymin`, `xmax`, `ymax` (degrees).
 * @example
 * formats: [geojson({ crs: "EPSG:2154" })]
 */
export const geojson = defineFormat({
  id: "geojson",
  apiVersion: 1,
  // 2: overseas systems before satellites, and NTF in degrees.
  fingerprint: 2,
  config: Schema.toStandardSchemaV1(Options, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  detects,
  read: (file, options) =>
    Stream.unwrap(
      Effect.map(readingOf(file, options), ({ encoding, reading }) =>
        readText(
          file,
          encoding,
          () => new Reader(reading, encoding),
          (cause) => fail(file, encoding, cause),
        ),
      ),
    ),
})
