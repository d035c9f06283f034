import { it } from "@effect/vitest"
import { formatLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { GEOMETRY_COLUMNS } from "@opendatahub-sql/geometry"
import { geojson } from "../src/index.ts"
import { collection, corpus, feature, point } from "./reading.ts"

const districts = corpus("geojson-lambert93/districts.geojson")
const wrong: unknown = { validate: "no", crs: "EPSG:12" }

registerLaws(
  it,
  formatLaws({
    format: geojson(),
    samples: [
      { name: "districts.geojson", bytes: districts },
      { name: "departements.geojson", bytes: corpus("geojson-departements/departements-version-simplifiee.geojson") },
      {
        name: "lines.geojsonl",
        bytes: `${JSON.stringify(feature(point(2.5, 48), { nom: "é", l: [1, 2] }))}\n${JSON.stringify(feature(null, { nom: null }))}\n`,
        rows: { main__l: [{ value: "1" }, { value: "2" }] },
      },
      {
        name: "crs-at-the-end.geojson",
        bytes: `{"features":[${JSON.stringify(feature(point(700_000, 6_600_000)))}],"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:2154"}}}`,
      },
    ],
    large: (rows) =>
      collection(Array.from({ length: rows }, (_, n) => feature(point(n / 1e6, 48), { id: n, nom: `commune ${n}` }))),
    named: (names) =>
      `{"type":"Feature","geometry":null,"properties":{${names.map((name) => `${JSON.stringify(name)}:"x"`).join(",")}}}`,
    ownColumns: GEOMETRY_COLUMNS.map(({ name }) => name),
    misconfigured: geojson(wrong as { readonly validate: boolean }),
    damaged: [
      { name: "cut.geojson", bytes: districts.subarray(0, 300_000) },
      {
        name: "cut.geojsonl",
        bytes: `${JSON.stringify(feature(point(1, 2)))}\n{"type":"Feature","geometry":{"type":"Poi`,
      },
      {
        name: "not-a-number.geojson",
        bytes: collection([feature(point(1, 2)), feature(point("$", 2))]).replace('"$"', "NaN"),
      },
      {
        name: "open-ring.geojson",
        bytes: collection([
          feature(point(1, 2)),
          feature({
            type: "Polygon",
            coordinates: [
              [
                [0, 0],
                [1, 0],
                [1, 1],
                [0, 1],
              ],
            ],
          }),
        ]),
      },
    ],
  }),
)
