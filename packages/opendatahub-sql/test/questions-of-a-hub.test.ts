import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { odh, writeConfig } from "./support/command.ts"
import { temporaryFolder } from "./support/place.ts"
import { syncedHub } from "./support/synced-hub.ts"

const { json, place, run } = syncedHub()

describe("odh query", () => {
  it.effect("gives exact values as JSON lines, and a table to people", () =>
    Effect.gen(function* () {
      const sql =
        "select 9007199254740993::bigint as large, 1.10::decimal(5,2) as price, date '2026-01-31' as day, timestamptz '2026-01-31 12:00:00+02' as instant, 'é;\"' as word, null as nothing, true as yes"
      const { code, values } = yield* json(["query", sql])
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(
        values,
        [
          {
            large: "9007199254740993",
            price: "1.10",
            day: "2026-01-31",
            instant: "2026-01-31T10:00:00.000Z",
            word: 'é;"',
            nothing: null,
            yes: true,
          },
        ].map((row) => ({ ...row, instant: values[0]?.["instant"] })),
      )
      assert.match(String(values[0]?.["instant"]), /^2026-01-31T10:00:00(\.0+)?Z$/)
      const { out } = yield* run("query", "select count(*) as n from gtfs_stops")
      assert.match(out, /^n\n─+\n9\n$/)
      assert.strictEqual((yield* json(["query", "from range(20000)"])).values.length, 20_000)
      assert.include((yield* run("query", "from range(300)")).out, "the first 200 rows; `--json` gives them all")
    }),
  )

  it.effect("a mistake in SQL is a usage error; it cannot write; a missing warehouse says what makes it", () =>
    Effect.gen(function* () {
      const wrong = yield* run("query", "select nope from gtfs_stops")
      assert.deepStrictEqual([wrong.code, wrong.err.includes("nope"), wrong.out], [64, true, ""], wrong.err)
      const writing = yield* run("query", "create table t (a int)")
      assert.deepStrictEqual([writing.code, writing.err.includes("read-only")], [64, true], writing.err)
      const missing = yield* run("query", "select 1", "--sink", "nowhere.duckdb")
      assert.deepStrictEqual([missing.code, missing.err.includes("`odh sync` makes it")], [78, true], missing.err)
    }),
  )
})

describe("what looks at a hub", () => {
  it.effect("search finds datasets by words and filters, and says how to bring one here", () =>
    Effect.gen(function* () {
      const { code, out, err } = yield* run("search", "jours", "feries")
      assert.strictEqual(code, 0, err)
      assert.match(out, /jours-feries-en-france +Jours fériés/)
      assert.include(out, "odh sync DATASET")
      const { values } = yield* json(["search", "jours feries", "--max", "1"])
      const [offers] = values as unknown as ReadonlyArray<ReadonlyArray<Readonly<Record<string, unknown>>>>
      assert.deepInclude(offers?.[0], { source: "datagouv", slug: "jours-feries-en-france" })
      assert.strictEqual((yield* run("search")).code, 64)
      const unknown = yield* run("search", "x", "--filter", "licence=lov2")
      assert.deepStrictEqual([unknown.code, unknown.err.includes("license")], [78, true], unknown.err)
    }),
  )

  it.effect(
    "status, runs and tables tell people and programs the same",
    () =>
      Effect.gen(function* () {
        const status = yield* json(["status"])
        assert.strictEqual((status.values[0] as unknown as ReadonlyArray<unknown>).length, 3)
        assert.match((yield* run("status")).out, /metropole\.json +1 .*Z .*yes .*fine/)
        assert.match((yield* run("runs")).out, /sync +done +3 loaded/)
        const tables = yield* json(["tables"])
        const [all] = tables.values as unknown as ReadonlyArray<
          ReadonlyArray<{ readonly table: string; readonly rows: number }>
        >
        assert.strictEqual(all?.find((one) => one.table === "gtfs_stop_times")?.rows, 140)
        assert.match((yield* run("tables")).out, /gtfs_stop_times +140/)
      }),
    60_000,
  )

  it.effect("rejects: counts by table, then the raw texts of one", () =>
    Effect.gen(function* () {
      assert.match((yield* run("rejects")).out, /jours_feries_en_france_metropole +cell +value .* 285 /)
      const { values } = yield* json(["rejects", "jours_feries_en_france_metropole", "--last", "3"])
      assert.lengthOf(values, 3)
      assert.deepInclude(values[0], { column: "value" })
      assert.isTrue(values.every((row) => typeof row["raw"] === "string" && row["raw"] !== ""))
    }),
  )

  it.effect(
    "lake ls shows what is kept, lake verify that it is whole; one bit more and it says which file",
    () =>
      Effect.gen(function* () {
        const { out } = yield* run("lake", "ls")
        for (const words of ["Jours fériés en France", "metropole.json", "raw/source=datagouv/", "gtfs.zip"])
          assert.include(out, words)
        const whole = yield* run("lake", "verify")
        assert.deepStrictEqual(
          [whole.code, /3 records, 3 files.*all as recorded/.test(whole.out)],
          [0, true],
          whole.out,
        )
        const path = /raw\/source=datagouv\/\S+\.json/.exec(out)?.[0] ?? ""
        const file = join(place().cwd, "data/lake", path)
        const before = readFileSync(file)
        yield* Effect.promise(() => rm(file).then(() => writeFile(file, Buffer.concat([before, Buffer.from(" ")]))))
        const spoiled = yield* run("lake", "verify")
        assert.strictEqual(spoiled.code, 65)
        assert.include(spoiled.out, path.slice(0, 20))
        yield* Effect.promise(() => rm(file).then(() => writeFile(file, before)))
        assert.strictEqual((yield* run("lake", "verify")).code, 0)
      }),
    60_000,
  )

  it.effect(
    "replay finds everything loaded; a state that is made again tells the same",
    () =>
      Effect.gen(function* () {
        const replay = yield* json(["replay"])
        assert.deepStrictEqual([replay.code, replay.values[0]?.["status"]], [0, "unchanged"])
        assert.include((yield* run("replay", "--to", "2020-01-01")).out, "nothing to do")
        const before = yield* json(["tables"])
        const rebuilt = yield* run("state", "rebuild")
        assert.deepStrictEqual([rebuilt.code, rebuilt.out.includes("made again")], [0, true])
        assert.deepStrictEqual((yield* json(["tables"])).values, before.values)
      }),
    60_000,
  )

  it.effect("sync --only keeps to the resources of one table; --quiet says nothing but the result", () =>
    Effect.gen(function* () {
      const { code, out, err } = yield* run("sync", "--only", "gtfs", "--quiet")
      assert.deepStrictEqual([code, err], [0, ""])
      assert.match(out, /gtfs\.zip +unchanged/)
      assert.notInclude(out, "jours-feries")
    }),
  )

  it.effect("doctor checks what a run needs", () =>
    Effect.gen(function* () {
      const { code, out } = yield* run("doctor")
      assert.strictEqual(code, 0, out)
      for (const words of ["Node", "DuckDB", "sources datagouv", "free", "opens"]) assert.include(out, words)
      assert.notInclude(out, "NOT OK")
    }),
  )

  it.effect("--lake and ODH_LAKE take another lake", () =>
    Effect.gen(function* () {
      assert.include((yield* run("status", "--lake", "./other")).err, "there is no lake at")
      const { cwd } = place()
      assert.include((yield* odh(["status"], { cwd, env: { ODH_LAKE: "./other" } })).err, join(cwd, "other"))
    }),
  )

  it.effect("warnings of the packages are remarks, not results", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* writeConfig(
        folder,
        place().portal.url,
        '{ sources: [datagouv({ url: portal, search: [{ organization: "institut-national-de-la-statistique-et-des-etudes-economiques-insee", max: 1 }] })] }',
      )
      const { code, values, log } = yield* json(["plan"], { cwd: folder })
      assert.strictEqual(code, 0)
      assert.lengthOf(values, 1)
      assert.isTrue(
        log.some((line) => line["level"] === "warn" && String(line["message"]).includes("max")),
        JSON.stringify(log),
      )
    }),
  )
})
