import { assert, describe, it } from "@effect/vitest"
import type { Hub } from "@opendatahub-sql/core/config"
import { decodeConfig } from "@opendatahub-sql/core/config"
import { datagouv, duckdb, inHub, preset, sync } from "opendatahub-sql"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { placeIn } from "./support/hub.ts"
import { ask, corpus, portalWith, temporaryFolder } from "./support/place.ts"

const folder = join(corpus, "history-covid-hospit")
const days = readdirSync(folder)
  .filter((name) => name.endsWith(".csv.gz"))
  .map((name) => name.slice(0, 10))
  .toSorted()

/** A file of the corpus read alone, by nothing of ours: its rows as text, dates as ISO, sorted. Some lines end in `\r\r\n`. */
const fileOf = (day: string): ReadonlyArray<string> =>
  gunzipSync(readFileSync(join(folder, `${day}.csv.gz`)))
    .toString("utf8")
    .split(/[\r\n]+/)
    .slice(1)
    .filter((line) => line !== "")
    .map((line) =>
      line
        .replaceAll('"', "")
        .split(";")
        .map((cell) => cell.replace(/^(\d\d)\/(\d\d)\/(\d{4})$/, "$3-$2-$1"))
        .join(";"),
    )
    .toSorted()

const asOfDay = (day: string): string =>
  `select concat_ws(';', coalesce(dep, ''), sexe, jour, hosp, rea, rad, dc) as line from as_of('hospitalisations', '${day} 23:00:00')`

/** The time stands still at 20:00 of a date, three hours after the portal publishes; waits are real. */
const at = <A, E, R>(day: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const ms = Date.parse(`${day}T20:00:00Z`)
    return Effect.provideService(effect, Clock.Clock, {
      currentTimeMillis: Effect.succeed(ms),
      currentTimeMillisUnsafe: () => ms,
      currentTimeNanos: Effect.succeed(BigInt(ms) * 1_000_000n),
      currentTimeNanosUnsafe: () => BigInt(ms) * 1_000_000n,
      monotonicTimeNanos: clock.monotonicTimeNanos,
      monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
      sleep: (duration) => clock.sleep(duration),
    })
  })

const hubOf = (place: ReturnType<typeof placeIn>, url: string): Effect.Effect<Hub, unknown> =>
  decodeConfig(
    {
      lake: place.lake,
      network: { allowPrivate: ["127.0.0.1"] },
      sources: [datagouv({ url, datasets: [{ id: "5e7e104ace2080d9162b61d8", into: "hospitalisations" }] })],
      sinks: [duckdb({ path: place.warehouse })],
    },
    preset(),
  )

describe("28 real states of one file, from portal to SQL", () => {
  it.effect(
    "as of each of the 28 days, the table is the file of that day; unchanged days store nothing",
    () =>
      Effect.gen(function* () {
        assert.lengthOf(days, 28)
        const portal = yield* portalWith({ files: corpus })
        const place = placeIn(yield* temporaryFolder)
        const hub = yield* hubOf(place, portal.url)
        for (const day of days) {
          portal.moveTo(day)
          const report = yield* at(day, inHub(hub, "sync", sync(hub, { datasets: [] })))
          assert.strictEqual(report.status, "loaded", `${day}: ${JSON.stringify(report.resources)}`)
        }
        for (const day of days) {
          const rows = yield* ask(place.warehouse, asOfDay(day))
          const ours = rows.map((row) => String(row["line"])).toSorted()
          const theirs = fileOf(day)
          const differences = ours.flatMap((line, index) =>
            line === theirs[index] ? [] : [`${line} for ${theirs[index] ?? "nothing"}`],
          )
          assert.deepStrictEqual([ours.length, ...differences.slice(0, 3)], [theirs.length], day)
        }
        // What is kept is what ever differed: no row is stored twice without having gone in between.
        const distinct = new Set(days.flatMap(fileOf)).size
        const [stored] = yield* ask(
          place.warehouse,
          "select (select count(*) from history_added.hospitalisations) as added, (select count(*) from history_removed.hospitalisations) as removed",
        )
        assert.isAtLeast(Number(stored?.["added"]), distinct)
        const current = yield* ask(place.warehouse, "select count(*) as rows from bronze.hospitalisations")
        assert.strictEqual(Number(current[0]?.["rows"]), fileOf("2020-06-30").length)
        console.log(
          `${days.reduce((sum, day) => sum + fileOf(day).length, 0)} rows in 28 files, ${distinct} distinct: ${String(stored?.["added"])} stored, ${String(stored?.["removed"])} removals`,
        )

        // Two times: a state counts from when the portal published it, or from when it was fetched.
        const published = yield* ask(
          place.warehouse,
          `select strftime(extracted_at, '%Y-%m-%d') as day, published_at::varchar as published, strftime(lag(extracted_at) over (order by extracted_at), '%Y-%m-%d') as "before"
           from odh.history qualify published_at < extracted_at and published_at > lag(extracted_at) over (order by extracted_at)`,
        )
        assert.isNotEmpty(published)
        for (const row of [published[0], published.at(-1)]) {
          const stateBy = (clock: string) =>
            Effect.map(
              ask(
                place.warehouse,
                `select count(*)::int as rows, sum(hosp)::int as hosp from as_of('hospitalisations', '${String(row?.["published"])}', clock := '${clock}')`,
              ),
              ([state]) => [state?.["rows"], state?.["hosp"]],
            )
          const inFile = (day: unknown) => [
            fileOf(String(day)).length,
            fileOf(String(day)).reduce((sum, line) => sum + Number(line.split(";")[3]), 0),
          ]
          assert.deepStrictEqual(yield* stateBy("published"), inFile(row?.["day"]))
          assert.deepStrictEqual(yield* stateBy("extracted"), inFile(row?.["before"]))
        }

        const again = yield* at("2020-07-01", inHub(hub, "sync", sync(hub, { datasets: [] })))
        assert.strictEqual(again.status, "unchanged")
      }),
    900_000,
  )
})
