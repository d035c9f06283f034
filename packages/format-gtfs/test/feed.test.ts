import { assert, describe, it, layer as withLayer } from "@effect/vitest"
import { defaultTableSettings, type Reader, readTables, resolve, rows, type TypedTable } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import { layer } from "@opendatahub-sql/engine-duckdb"
import { csv } from "@opendatahub-sql/format-csv"
import { zip } from "@opendatahub-sql/format-zip"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import { files } from "../src/files.ts"
import { gtfs } from "../src/index.ts"
import golden from "./golden/gtfs.json" with { type: "json" }

const workFolder = mkdtempSync(join(tmpdir(), "odh-gtfs-"))
const frioul = readFileSync(new URL("../../../fixtures/corpus/gtfs-frioul-bom-md5/gtfs.zip", import.meta.url))

/** A zip archive whose members are stored as they are. */
const zipOf = (members: Readonly<Record<string, string>>): Buffer => {
  const locals: Array<Buffer> = []
  const central: Array<Buffer> = []
  let offset = 0
  for (const [name, text] of Object.entries(members)) {
    const bytes = Buffer.from(text)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(20, 4)
    local.writeUInt32LE(crc32(bytes), 14)
    local.writeUInt32LE(bytes.length, 18)
    local.writeUInt32LE(bytes.length, 22)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    local.copy(entry, 6, 4, 30)
    entry.writeUInt32LE(offset, 42)
    locals.push(local, Buffer.from(name), bytes)
    central.push(entry, Buffer.from(name))
    offset += 30 + name.length + bytes.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(central.length / 2, 8)
  end.writeUInt16LE(central.length / 2, 10)
  end.writeUInt32LE(Buffer.concat(central).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...central, end])
}

const read = Effect.fnUntraced(function* (bytes: Uint8Array) {
  const readers: ReadonlyArray<Reader> = yield* Effect.all([csv().decode, zip().decode, gtfs().decode])
  const { leaves, skipped } = yield* resolve(memoryFile("feed.zip", bytes), undefined, readers)
  const { tables } = yield* readTables(leaves, {
    base: "frioul",
    pinned: [],
    settings: () => defaultTableSettings,
    existing: () => Effect.succeed({}),
    types: "auto",
  })
  return { tables, skipped }
})

const rowsOf = (table: TypedTable) =>
  Effect.map(Stream.runCollect(table.batches()), (batches) => {
    const names = table.columns.map(({ name }) => name)
    return batches.flatMap((batch) => [...rows(batch, names)].map((row) => names.map((name) => row[name])))
  })

const named = (tables: ReadonlyArray<TypedTable>, name: string): TypedTable => {
  const table = tables.find((one) => one.name === `frioul_${name}`)
  if (table === undefined) throw new Error(`no table ${name}: ${tables.map((one) => one.name).join(", ")}`)
  return table
}
const typesOf = (table: TypedTable) => Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))

/** A value as the reference's types make it of the file's text. */
const expected = (text: string, type: string | undefined): unknown => {
  if (text === "") return null
  if (type === "bigint") return BigInt(text)
  if (type === "double") return Number(text)
  if (type === "date") return text.replace(/^(....)(..)(..)$/, "$1-$2-$3")
  return text
}

withLayer(layer({ workFolder }))("a feed", (it) => {
  it.effect("gives the rows that Python's zipfile and csv give, with the types of the reference", () =>
    Effect.gen(function* () {
      const { tables, skipped } = yield* read(frioul)
      assert.deepStrictEqual(
        tables.map(({ name }) => name),
        Object.keys(golden)
          .toSorted()
          .map((name) => `frioul_${name}`),
      )
      for (const [name, { columns, rows: wanted }] of Object.entries(golden)) {
        const table = named(tables, name)
        assert.deepStrictEqual(
          table.columns.map(({ original }) => original),
          columns,
        )
        const types: Readonly<Record<string, string>> = typesOf(table)
        assert.deepStrictEqual(
          yield* rowsOf(table),
          wanted.map((row) => row.map((text, index) => expected(text, types[columns[index] ?? ""]))),
        )
        assert.strictEqual(table.rowRejects + table.cellRejects, 0)
      }
      assert.deepStrictEqual(skipped, [
        { name: "ExportService.checksum.md5", why: "a checksum", code: "foreign-member" },
      ])
      assert.deepInclude(typesOf(named(tables, "stops")), {
        stop_id: "text",
        stop_lat: "double",
        location_type: "bigint",
      })
      assert.deepInclude(typesOf(named(tables, "calendar")), { service_id: "text", monday: "bigint", end_date: "date" })
      assert.deepInclude(typesOf(named(tables, "routes")), { route_id: "text", route_short_name: "text" })
    }).pipe(Effect.scoped),
  )

  it.effect(
    "keeps times after midnight, unknown columns and files; what does not fit is a reject; members may be missing",
    () =>
      Effect.gen(function* () {
        const { tables } = yield* read(
          zipOf({
            "agency.txt": "agency_id,agency_name\n1,Réseau\n",
            "routes.txt": "\ufeffroute_id,route_type,route_color\n007,3,000000\n08,bus,FFFFFF\n",
            "stop_times.txt": "trip_id,arrival_time,stop_sequence,velos\n1,25:10:00,1,2\n1,8:05:00,2,3\n",
            "fare_products.txt": "fare_product_id,amount,currency\n",
            "transferts_velo.txt": "de,vers\nA,1\n",
          }),
        )
        assert.deepStrictEqual(tables.map(({ name }) => name).toSorted(), [
          "frioul_agency",
          "frioul_fare_products",
          "frioul_routes",
          "frioul_stop_times",
          "frioul_transferts_velo",
        ])
        assert.deepStrictEqual(yield* rowsOf(named(tables, "stop_times")), [
          ["1", "25:10:00", 1n, 2n],
          ["1", "8:05:00", 2n, 3n],
        ])
        assert.deepStrictEqual(yield* rowsOf(named(tables, "routes")), [
          ["007", 3n, "000000"],
          ["08", null, "FFFFFF"],
        ])
        assert.strictEqual(named(tables, "routes").cellRejects, 1)
        assert.deepStrictEqual(typesOf(named(tables, "fare_products")), {
          fare_product_id: "text",
          amount: "decimal(18,4)",
          currency: "text",
        })
      }).pipe(Effect.scoped),
  )

  it.effect("of several feeds in folders, each file is one table with its members", () =>
    Effect.gen(function* () {
      const feed = { "stops.txt": "stop_id\n1\n", "trips.txt": "trip_id\n1\n", "routes.txt": "route_id\n1\n" }
      const { tables } = yield* read(
        zipOf({
          ...Object.fromEntries(Object.entries(feed).map(([name, text]) => [`ete/${name}`, text])),
          ...Object.fromEntries(Object.entries(feed).map(([name, text]) => [`hiver/${name}`, text])),
          "hiver/stops.txt": "stop_id,stop_name\n1,Port\n",
        }),
      )
      assert.deepStrictEqual(
        tables.map(({ name, member }) => `${name} ${member ?? ""}`),
        [
          "frioul_routes ete/routes.txt",
          "frioul_stops ete/stops.txt",
          "frioul_trips ete/trips.txt",
          "frioul_routes hiver/routes.txt",
          "frioul_stops hiver/stops.txt",
          "frioul_trips hiver/trips.txt",
        ],
      )
    }).pipe(Effect.scoped, Effect.ensuring(Effect.sync(() => rmSync(workFolder, { recursive: true, force: true })))),
  )
})

describe("what is a feed", () => {
  it.effect("is known by the files that the reference names, in any folder, whatever their letters", () =>
    Effect.gen(function* () {
      const profile = yield* gtfs().decode
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, number]> = [
        [["stops.txt", "trips.txt", "routes.txt"], 1],
        [["GTFS/Stops.TXT", "GTFS/trips.txt", "GTFS/agency.txt", "lisezmoi.pdf"], 1],
        [["a/stops.txt", "b/trips.txt", "c/routes.txt"], 0],
        [["stops.txt", "constructor.txt", "toString.txt"], 0],
        [["communes.csv", "departements.csv", "regions.csv"], 0],
      ]
      for (const [members, confidence] of cases) assert.strictEqual(profile.detects(members), confidence)
      assert.strictEqual(profile.describes("a/stop_times.txt")?.columns["arrival_time"], "text")
      assert.strictEqual(profile.describes("locations.geojson")?.format, "geojson")
      assert.isUndefined(profile.describes("more.txt"))
    }),
  )

  it("no column of a file is named twice", () => {
    for (const [file, columns] of Object.entries(files)) {
      const names = Object.values(columns).flatMap((one) => one?.split(" ") ?? [])
      assert.strictEqual(new Set(names).size, names.length, file)
    }
  })
})
