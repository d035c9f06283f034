import { assert, describe, it } from "@effect/vitest"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { geojson } from "../src/index.ts"
import { collection, feature, hex, point, read } from "./reading.ts"

const lambert = { crs: { type: "name", properties: { name: "urn:ogc:def:crs:EPSG::2154" } } }
const PARIS = [652_469.02, 6_862_035.26] as const
const near = (row: Readonly<Record<string, unknown>> | undefined, x: number, y: number): void => {
  assert.closeTo(Number(row?.["xmin"]), x, 1e-6)
  assert.closeTo(Number(row?.["ymin"]), y, 1e-6)
}
const square = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
]

describe("properties", () => {
  it.effect("keep exact numbers; objects become columns, lists child tables, and nothing is lost", () =>
    Effect.gen(function* () {
      const text = `{"type":"FeatureCollection","features":[{"type":"Feature","id":"f1","properties":{"a":{"b":1.10,"big":12345678901234567890},"l":["x","y"],"id":7,"geometry":"mine"},
        "geometry":{"type":"Point","coordinates":[2.5,48.8],"note":"n"},"source":{"year":2024}}]}`
      const { main, tables } = yield* read(text)
      const { geometry, xmin, ymin, xmax, ymax, ...values } = main[0] ?? {}
      assert.deepStrictEqual(values, {
        id: "f1",
        "a.b": "1.10",
        "a.big": "12345678901234567890",
        id_2: "7",
        geometry_2: "mine",
        "source.year": "2024",
        "geometry.note": "n",
      })
      assert.deepStrictEqual([xmin, ymin, xmax, ymax], [2.5, 48.8, 2.5, 48.8])
      assert.strictEqual(hex(geometry), "010100000000000000000004406666666666664840")
      assert.deepStrictEqual(tables["main__l"], [{ value: "x" }, { value: "y" }])
    }),
  )

  it.effect("may be null, late, or missing from a table without features", () =>
    Effect.gen(function* () {
      const late = yield* read(collection([feature(null, null), feature(null, { a: 1 })]))
      assert.deepStrictEqual(
        late.main.map(({ a }) => a),
        [null, "1"],
      )
      const empty = yield* read(collection([]))
      assert.deepStrictEqual([empty.columns, empty.main], [{ main: ["geometry", "xmin", "ymin", "xmax", "ymax"] }, []])
    }),
  )
})

describe("coordinate systems", () => {
  it.effect("are obeyed wherever the `crs` member stands", () =>
    Effect.gen(function* () {
      const paris = feature(point(...PARIS))
      const places = [
        collection([paris], lambert),
        JSON.stringify({ features: [paris], type: "FeatureCollection", bbox: [1, 2, 3, 4], ...lambert }),
        collection([feature(point(...PARIS), {}, lambert)]),
        collection([feature({ ...point(...PARIS), ...lambert })]),
        JSON.stringify(feature({ ...point(...PARIS), ...lambert })),
        `${JSON.stringify(feature({ ...point(...PARIS), ...lambert }))}\n${JSON.stringify(feature({ ...point(...PARIS), ...lambert }))}`,
        collection([paris], { crs: { type: "EPSG", properties: { code: 2154 } } }),
      ]
      for (const text of places) {
        const { main, facts } = yield* read(text)
        near(main[0], 2.352_199_96, 48.856_599_98)
        assert.strictEqual(facts["crs"], "EPSG:2154", text)
      }
    }),
  )

  it.effect("of a long file may stand after it, and a property of that name means nothing", () =>
    Effect.gen(function* () {
      const features = Array.from({ length: 3_000 }, () => feature(point(...PARIS), { crs: "EPSG:3857" }))
      const { main } = yield* read(JSON.stringify({ type: "FeatureCollection", features, ...lambert }))
      near(main[2_999], 2.352_199_96, 48.856_599_98)
      const none = yield* read(collection([feature(point(1, 2)), feature(point(1, 2), { crs: "EPSG:2154" })]))
      near(none.main[1], 1, 2)
    }),
  )

  it.effect("overseas are the territory's own, and the option overrules the file", () =>
    Effect.gen(function* () {
      const reunion = yield* read(
        collection([feature(point(345_678.9, 7_667_890.1))], {
          crs: { type: "name", properties: { name: "EPSG:2975" } },
        }),
      )
      near(reunion.main[0], 55.514_423_15, -21.083_511_25)
      const overruled = yield* read(
        collection([feature(point(...PARIS))], { crs: { type: "name", properties: { name: "EPSG:4326" } } }),
        { crs: "EPSG:2154" },
      )
      near(overruled.main[0], 2.352_199_96, 48.856_599_98)
    }),
  )

  it.effect("that are not known stop the reading and name the option", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        read(collection([feature(point(1, 2))], { crs: { type: "name", properties: { name: "EPSG:9999" } } })),
      )
      assert.isTrue(error._tag === "FormatError" && error.reason._tag === "Config")
      assert.include(error.message, "EPSG:9999")
      assert.include(error.message, "`crs`")
    }),
  )

  it.effect("that are missing from a file in metres are asked for", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read(collection([feature(point(...PARIS))])))
      assert.include(error.message, "name it with the option `crs`")
    }),
  )
})

describe("geometries", () => {
  it.effect("that are empty are NULL", () =>
    Effect.gen(function* () {
      const empty = [
        null,
        { type: "Point", coordinates: [] },
        { type: "Polygon", coordinates: [] },
        { type: "Polygon", coordinates: [[]] },
        { type: "LineString", coordinates: [] },
        { type: "GeometryCollection", geometries: [] },
      ]
      const { main, rejects } = yield* read(collection(empty.map((geometry) => feature(geometry))))
      assert.deepStrictEqual(
        [rejects, main.map(({ geometry, xmin }) => [geometry, xmin])],
        [[], empty.map(() => [null, null])],
      )
    }),
  )

  it.effect("whose rings turn the wrong way are repaired and counted", () =>
    Effect.gen(function* () {
      const right = yield* read(collection([feature({ type: "Polygon", coordinates: [square] })]))
      const wrong = yield* read(collection([feature({ type: "Polygon", coordinates: [square.toReversed()] })]))
      assert.deepStrictEqual(hex(wrong.main[0]?.["geometry"]), hex(right.main[0]?.["geometry"]))
      assert.deepStrictEqual([right.facts["ringsTurned"], wrong.facts["ringsTurned"]], [undefined, 1])
    }),
  )

  it.effect("keep every digit of their coordinates", () =>
    Effect.gen(function* () {
      const numbers = [
        "2.35",
        "-0.1",
        "4.780213475718984",
        "48.85341200000000012345",
        "1e-7",
        "9007199254740993e-14",
        "0",
        "-0",
        "12.000",
        "1.7976931348623157e-300",
        "0.1000000000000000055511151231257827021181583404541015625",
      ]
      const { main } = yield* read(
        `{"type":"FeatureCollection","features":[${numbers.map((x) => `{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[${x}, 0]}}`).join(",")}]}`,
      )
      assert.deepStrictEqual(
        main.map(({ xmin }) => xmin),
        numbers.map(Number),
      )
    }),
  )

  it.effect("say their types and box in the facts", () =>
    Effect.gen(function* () {
      const { facts } = yield* read(
        collection(
          [
            feature(point(1, 2, 3)),
            feature({
              type: "LineString",
              coordinates: [
                [-1, 5],
                [0, 6],
              ],
            }),
            feature(null),
          ],
          { name: "n", total: 3 },
        ),
      )
      assert.deepStrictEqual(facts, {
        geometry: { column: "geometry", crs: "OGC:CRS84", types: ["LineString", "Point Z"], bbox: [-1, 2, 3, 1, 6, 3] },
        crs: "OGC:CRS84",
        geometryTypes: { "Point Z": 1, LineString: 1 },
        collection: { name: "n", total: 3 },
      })
    }),
  )
})

describe("rejects", () => {
  it.effect("take bad features one by one, with their text and what is wrong", () =>
    Effect.gen(function* () {
      const bad: ReadonlyArray<readonly [unknown, RegExp]> = [
        [null, /Object/],
        [feature(point(1)), /two elements/],
        [feature(point(200, 2)), /200, 2 is no longitude/],
        [feature(point("1", 2)), /number/],
        [feature({ type: "Polygon", coordinates: [square.slice(0, 4)] }), /first and last/],
        [feature({ type: "Polygon", coordinates: [square[0]] }), /nested|list|position/i],
        [feature({ type: "Circle", coordinates: [1, 2] }), /type/],
        [{ type: "Feature", geometry: null }, /properties/],
        [feature(point(1, 2), [1]), /properties/],
        [feature(point(1, 2), {}, { id: {} }), /"id"/],
      ]
      const good = feature(point(1, 2), { nom: "bon" })
      const { main, rejects } = yield* read(collection(bad.flatMap(([each]) => [good, each])))
      assert.deepStrictEqual(
        main.map(({ nom }) => nom),
        bad.map(() => "bon"),
      )
      assert.strictEqual(rejects.length, bad.length)
      bad.forEach(([each, message], index) => {
        assert.match(rejects[index]?.message ?? "", message)
        assert.strictEqual(rejects[index]?.raw, JSON.stringify(each))
        assert.strictEqual(rejects[index]?.row, index * 2 + 2)
      })
    }),
  )

  it.effect("keep the head of a long text", () =>
    Effect.gen(function* () {
      const { rejects } = yield* read(
        collection([
          feature(null),
          feature({ type: "LineString", coordinates: Array.from({ length: 9_000 }, () => [999, 0]) }),
        ]),
      )
      assert.strictEqual(rejects[0]?.raw.length, 10_001)
    }),
  )

  it.effect("without validation are only what cannot be a row", () =>
    Effect.gen(function* () {
      const loose = [
        feature(point(200, 2)),
        { type: "Feature", geometry: point(1, 2, 3, 4) },
        feature({ type: "Polygon", coordinates: [square.slice(0, 4)] }),
        feature(point(1, 2), [1]),
      ]
      const { main, rejects } = yield* read(collection([...loose, feature(point("x", 2))]), { validate: false })
      assert.deepStrictEqual([main.length, rejects.length], [4, 1])
    }),
  )
})

describe("files", () => {
  it.effect("may hold one feature a line, records apart, or one object after the other", () =>
    Effect.gen(function* () {
      const [a, b] = [JSON.stringify(feature(point(1, 2), { n: 1 })), JSON.stringify(feature(point(3, 4), { n: 2 }))]
      const pretty = JSON.stringify(feature(point(3, 4), { n: 2 }), null, 2)
      for (const text of [
        `${a}\n${b}\n`,
        `\x1e${a}\n\x1e${b}\n`,
        `\x1e${a}\n\x1e${pretty}\n`,
        `${a}${b}`,
        `\ufeff${a}\n${b}`,
      ]) {
        const { main } = yield* read(text)
        assert.deepStrictEqual(
          main.map(({ n, xmin }) => [n, xmin]),
          [
            ["1", 1],
            ["2", 3],
          ],
          text,
        )
      }
    }),
  )

  it.effect("in UTF-16 and in Windows-1252 are read too", () =>
    Effect.gen(function* () {
      const text = collection([feature(point(1, 2), { nom: "Évry" })])
      const wide = yield* read(Buffer.from(`\ufeff${text}`, "utf16le"))
      const old = yield* read(Buffer.from(text, "latin1"))
      assert.deepStrictEqual(
        [wide.main[0]?.["nom"], old.main[0]?.["nom"], old.facts["featuresInWindows1252"]],
        ["Évry", "Évry", 1],
      )
    }),
  )

  it.effect("that are no GeoJSON say what they are", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [string, string]> = [
        ['{"type":"FeatureCollection"}', 'without "features"'],
        ['{"type":"FeatureCollection","features":{}}', "no list"],
        ['{"type":"Topology","objects":{}}', "TopoJSON, which is not read"],
        ['{"arcs":[[[0,0]]],"type":"Topology"}', "TopoJSON, which is not read"],
        ["{}", "missing"],
        ["null", "null"],
      ]
      for (const [text, words] of cases) assert.include((yield* Effect.flip(read(text))).message, words, text)
    }),
  )

  it.effect("are told from other JSON by their type", () =>
    Effect.gen(function* () {
      const format = yield* geojson().decode
      const confidence = (text: string, name = "a.json"): number =>
        format.detects({
          name,
          mediaType: undefined,
          declared: undefined,
          size: text.length,
          head: Buffer.from(text),
          tail: new Uint8Array(),
          members: undefined,
          siblings: [],
        })
      const good = [
        collection([feature(null)]),
        JSON.stringify(feature(null)),
        JSON.stringify(point(1, 2)),
        `{"features":[${JSON.stringify(feature(null)).padEnd(70_000)}`,
        collection([feature(null)]).slice(0, 60),
        '{"type":"Topology","objects":{}}',
        '{"arcs":[[[0,0]]],"type":"Topology"}',
      ]
      for (const text of good) assert.isAbove(confidence(text), 0.9, text.slice(0, 50))
      for (const text of [
        '{"type":"Topology"}',
        '{"a":{"type":"Feature"}}',
        "[]",
        '{"features":["wifi"]}',
        '{"type":"point de vente"}',
      ])
        assert.strictEqual(confidence(text), 0, text)
      assert.strictEqual(confidence("{}", "a.geojson"), 0.5)
    }),
  )

  it.effect("of 60,000 features come in batches of 8,192 at most", () =>
    Effect.gen(function* () {
      const format = yield* geojson().decode
      const text = collection(Array.from({ length: 60_000 }, (_, n) => feature(null, { n })))
      const events = yield* Stream.runCollect(format.read(memoryFile("a.geojson", text)))
      const sizes = events.flatMap((event) => (event._tag === "Batch" ? [event.size] : []))
      assert.strictEqual(
        sizes.reduce((sum, size) => sum + size, 0),
        60_000,
      )
      assert.isAtMost(Math.max(...sizes), 8_192)
    }),
  )
})
