/** The options that both formats have. */
import { crsOf } from "@opendatahub-sql/geometry"
import * as Schema from "effect/Schema"

export const GeoOptions = Schema.Struct({
  /** The coordinate system, whatever the file says: `EPSG:2154`, or PROJ parameters (`+proj=…`) for one that is not known. */
  crs: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter(
        (name: string) =>
          crsOf(name) !== undefined || "not a coordinate system that is known: `EPSG:<code>`, or `+proj=…`",
      ),
    ),
  ),
  /** The encoding of texts, whatever the file says (shapefiles): a label of the WHATWG, or `cp850`, `cp437`. */
  encoding: Schema.optionalKey(Schema.NonEmptyString),
})
