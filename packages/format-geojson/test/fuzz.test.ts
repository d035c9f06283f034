import { describe, it } from "@effect/vitest"
import { fuzzFormat } from "@opendatahub-sql/core/testing"
import { readdirSync, readFileSync } from "node:fs"
import { geojson } from "../src/index.ts"
import { collection, corpus, feature, point } from "./reading.ts"

const long = process.env["ODH_LONG"] === "1"
/** Milliseconds: far more than the machine that is slowest, and hours for the long lane. */
const TIMEOUT = long ? 3 * 3_600_000 : 300_000
const suite = new URL("./fixtures/geojson-check/good/", import.meta.url)
const triangle = {
  type: "Polygon",
  coordinates: [
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ],
  ],
}

describe("any bytes whatever", () => {
  it(
    "are rows and rejects, all records told, or a typed error",
    async () => {
      const tally = await fuzzFormat({
        format: geojson(),
        name: "file.geojson",
        corpus: [
          ...readdirSync(suite).map((name) => readFileSync(new URL(name, suite))),
          corpus("geojson-lambert93/districts.geojson").subarray(0, 12_000),
          ...[
            collection([feature(point(1, 2), { a: 1 }), feature(triangle, { l: [1, { x: 2 }] }), feature(null)]),
            collection([feature(point(700_000, 6_600_000))], {
              crs: { type: "name", properties: { name: "EPSG:2154" } },
            }),
            `${JSON.stringify(feature(point(2.5, 48), { nom: "é" }))}\n${JSON.stringify(feature(triangle))}\n`,
          ].map((text) => Buffer.from(text)),
        ],
        words: [
          "[",
          "]",
          "[[",
          "]]",
          "{",
          "}",
          "1e999",
          "-181",
          '"type":"Polygon"',
          '"coordinates":',
          '"geometry":null',
          "null",
          "[]",
        ],
        runs: long ? 20_000 : 400,
        expects: { read: 1, "read with rejects": 5 },
      })
      console.log("geojson:", tally)
    },
    TIMEOUT,
  )
})
