/** The GeoPackage format: an SQLite database with layers. */
import {
  dataQuality,
  defineFormat,
  FormatError,
  misconfigured,
  type RawFile,
  type ReadError,
  type TableEvent,
} from "@opendatahub-sql/core"
import { type Crs, crsOf } from "@opendatahub-sql/geometry"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { GeoOptions } from "../options.ts"
import { layersOf, UnknownCrs } from "./layer.ts"
import { layerEvents } from "./layer-rows.ts"

const MAGIC = "SQLite format 3\0"
/** Application ids of versions 1.0, 1.1 and later, at byte 68. */
const APPLICATIONS = new Set(["GP10", "GP11", "GPKG"])

const textAt = (bytes: Uint8Array, from: number, length: number): string =>
  Buffer.from(bytes.subarray(from, from + length)).toString("latin1")

const fail = (file: RawFile, cause: unknown): FormatError => {
  const failure = { plugin: "geopackage", operation: "read" }
  if (cause instanceof UnknownCrs)
    return new FormatError({
      ...failure,
      reason: misconfigured,
      message: `${file.name}: ${cause.message}; name it with the option \`crs\`: "EPSG:…" or "+proj=…"`,
    })
  const words = cause instanceof Error ? cause.message : String(cause)
  return new FormatError({
    ...failure,
    reason: dataQuality,
    message: `${file.name}: SQLite says: ${words}; fetch it again, or ask its publisher for a sound file`,
    cause,
  })
}

/** The file is never written, so SQLite needs no lock and no journal beside it. */
const openDatabase = (file: RawFile): Effect.Effect<DatabaseSync, ReadError, Scope.Scope> =>
  Effect.flatMap(file.local, (path) =>
    Effect.acquireRelease(
      Effect.try({
        try: () => {
          const url = pathToFileURL(path)
          url.searchParams.set("immutable", "1")
          const database = new DatabaseSync(url, { readOnly: true })
          // A view of the file may call functions, but none that reach outside of it.
          database.exec("pragma trusted_schema = off; pragma cell_size_check = on")
          return database
        },
        catch: (cause) => fail(file, cause),
      }),
      (database) => Effect.sync(() => database.close()),
    ),
  )

function* allEvents(database: DatabaseSync, crs: Crs | undefined): Generator<TableEvent> {
  const layers = layersOf(database, crs)
  if (layers.length === 0) throw new Error("no layer of features or attributes in it")
  for (const layer of layers) yield* layerEvents(database, layer, layers.length === 1 ? "main" : layer.name)
}

const read = (file: RawFile, options: typeof GeoOptions.Type): Stream.Stream<TableEvent, ReadError> =>
  Stream.unwrap(
    Effect.map(openDatabase(file), (database) => {
      const events = allEvents(database, options.crs === undefined ? undefined : crsOf(options.crs))
      return Stream.paginate(undefined, () =>
        Effect.map(
          Effect.try({ try: () => events.next(), catch: (cause) => fail(file, cause) }),
          (next): readonly [ReadonlyArray<TableEvent>, Option.Option<undefined>] =>
            next.done === true ? [[], Option.none()] : [[next.value], Option.some(undefined)],
        ),
      )
    }),
  )

/**
 * GeoPackages: each layer of features or attributes is a table, the only one `main`. Columns have the types of the file; the geometry is as
 * format-geojson gives it.
 * @example
 * formats: [geopackage()]
 */
export const geopackage = defineFormat({
  id: "geopackage",
  apiVersion: 1,
  // 2: overseas systems before satellites; of two geometry columns the first.
  fingerprint: 2,
  config: Schema.toStandardSchemaV1(GeoOptions, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  detects: ({ head, name }) => {
    if (textAt(head, 0, MAGIC.length) !== MAGIC) return 0
    return APPLICATIONS.has(textAt(head, 68, 4)) ? 0.95 : /\.gpkg$/i.test(name) ? 0.9 : 0
  },
  read,
})
