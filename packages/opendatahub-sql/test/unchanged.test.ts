import { assert, describe, it } from "@effect/vitest"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { hubOf, placeIn, sync, words } from "./support/hub.ts"
import { ask, emptyPortal, fileRequests, temporaryFolder } from "./support/place.ts"

const isLong = process.env["ODH_LONG"] !== undefined
const DATASETS = isLong ? 20 : 2
const FILES = isLong ? 50 : 6

/** Every file of a lake but the events and the state, with its size and time. */
const filesOf = (lake: string): ReadonlyArray<string> =>
  ["raw", "extractions"].flatMap((root) =>
    readdirSync(join(lake, root), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`
      })
      .toSorted(),
  )

/** The loads of a warehouse, and the rows of all its tables. */
const held = (warehouse: string) =>
  ask(
    warehouse,
    "select (select count(*) from odh.loads)::int as loads, (select max(loaded_at)::varchar from odh.loads) as last, (select sum(estimated_size)::int from duckdb_tables()) as rows",
  )

describe("when nothing changed", () => {
  it.live(
    `one request for each of ${DATASETS * FILES} files, no body, no file, no row, no commit, one event file`,
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const place = placeIn(yield* temporaryFolder)
        for (let n = 0; n < DATASETS; n++) {
          portal.add(
            dataset({
              slug: `jeu-${n}`,
              title: `jeu ${n}`,
              // Half of them the portal has, half are elsewhere.
              resources: Array.from({ length: FILES }, (_, file) => ({
                title: `fichier-${file}.csv`,
                content: { bytes: `code;valeur\nc${n};${file}\n` },
                ...(file % 2 === 0 ? {} : { url: `https://mairie.fr/${n}/${file}.csv` }),
              })),
            }),
          )
        }
        const hub = yield* hubOf(
          place,
          portal,
          Array.from({ length: DATASETS }, (_, n) => `jeu-${n}`),
          { concurrency: 8 },
        )
        const first = yield* sync(hub)
        assert.deepStrictEqual(
          words(first).filter((one) => !one.endsWith(": loaded")),
          [],
        )
        const before = { files: filesOf(place.lake), rows: yield* held(place.warehouse) }
        portal.clear()

        const startedAt = performance.now()
        const cpuBefore = process.cpuUsage()
        const report = yield* sync(hub)
        const { user, system } = process.cpuUsage(cpuBefore)
        const cpu = (user + system) / 1_000_000
        const seconds = (performance.now() - startedAt) / 1_000

        assert.strictEqual(report.status, "unchanged")
        assert.lengthOf(report.resources, DATASETS * FILES)
        const asked = fileRequests(portal)
        assert.strictEqual(asked.length, DATASETS * FILES)
        assert.strictEqual(new Set(asked.map(({ path }) => path)).size, DATASETS * FILES)
        assert.deepStrictEqual(
          asked.filter(({ status, bytes }) => status !== 304 || bytes !== 0),
          [],
        )
        assert.deepStrictEqual({ files: filesOf(place.lake), rows: yield* held(place.warehouse) }, before)
        const events = readdirSync(join(place.lake, "events"), { recursive: true, encoding: "utf8" })
        assert.lengthOf(
          events.filter((name) => name.endsWith(".ndjson")),
          2,
        )
        if (isLong) {
          console.log(
            `${DATASETS * FILES} unchanged resources: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU with the portal`,
          )
          // The promise is 10 s on the clock; on a machine that others use, what can be held to it is the CPU.
          assert.isBelow(cpu, 10)
        }
      }),
    isLong ? 900_000 : 120_000,
  )
})
