import { assert, describe, it } from "@effect/vitest"
import { decodeConfig } from "@opendatahub-sql/core/config"
import { verify } from "@opendatahub-sql/lake"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { datagouv, duckdb, inHub, preset, replay, sync } from "opendatahub-sql"
import { purgeFiles } from "../src/purge-files.ts"
import { placeIn } from "./support/hub.ts"
import { ask, emptyPortal, temporaryFolder } from "./support/place.ts"

const feature = (code: string, index: number) => ({
  type: "Feature",
  geometry: { type: "Point", coordinates: [2 + index, 48] },
  properties: { code, n: index },
})

/** One file of each kind, with one row of `secret` and one of `public`; the last holds two tables. */
const files: Readonly<Record<string, Buffer>> = {
  "t1.json": Buffer.from(
    JSON.stringify([
      { code: "secret", n: 1, x: 1.5, t: true },
      { code: "public", n: 2, x: 2.5, t: false },
    ]),
  ),
  "t2.csv.gz": gzipSync(
    'code;date;siret\nsecret;03/02/2021;01234567890123\npublic;"04/02/2021";00000000000001\nsecret;x;y;z\n',
  ),
  "t3.geojson": Buffer.from(JSON.stringify({ type: "FeatureCollection", features: ["secret", "public"].map(feature) })),
  "t4.json": Buffer.from(
    JSON.stringify([
      { code: "secret", list: [{ z: 1 }] },
      { code: "public", list: [{ z: 2 }] },
    ]),
  ),
}

describe("a purge of kept files", () => {
  it.live(
    "takes the rows out whatever the format, leaves the others and the types as they are, and names what it cannot reach",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        for (const [name, bytes] of Object.entries(files)) {
          const table = name.slice(0, 2)
          portal.add(
            dataset({
              slug: table,
              title: table,
              resources: [
                {
                  id: `${table.slice(1)}1111111-1111-4111-8111-111111111111`,
                  title: name,
                  publications: [{ at: "2026-03-01T00:00:00Z", content: { bytes } }],
                },
              ],
            }),
          )
        }
        portal.moveTo("2026-03-01")
        const place = placeIn(yield* temporaryFolder)
        const hub = yield* decodeConfig(
          {
            lake: place.lake,
            network: { allowPrivate: ["127.0.0.1"] },
            mode: "snapshots",
            sources: [
              datagouv({
                url: portal.url,
                datasets: Object.keys(files).map((name) => ({ id: name.slice(0, 2), into: name.slice(0, 2) })),
              }),
            ],
            sinks: [duckdb({ path: place.warehouse })],
          },
          preset(),
        )
        yield* inHub(hub, "sync", sync(hub, { datasets: [] }))
        const columns = ask(
          place.warehouse,
          "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'bronze' order by all",
        )
        const rows = (table: string) =>
          ask(
            place.warehouse,
            `select columns(c -> not starts_with(c, '_')) from bronze.${table} where code = 'public'`,
          )
        const tables = ["t1", "t2", "t3"]
        const before = [yield* columns, yield* Effect.forEach(tables, rows)]
        for (const table of tables) {
          const done = yield* inHub(hub, "purge", purgeFiles(hub, table, { code: "secret" }))
          assert.lengthOf(done.files, 1, table)
          assert.deepStrictEqual(done.unreached, [])
          const [left] = yield* ask(place.warehouse, `select count(*)::int as n from bronze.${table}`)
          assert.strictEqual(left?.["n"], 1, table)
        }
        const family = yield* inHub(hub, "purge", purgeFiles(hub, "t4", { code: "secret" }))
        assert.lengthOf(family.files, 0)
        assert.include(family.unreached[0]?.why, "2 tables")
        assert.deepStrictEqual([yield* columns, yield* Effect.forEach(tables, rows)], before)
        yield* inHub(hub, "replay", replay(hub, { datasets: [] }, {}))
        assert.deepStrictEqual([yield* columns, yield* Effect.forEach(tables, rows)], before)
        for (const entry of readdirSync(place.lake, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile() || (entry.parentPath.includes("dataset=") && entry.parentPath.includes("/resource=4")))
            continue
          const bytes = readFileSync(join(entry.parentPath, entry.name))
          assert.isFalse(bytes.includes("secret"), join(entry.parentPath, entry.name))
        }
        assert.deepStrictEqual((yield* verify(place.lake)).problems, [])
      }),
    120_000,
  )
})
