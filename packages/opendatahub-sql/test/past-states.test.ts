import { assert, describe, it } from "@effect/vitest"
import { decodeConfig } from "@opendatahub-sql/core/config"
import { verify } from "@opendatahub-sql/lake"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { datagouv, duckdb, inHub, preset, sync } from "opendatahub-sql"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { dateIn, periods } from "../src/commands/lake/dates.ts"
import { keepPast, resourcesMeant } from "../src/past-states.ts"
import { odh, odhJson, writeConfig } from "./support/command.ts"
import { placeIn } from "./support/hub.ts"
import { ask, corpus, emptyPortal, portalWith, temporaryFolder } from "./support/place.ts"

const states = join(corpus, "history-covid-hospit")
const allDays = readdirSync(states)
  .filter((name) => name.endsWith(".csv.gz"))
  .map((name) => name.slice(0, 10))
  .toSorted()
const DATASET = "5e7e104ace2080d9162b61d8"

/** With ODH_LONG all 28 states, else every fourth. */
const days = process.env["ODH_LONG"] === "1" ? allDays : allDays.filter((_, index) => index % 4 === 3)

const bytesOf = (day: string): Buffer => gunzipSync(readFileSync(join(states, `${day}.csv.gz`)))

/** A file of the corpus read alone, by nothing of ours: its rows as text, dates as ISO, sorted. Some lines end in `\r\r\n`. */
const rowsOf = (day: string): ReadonlyArray<string> =>
  bytesOf(day)
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

const asOf = (warehouse: string, day: string) =>
  Effect.map(
    ask(
      warehouse,
      `select concat_ws(';', coalesce(dep, ''), sexe, jour, hosp, rea, rad, dc) as line from as_of('hospitalisations', '${day} 23:59:00')`,
    ),
    (rows) => rows.map((row) => String(row["line"])).toSorted(),
  )

describe("past states", () => {
  it("are dated by their names as people write them, and by nothing that only looks like a date", () => {
    const dated: Readonly<Record<string, string | undefined>> = {
      "donnees-hospitalieres-covid19-2020-06-29-19h00.csv": "2020-06-29T19:00:00.000Z",
      "20200629.csv": "2020-06-29T00:00:00.000Z",
      "StockUniteLegale_20200629_1230.zip": "2020-06-29T12:30:00.000Z",
      "prix-29-06-2020.xml": "2020-06-29T00:00:00.000Z",
      "etat_29062020.csv": "2020-06-29T00:00:00.000Z",
      "valeurs-2020-06.csv": "2020-06-01T00:00:00.000Z",
      "2020-02-30.csv": undefined,
      "lieux-2023.csv": undefined,
      "siret-12345678901234.csv": undefined,
      "https://example.org/2020/06/29/etat.csv": "2020-06-29T00:00:00.000Z",
    }
    for (const [name, at] of Object.entries(dated)) assert.strictEqual(dateIn(name), at, name)
    assert.deepStrictEqual(periods("2020-01-30", "2020-02-02", "day").length, 4)
    assert.deepStrictEqual(periods("2019-11-01", "2020-01-01", "month"), ["2019-11-01", "2019-12-01", "2020-01-01"])
  })

  it.live(
    "that somebody kept enter the timeline before what was fetched since, in any order, and every day reads as its file",
    () =>
      Effect.gen(function* () {
        const portal = yield* portalWith({ files: corpus })
        const place = placeIn(yield* temporaryFolder)
        const last = days.at(-1) ?? ""
        portal.moveTo(last)
        const hub = yield* decodeConfig(
          {
            lake: place.lake,
            network: { allowPrivate: ["127.0.0.1"] },
            sources: [datagouv({ url: portal.url, datasets: [{ id: DATASET, into: "hospitalisations" }] })],
            sinks: [duckdb({ path: place.warehouse })],
          },
          preset(),
        )
        yield* inHub(hub, "sync", sync(hub, { datasets: [] }))
        const past = days.slice(0, -1)
        const shuffled = [...past.filter((_, index) => index % 2 === 1), ...past.filter((_, index) => index % 2 === 0)]
        const archived = shuffled.map((day) => {
          const from = join(place.folder, `covid-hosp-${day}.csv`)
          writeFileSync(from, bytesOf(day))
          return { from, at: dateIn(from) ?? "" }
        })
        const importAll = inHub(
          hub,
          "lake import",
          Effect.flatMap(resourcesMeant(hub, DATASET), ([resource]) =>
            resource === undefined ? Effect.die("no resource") : keepPast(hub, resource, archived, "imported"),
          ),
        )
        const outcomes = (yield* importAll).states.map(({ outcome }) => outcome)
        assert.isTrue(outcomes.every((outcome) => outcome === "kept"))
        for (const day of past) assert.deepStrictEqual(yield* asOf(place.warehouse, day), rowsOf(day), day)
        assert.strictEqual((yield* asOf(place.warehouse, "2099-01-01")).length, rowsOf(last).length)
        assert.isTrue((yield* importAll).states.every(({ outcome }) => outcome === "unchanged"))
        const { records, files: stored, problems } = yield* verify(place.lake)
        assert.deepStrictEqual([records, stored, problems], [days.length, days.length, []])
      }),
    300_000,
  )

  it.live(
    "come from addresses that hold their date; one that is not there stops no other; old ones can be pruned",
    () =>
      Effect.gen(function* () {
        const contents: Readonly<Record<string, string>> = {
          "/2020/etat-2020-01-01.csv": "code;n\na;1\nb;2\n",
          "/2020/etat-2020-01-03.csv": "code;n\na;1\nb;3\n",
        }
        const server = yield* Effect.acquireRelease(
          Effect.promise(
            () =>
              new Promise<ReturnType<typeof createServer>>((resolve) => {
                const made = createServer((request, response) => {
                  const body = contents[request.url ?? ""]
                  if (body === undefined) response.writeHead(404).end()
                  else response.writeHead(200, { "content-type": "text/csv" }).end(body)
                })
                made.listen(0, "127.0.0.1", () => resolve(made))
              }),
          ),
          (made) =>
            Effect.promise(
              () =>
                new Promise<void>((resolve) => {
                  made.closeAllConnections()
                  made.close(() => resolve())
                }),
            ),
        )
        const portal = yield* emptyPortal
        portal.add(
          dataset({
            slug: "releves",
            title: "Relevés",
            resources: [
              {
                id: "11111111-1111-4111-8111-111111111111",
                title: "releves.csv",
                publications: [{ at: "2026-03-01T00:00:00Z", content: { bytes: "code;n\na;9\nb;9\n" } }],
              },
            ],
          }),
        )
        portal.moveTo("2026-03-01")
        const place = placeIn(yield* temporaryFolder)
        yield* writeConfig(
          place.folder,
          portal.url,
          `{ lake: "./lake", network: { allowPrivate: ["127.0.0.1"] }, sinks: [duckdb({ path: "./warehouse.duckdb" })],
          sources: [datagouv({ url: portal, datasets: [{ id: "releves", into: "releves" }] })] }`,
        )
        yield* odh(["sync"], { cwd: place.folder })
        const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{yyyy}/etat-{date}.csv`
        const args = ["lake", "backfill", "releves", address, "--from", "2020-01-01", "--to", "2020-01-03"]
        const done = yield* odhJson(args, { cwd: place.folder })
        assert.strictEqual(done.code, 75)
        const told = done.values[0] as { readonly states: ReadonlyArray<{ readonly outcome: string }> }
        assert.deepStrictEqual(
          told.states.map(({ outcome }) => outcome),
          ["kept", "failed", "kept"],
        )
        const numbers = (at: string) =>
          Effect.map(
            ask(place.warehouse, `select string_agg(n, '' order by code) as n from as_of('releves', '${at}')`),
            ([row]) => row?.["n"],
          )
        assert.deepStrictEqual(
          [yield* numbers("2020-01-02"), yield* numbers("2020-01-04"), yield* numbers("2099-01-01")],
          ["12", "13", "99"],
        )
        const planned = yield* odhJson(["lake", "prune", "--older-than", "30", "--one-per", "month"], {
          cwd: place.folder,
        })
        assert.deepInclude(planned.values[0], { applied: false, extractions: 1 })
        const pruned = yield* odhJson(["lake", "prune", "releves", "--older-than", "30", "--apply"], {
          cwd: place.folder,
        })
        assert.deepInclude(pruned.values[0], { applied: true, extractions: 2 })
        const { records, problems } = yield* verify(place.lake)
        assert.deepStrictEqual([records, problems], [1, []])
        assert.strictEqual(yield* numbers("2020-01-02"), "12")
        assert.strictEqual((yield* odh(["lake", "prune"], { cwd: place.folder })).code, 64)
      }),
  )
})
