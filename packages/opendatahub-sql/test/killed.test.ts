import { assert, describe, it } from "@effect/vitest"
import { verify } from "@opendatahub-sql/lake"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { odh, writeConfig } from "./support/command.ts"
import { ask, corpus, portalWith, temporaryFolder } from "./support/place.ts"

const KILLER = new URL("./support/kill-at.ts", import.meta.url).href
const KILLS = process.env["ODH_LONG"] === "1" ? 300 : 30

const lines = (n: number, last: string): string =>
  `code;valeur;jour\n${Array.from({ length: n }, (_, i) => `${String(i).padStart(5, "0")};${i},5;0${1 + (i % 9)}/03/2026\n`).join("")}${last}`

/** Three kinds of work: a table that grows, a column that becomes text (a rewrite), and an archive of many tables that is new. */
const fill = (portal: Portal): void => {
  const publications = (a: string, b: string) => [
    { at: "2026-03-01T00:00:00Z", content: { bytes: a } },
    { at: "2026-03-02T00:00:00Z", content: { bytes: b } },
  ]
  portal.add(
    dataset({
      slug: "grandit",
      title: "Grandit",
      resources: [{ title: "grandit.csv", publications: publications(lines(2_000, ""), lines(4_000, "")) }],
    }),
  )
  portal.add(
    dataset({
      slug: "change",
      title: "Change",
      resources: [
        { title: "change.csv", publications: publications(lines(500, ""), lines(500, "99999;absent;01/03/2026\n")) },
      ],
    }),
  )
  portal.add(
    dataset({
      slug: "gtfs",
      title: "GTFS",
      resources: [{ title: "gtfs.zip", content: { file: "gtfs-frioul-bom-md5/gtfs.zip" } }],
    }),
  )
}

const config = (datasets: string): string => `{
  lake: "./lake",
  network: { allowPrivate: ["127.0.0.1"] },
  sources: [datagouv({ url: portal, datasets: ${datasets} })],
  sinks: [duckdb({ path: "./warehouse.duckdb" })],
}`

/** Straight from the disk, before any process mends anything: every stored file is whole, and nothing else is there. */
const assertNoHalfFile = (lake: string): void => {
  for (const entry of readdirSync(join(lake, "raw"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const hash = createHash("sha256")
      .update(readFileSync(join(entry.parentPath, entry.name)))
      .digest("hex")
    assert.include(basename(entry.name), `-${hash.slice(0, 16)}.`, "a stored file is named after its bytes")
  }
  for (const entry of readdirSync(join(lake, "extractions"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    assert.match(entry.name, /\.(json|parquet)$/, `a foreign file: ${entry.name}`)
    if (entry.name.endsWith(".json")) JSON.parse(readFileSync(join(entry.parentPath, entry.name), "utf8"))
  }
}

/** Everything but the instants, which are each run's own. */
const contents = Effect.fnUntraced(function* (warehouse: string) {
  const tables = yield* ask(warehouse, "select table_name as t from odh.tables order by 1")
  const all: Record<string, unknown> = {}
  for (const { t } of tables) {
    all[String(t)] = yield* ask(
      warehouse,
      `select count(*)::int as rows, md5(string_agg(md5(to_json(x)::varchar), '' order by md5(to_json(x)::varchar))) as hash from (select * exclude (_extracted_at, _extraction_date, _load_id) from bronze."${String(t)}") x`,
    )
  }
  all["loads"] = yield* ask(
    warehouse,
    "select dataset_id, resource_id, file_sha256, count(*)::int as loads from odh.loads group by all order by all",
  )
  all["load tables"] = yield* ask(
    warehouse,
    "select table_name, rows, rejects, count(*)::int as loads from odh.load_tables group by all order by all",
  )
  all["rejects"] = yield* ask(warehouse, "select table_name, _row, column_name, raw from odh.rejects order by all")
  all["types"] = yield* ask(warehouse, "select table_name, column_name, type from odh.columns order by all")
  return all
})

/** How far a killed run had come, in new records and new loads. */
const phase = Effect.fnUntraced(function* (folder: string) {
  const records = readdirSync(join(folder, "lake", "extractions"), { recursive: true }).filter((path) =>
    String(path).endsWith(".json"),
  ).length
  const [row] = yield* ask(join(folder, "warehouse.duckdb"), "select count(*)::int as loads from odh.loads")
  return `${records - 2} of 3 fetched, ledger of ${String(row?.["loads"])}`
})

const random = (seed: number): number => {
  const x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0
  return (Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0) / 2 ** 32
}

describe("odh sync, killed at any moment and run again", () => {
  it.live(
    `is as if it had not been killed (${KILLS} moments)`,
    () =>
      Effect.gen(function* () {
        const parent = yield* temporaryFolder
        const portal = yield* portalWith({ files: corpus, catalogue: false, at: "2026-03-01" })
        fill(portal)
        const before = join(parent, "before")
        mkdirSync(before)
        yield* writeConfig(before, portal.url, config('["grandit", "change"]'))
        const first = yield* odh(["sync", "--quiet"], { cwd: before })
        assert.strictEqual(first.code, 0, first.err)
        portal.moveTo("2026-03-02")
        yield* writeConfig(before, portal.url, config('["grandit", "change", { id: "gtfs", into: "gtfs" }]'))

        const copy = (name: string): string => {
          const folder = join(parent, name)
          cpSync(before, folder, { recursive: true })
          return folder
        }
        const whole = copy("whole")
        const count = join(parent, "calls")
        const undisturbed = yield* odh(["sync", "--quiet"], { cwd: whole, preload: KILLER, env: { KILL_COUNT: count } })
        assert.strictEqual(undisturbed.code, 0, undisturbed.err)
        const calls = Number(readFileSync(count, "utf8"))
        const expected = yield* contents(join(whole, "warehouse.duckdb"))

        const phases = new Map<string, number>()
        yield* Effect.forEach(
          Array.from({ length: KILLS }, (_, n) => n),
          (n) =>
            Effect.gen(function* () {
              const folder = copy(`killed-${n}`)
              const moment = 1 + Math.floor((calls * (n + random(n))) / KILLS)
              const killed = yield* odh(["sync", "--quiet"], {
                cwd: folder,
                preload: KILLER,
                env: { KILL_AT: String(moment) },
              })
              const lake = join(folder, "lake")
              assertNoHalfFile(lake)
              assert.deepStrictEqual(
                (yield* verify(lake)).problems.filter((one) => one.kind !== "torn-events"),
                [],
                `the lake after a kill at call ${moment}`,
              )
              const where = killed.signal === null ? "it had ended before" : yield* phase(folder)
              phases.set(where, (phases.get(where) ?? 0) + 1)
              const again = yield* odh(["sync", "--quiet"], { cwd: folder })
              assert.strictEqual(again.code, 0, `the run after a kill at call ${moment}: ${again.err}`)
              assert.deepStrictEqual(
                yield* contents(join(folder, "warehouse.duckdb")),
                expected,
                `the warehouse after a kill at call ${moment} (${where})`,
              )
              assertNoHalfFile(lake)
              assert.deepStrictEqual(
                (yield* verify(lake)).problems.filter((one) => one.kind !== "torn-events"),
                [],
              )
              rmSync(folder, { recursive: true, force: true })
            }),
          { concurrency: 2, discard: true },
        )
        console.log(
          `killed at ${KILLS} of ${calls} calls to the disk, the state and the engine:\n${[...phases].map(([where, count]) => `  ${count} × ${where}`).join("\n")}`,
        )
        assert.isAtLeast(phases.size, 4, "the kills fell into too few phases of the work")
      }),
    900_000,
  )
})
