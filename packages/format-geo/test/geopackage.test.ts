import { assert, describe, it } from "@effect/vitest"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import { geopackage } from "../src/index.ts"
import { gpkg, read } from "./reading.ts"
import { geopackageOf } from "./writing.ts"

const open = (bytes: Uint8Array, options: Parameters<typeof geopackage>[0] = {}) =>
  read(geopackage(options), memoryFile("a.gpkg", bytes))
const POINT = "0101000000000000000000F03F0000000000000040"

describe("a GeoPackage", () => {
  it.effect("keeps 64-bit integers, and rejects what SQLite let into a column of another type", () =>
    Effect.gen(function* () {
      const bytes = geopackageOf(
        "insert into t values (9007199254740993, 1.5, 1, 'é', x'00ff', '2024-02-29', '2024-01-01T10:00:00Z'), (1.5, 'x', 7, 12, 'text', null, null)",
        ["i INTEGER", "d DOUBLE", "b BOOLEAN", "t TEXT(5)", "bl BLOB", "j DATE", "at DATETIME"],
      )
      const { main } = yield* open(bytes)
      assert.deepStrictEqual(main?.types, ["bigint", "double", "boolean", "text", "blob", undefined, undefined])
      assert.deepStrictEqual(
        main?.rows.map((row) => Object.values(row)),
        [
          [9007199254740993n, 1.5, true, "é", Uint8Array.of(0, 255), "2024-02-29", "2024-01-01T10:00:00Z"],
          [null, null, null, "12", null, null, null],
        ],
      )
      assert.deepStrictEqual(
        main?.rejects.map(({ row, column, code, raw }) => [row, column, code, raw]),
        [
          [2, 0, "not-bigint", "1.5"],
          [2, 1, "not-double", "x"],
          [2, 2, "not-boolean", "7"],
          [2, 4, "not-blob", "text"],
        ],
      )
      assert.deepStrictEqual(main?.facts, { layer: "t", description: "a table" })
    }),
  )

  it.effect("gives geometries with any envelope; the empty are NULL, the broken are rejects", () =>
    Effect.gen(function* () {
      const envelope = "00".repeat(32)
      const blobs = [
        `x'475000016A080000${POINT}'`,
        `x'475000036A080000${envelope}${POINT}'`,
        "x'475000116A080000'",
        "null",
        `x'475000016A080000${POINT.slice(0, 20)}'`,
        "x'FFFF'",
        "'text'",
      ]
      const insert = `insert into t values ${blobs.map((blob) => `(${blob})`).join(", ")}`
      const { main } = yield* open(geopackageOf(insert, ["geom POINT"], { column: "geom", srs: 0 }))
      assert.deepStrictEqual(
        main?.rows.map(({ xmin, ymin }) => [xmin, ymin]),
        [
          [1, 2],
          [1, 2],
          [null, null],
          [null, null],
          [null, null],
          [null, null],
          [null, null],
        ],
      )
      assert.deepStrictEqual(
        main?.rejects.map(({ row, column }) => [row, column]),
        [
          [5, "geometry"],
          [6, "geometry"],
          [7, "geometry"],
        ],
      )
    }),
  )

  it.effect("in a system that nobody knows is refused, until the option names it", () =>
    Effect.gen(function* () {
      const bytes = geopackageOf(`insert into t values (x'475000016A080000${POINT}')`, ["geom POINT"], {
        column: "geom",
        srs: 100_001,
      })
      const error = yield* Effect.flip(open(bytes))
      assert.isTrue(
        error._tag === "FormatError" && error.reason._tag === "Config" && error.message.includes("option `crs`"),
      )
      const { main } = yield* open(bytes, { crs: "EPSG:4326" })
      assert.strictEqual(main?.rows[0]?.["xmin"], 1)
    }),
  )

  it.effect("without a layer, or that is another database, is refused with words", () =>
    Effect.gen(function* () {
      const none = geopackageOf("delete from gpkg_contents", ["a TEXT"])
      assert.include((yield* Effect.flip(open(none))).message, "no layer")
    }),
  )

  it.effect("is told from other SQLite databases by its application id, else by its name", () =>
    Effect.gen(function* () {
      const format = yield* geopackage().decode
      const confidence = (head: Uint8Array, name: string): number =>
        format.detects({
          name,
          mediaType: undefined,
          declared: undefined,
          size: head.length,
          head,
          tail: new Uint8Array(),
          members: undefined,
          siblings: [],
        })
      const other = Buffer.from(gpkg().subarray(0, 100))
      other.fill(0, 68, 72)
      assert.deepStrictEqual(
        [confidence(gpkg(), "x"), confidence(other, "a.gpkg"), confidence(other, "a.sqlite")],
        [0.95, 0.9, 0],
      )
    }),
  )
})
