import { assert, describe, it } from "@effect/vitest"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import { shapefile } from "../src/index.ts"
import { bundle, plu, read } from "./reading.ts"
import { dbfOf, parts, pointsShp, shpOf } from "./writing.ts"

const box = (x: number, y: number, size: number): ReadonlyArray<readonly [number, number]> => [
  [x, y],
  [x, y + size],
  [x + size, y + size],
  [x + size, y],
  [x, y],
]
const hole = (x: number, y: number, size: number) => box(x, y, size).toReversed()
const hex = (cell: unknown): string => Buffer.from(cell as Uint8Array).toString("hex")
const ringsOf = (cell: unknown): ReadonlyArray<number> => {
  const bytes = cell as Uint8Array
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(1, true) === 3) return [view.getUint32(5, true)]
  const counts: Array<number> = []
  for (let at = 9, left = view.getUint32(5, true); left > 0; left--) {
    counts.push(view.getUint32(at + 5, true))
    at += 9
    for (let rings = counts.at(-1) ?? 0; rings > 0; rings--) at += 4 + view.getUint32(at, true) * 16
  }
  return counts
}
const three = pointsShp([
  [1, 2],
  [3, 4],
  [5, 6],
])
const failure = (parts: Parameters<typeof bundle>[0], options: Parameters<typeof shapefile>[0] = {}) =>
  Effect.flip(read(shapefile(options), bundle(parts)))

describe("shapes", () => {
  it.effect("of polygons get each hole its own ring around it, whatever the order", () =>
    Effect.gen(function* () {
      const shapes = [
        parts(5, [box(0, 0, 4)]),
        parts(5, [box(0, 0, 4), hole(1, 1, 1)]),
        parts(5, [hole(21, 1, 1), box(0, 0, 4), hole(1, 1, 1), box(20, 0, 4), hole(2.5, 2.5, 1)]),
        parts(5, [box(0, 0, 30), hole(5, 5, 20), box(10, 10, 10), hole(12, 12, 2)]),
        parts(5, [hole(0, 0, 4)]),
      ]
      const { main } = yield* read(shapefile(), bundle({ ".shp": shpOf(5, shapes) }))
      assert.deepStrictEqual(main?.rejects, [])
      assert.deepStrictEqual(
        main?.rows.map(({ geometry }) => ringsOf(geometry)),
        [[1], [2], [3, 2], [2, 2], [1]],
      )
    }),
  )

  it.effect("of every type are read; none is NULL", () =>
    Effect.gen(function* () {
      const line = [
        [0, 0],
        [1, 1],
      ] as const
      const point = (type: number, ...numbers: ReadonlyArray<number>) =>
        Buffer.concat([Buffer.from(Int32Array.of(type).buffer), Buffer.from(Float64Array.from(numbers).buffer)])
      const shapes = [
        point(1, 2, 3),
        point(11, 2, 3, 9, 0),
        point(21, 2, 3, 7),
        Buffer.alloc(4),
        parts(3, [line]),
        parts(3, [line, line]),
      ]
      const { main } = yield* read(shapefile(), bundle({ ".shp": shpOf(1, shapes) }))
      const codes = main?.rows.map(({ geometry }) => (geometry === null ? null : hex(geometry).slice(2, 10)))
      assert.deepStrictEqual(codes, ["01000000", "e9030000", "01000000", null, "02000000", "05000000"])
    }),
  )

  it.effect("that cannot be taken are rejected with their bytes, their row stays", () =>
    Effect.gen(function* () {
      const shp = shpOf(5, [
        parts(5, [box(0, 0, 4).slice(0, 4)]),
        parts(5, [box(700_000, 6_600_000, 9)]),
        Buffer.from("1f00000000000000", "hex"),
      ])
      const { main } = yield* read(
        shapefile(),
        bundle({ ".shp": shp, ".dbf": dbfOf(["NOM,C,2"], [" aa", " bb", " cc"]) }),
      )
      assert.deepStrictEqual(
        main?.rows.map(({ NOM, geometry }) => [NOM, geometry]),
        [
          ["aa", null],
          ["bb", null],
          ["cc", null],
        ],
      )
      assert.deepStrictEqual(
        main?.rejects.map(({ row, column }) => [row, column]),
        [
          [1, "geometry"],
          [2, "geometry"],
          [3, "geometry"],
        ],
      )
      assert.match(main?.rejects[1]?.message ?? "", /no longitude.*option `crs`/)
      assert.isTrue(main?.rejects.every(({ raw }) => /^[0-9a-f]+$/.test(raw)))
    }),
  )
})

describe("attributes", () => {
  it.effect("have the types of the file; what does not fit is a reject with its text", () =>
    Effect.gen(function* () {
      const dbf = dbfOf(
        ["CODE,C,5", "N,N,6", "X,N,8,2", "F,F,8", "JOUR,D,8", "OK,L,1"],
        [
          " 01001    12    1.50    1e-320240229T",
          "*00000     0    0.00       020240101F",
          " 2A004 12a45********        20241301?",
        ],
      )
      const { main } = yield* read(shapefile(), bundle({ ".shp": three, ".dbf": dbf }))
      assert.deepStrictEqual(main?.types.slice(0, 6), ["text", "bigint", undefined, undefined, "date", "boolean"])
      assert.deepStrictEqual(
        main?.rows.map(({ CODE, N, X, F, JOUR, OK }) => [CODE, N, X, F, JOUR, OK]),
        [
          ["01001", 12n, "1.50", "1e-3", "2024-02-29", true],
          ["2A004", null, null, null, null, null],
        ],
      )
      assert.deepStrictEqual(main?.rowNumbers, [1, 3])
      assert.deepStrictEqual(
        main?.rejects.map(({ row, column, code, raw }) => [row, column, code, raw]),
        [
          [2, undefined, "deleted", "record 2"],
          [3, 1, "not-bigint", "12a45"],
          [3, 4, "not-date", "20241301"],
        ],
      )
    }),
  )

  it.effect("are decoded by the .cpg, else by the language driver, else by what they are", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [Buffer, string | undefined, string]> = [
        [dbfOf(["NOM,C,5"], [" Évry"], { encoding: "utf8" }), "UTF-8", "utf-8"],
        [dbfOf(["NOM,C,4"], [" Évry"]), "1252.", "windows-1252"],
        [dbfOf(["NOM,C,4"], [" Évry"]), "ISO 88591", "windows-1252"],
        [dbfOf(["NOM,C,4"], [" Évry"]), "ANSI 1252", "windows-1252"],
        [dbfOf(["NOM,C,4"], [" Évry"], { driver: 0x57 }), undefined, "windows-1252"],
        [dbfOf(["NOM,C,4"], [" \u0090vry"], { driver: 0x02 }), undefined, "cp850"],
        [dbfOf(["NOM,C,4"], [" \u0090vry"]), "OEM 850", "cp850"],
        [dbfOf(["NOM,C,4"], [" Évry"]), undefined, "guessed"],
        [dbfOf(["NOM,C,5"], [" Évry"], { encoding: "utf8" }), "no such code page", "guessed"],
      ]
      for (const [dbf, cpg, encoding] of cases) {
        const { main } = yield* read(
          shapefile(),
          bundle({ ".shp": pointsShp([[1, 2]]), ".dbf": dbf, ...(cpg === undefined ? {} : { ".cpg": cpg }) }),
        )
        assert.deepStrictEqual([main?.rows[0]?.["NOM"], main?.facts["encoding"]], ["Évry", encoding], cpg)
      }
      const { main } = yield* read(
        shapefile({ encoding: "cp437" }),
        bundle({ ".shp": pointsShp([[1, 2]]), ".dbf": dbfOf(["NOM,C,4"], [" \u0090vry"]), ".cpg": "1252" }),
      )
      assert.strictEqual(main?.rows[0]?.["NOM"], "Évry")
    }),
  )

  it.effect("called like our columns, or like each other, keep their own", () =>
    Effect.gen(function* () {
      const { main } = yield* read(
        shapefile(),
        bundle({ ".shp": pointsShp([[1, 2]]), ".dbf": dbfOf(["geometry,C,1", "A,C,1", "A,C,1"], [" xyz"]) }),
      )
      assert.deepStrictEqual(main?.columns, ["geometry_2", "A", "A_2", "geometry", "xmin", "ymin", "xmax", "ymax"])
    }),
  )

  it.effect("may be missing, all or a few, and the other way round the file is refused", () =>
    Effect.gen(function* () {
      const alone = yield* read(shapefile(), bundle({ ".shp": three }))
      assert.deepStrictEqual(
        [alone["main"]?.rows.length, alone["main"]?.facts["attributes"]],
        [3, "there is no .dbf beside the .shp"],
      )
      const more = yield* read(
        shapefile(),
        bundle({
          ".shp": pointsShp([[1, 2]]),
          ".dbf": dbfOf(
            ["A,C,1"],
            Array.from({ length: 20_000 }, () => " x"),
          ),
        }),
      )
      assert.deepStrictEqual([more["main"]?.rows.length, more["main"]?.rows[19_999]?.["geometry"]], [20_000, null])
      assert.include((yield* failure({ ".shp": three, ".dbf": dbfOf(["A,C,1"], [" x"]) })).message, "more shapes")
      assert.include(
        (yield* failure({ ".shp": three, ".dbf": dbfOf(["A,C,1"], [" x", " y", " z"]).subarray(0, 68) })).message,
        "ends before its 3 records",
      )
      assert.include((yield* failure({ ".shp": three, ".dbf": "no table" })).message, "no DBF")
    }),
  )
})

describe("the coordinate system", () => {
  it.effect("is that of the .prj, or of the option", () =>
    Effect.gen(function* () {
      const shp = pointsShp([[652_469.02, 6_862_035.26]])
      for (const [prj, crs] of [
        [plu()[".prj"] ?? "", undefined],
        ['LOCAL_CS["x"]', "EPSG:2154"],
        [undefined, "EPSG:2154"],
      ] as const) {
        const { main } = yield* read(
          shapefile(crs === undefined ? {} : { crs }),
          bundle({ ".shp": shp, ...(prj === undefined ? {} : { ".prj": prj }) }),
        )
        assert.closeTo(Number(main?.rows[0]?.["xmin"]), 2.352_199_96, 1e-8)
      }
      const error = yield* failure({ ".shp": shp, ".prj": 'LOCAL_CS["x"]' })
      assert.isTrue(error._tag === "FormatError" && error.reason._tag === "Config")
      assert.include(error.message, "option `crs`")
    }),
  )
})

describe("a .dbf alone", () => {
  it.effect("is the attributes that its shapefile would have", () =>
    Effect.gen(function* () {
      const parts = plu()
      const whole = (yield* read(shapefile(), bundle(parts))).main
      const alone = (yield* read(shapefile(), memoryFile("zones.dbf", parts[".dbf"] ?? ""))).main
      const columns = whole?.columns.filter((name) => !/^(?:geometry|[xy]m(?:in|ax))$/.test(name))
      assert.deepStrictEqual(alone?.columns, columns)
      assert.deepStrictEqual(
        alone?.rows,
        whole?.rows.map((row) => Object.fromEntries((columns ?? []).map((name) => [name, row[name]]))),
      )
    }),
  )

  it.effect("is told by its head and its name together", () =>
    Effect.gen(function* () {
      const { detects } = yield* shapefile().decode
      const head = plu()[".dbf"] ?? Buffer.alloc(0)
      const probe = (name: string, bytes: Uint8Array, siblings: ReadonlyArray<string> = []) =>
        detects({
          name,
          mediaType: undefined,
          declared: undefined,
          size: bytes.length,
          head: bytes,
          tail: new Uint8Array(),
          members: undefined,
          siblings,
        })
      assert.deepStrictEqual(
        [
          probe("a.dbf", head),
          probe("a.bin", head),
          probe("a.dbf", head.subarray(0, 20)),
          probe("a.dbf", Buffer.from("a;b\n1;2")),
          probe("a.dbf", head, ["a.SHP"]),
        ],
        [0.9, 0, 0, 0, 0],
      )
    }),
  )
})
