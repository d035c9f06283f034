import { assert, describe, it } from "@effect/vitest"
import { dataset, type Portal, type PublicationInput } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { readdir } from "node:fs/promises"
import { hubOf, placeIn, sync, words } from "./support/hub.ts"
import { ask, contentsOf, corpus, emptyPortal, fileRequests, portalWith, temporaryFolder } from "./support/place.ts"

const A = "code;valeur\n01001;1\n2A004;2\n"
const B = "code;valeur\n01001;1\n2A004;3\n75056;4\n"
const publications = (...contents: ReadonlyArray<string>): ReadonlyArray<PublicationInput> =>
  contents.map((bytes, index) => ({ at: `2026-03-0${index + 1}T00:00:00Z`, content: { bytes } }))

/** One hosted file with successive states: each has its own URL, as on the portal. */
const oneFile = (portal: Portal, contents: ReadonlyArray<string>): string => {
  portal.add(
    dataset({
      slug: "releves",
      title: "Relevés",
      resources: [
        { id: "11111111-1111-4111-8111-111111111111", title: "releves.csv", publications: publications(...contents) },
      ],
    }),
  )
  portal.moveTo("2026-03-01")
  return "11111111-1111-4111-8111-111111111111"
}
/** A file elsewhere: same URL for ever, replaced without a word. */
const remoteFile = (portal: Portal, bytes: string): string => {
  portal.add(
    dataset({
      slug: "releves",
      title: "Relevés",
      resources: [
        {
          id: "22222222-2222-4222-8222-222222222222",
          title: "releves.csv",
          url: "https://mairie.fr/releves.csv",
          content: { bytes },
        },
      ],
    }),
  )
  return "22222222-2222-4222-8222-222222222222"
}

/** The states of a table, as of each extraction that it was loaded from, oldest first. */
const values = Effect.fnUntraced(function* (warehouse: string, table: string) {
  const loads = yield* ask(
    warehouse,
    `select distinct extracted_at::varchar as at from odh.loads join odh.load_tables using (load_key) where table_name = '${table}' order by 1`,
  )
  return yield* Effect.forEach(loads, ({ at }) => pairs(warehouse, `as_of('${table}', '${String(at)}')`))
})
const pairs = (warehouse: string, relation: string) =>
  Effect.map(ask(warehouse, `select code, valeur from ${relation} order by 1, 2`), (rows) =>
    rows.map((row) => `${String(row["code"])}=${String(row["valeur"])}`),
  )
const current = (warehouse: string, table: string) => pairs(warehouse, `bronze."${table}"`)
const ofA = ["01001=1", "2A004=2"]
const ofB = ["01001=1", "2A004=3", "75056=4"]

describe("the history of a resource", () => {
  it.effect("A, then B, then A again are three extractions, each with its rows, and the table is the third", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      oneFile(portal, [A, B, A])
      const hub = yield* hubOf(place, portal, ["releves"])
      for (const day of ["2026-03-01", "2026-03-02", "2026-03-03"]) {
        portal.moveTo(day)
        assert.deepStrictEqual(words(yield* sync(hub)), ["releves.csv: loaded"], day)
      }
      assert.deepStrictEqual(yield* values(place.warehouse, "releves"), [ofA, ofB, ofA])
      assert.deepStrictEqual(yield* current(place.warehouse, "releves"), ofA)
      const raw = yield* Effect.promise(() => readdir(place.lake, { recursive: true }))
      assert.lengthOf(
        raw.filter((path) => path.startsWith("raw/") && path.endsWith(".csv")),
        2,
        "A's bytes are kept once",
      )
      assert.lengthOf(
        raw.filter((path) => path.startsWith("extractions/") && path.endsWith(".json")),
        3,
        "and have two records",
      )
      const shas = yield* ask(place.warehouse, "select extracted_at, file_sha256 as sha from odh.loads order by 1")
      assert.strictEqual(shas[0]?.["sha"], shas[2]?.["sha"])
    }),
  )

  it.effect("`latest` holds the newest extraction only", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      oneFile(portal, [A, B])
      const hub = yield* hubOf(place, portal, ["releves"], { tables: { releves: { mode: "latest" } } })
      yield* sync(hub)
      assert.deepStrictEqual(yield* current(place.warehouse, "releves"), ofA)
      portal.moveTo("2026-03-02")
      yield* sync(hub)
      assert.deepStrictEqual(yield* current(place.warehouse, "releves"), ofB)
      const before = yield* contentsOf(place.warehouse)
      assert.deepStrictEqual(words(yield* sync(hub)), ["releves.csv: unchanged"])
      assert.deepStrictEqual(yield* contentsOf(place.warehouse), before)
    }),
  )

  it.effect("a file that did not change is not sent again: the server says so", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      remoteFile(portal, A)
      const hub = yield* hubOf(place, portal, ["releves"])
      yield* sync(hub)
      portal.clear()
      const report = yield* sync(hub)
      assert.strictEqual(report.status, "unchanged")
      assert.deepStrictEqual(
        fileRequests(portal).map(({ status, bytes }) => [status, bytes]),
        [[304, 0]],
      )
      assert.deepStrictEqual(yield* values(place.warehouse, "releves"), [ofA])
    }),
  )

  it.effect("same bytes under a new ETag make no extraction", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      const id = remoteFile(portal, A)
      const hub = yield* hubOf(place, portal, ["releves"])
      yield* sync(hub)
      portal.misbehave(id, { kind: "changing-etag" })
      assert.strictEqual((yield* sync(hub)).status, "unchanged")
      portal.behave()
      const records = yield* Effect.promise(() => readdir(`${place.lake}/extractions`, { recursive: true }))
      assert.lengthOf(
        records.filter((path) => path.endsWith(".json")),
        1,
      )
      assert.deepStrictEqual(yield* values(place.warehouse, "releves"), [ofA])
    }),
  )

  it.effect("a file that is replaced behind the same URL is a new extraction", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      const id = remoteFile(portal, A)
      const hub = yield* hubOf(place, portal, ["releves"])
      yield* sync(hub)
      portal.replace(id, { bytes: B })
      yield* sync(hub)
      assert.deepStrictEqual(yield* values(place.warehouse, "releves"), [ofA, ofB])
    }),
  )

  it.effect("validators of one URL are not sent to another", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      oneFile(portal, [A, B])
      const hub = yield* hubOf(place, portal, ["releves"])
      yield* sync(hub)
      portal.clear()
      portal.moveTo("2026-03-02")
      yield* sync(hub)
      for (const { path, headers } of fileRequests(portal)) assert.notProperty(headers, "if-none-match", path)
      portal.clear()
      yield* sync(hub)
      assert.isTrue(
        fileRequests(portal).some(({ headers, status }) => headers["if-none-match"] !== undefined && status === 304),
        "but they are sent where they belong",
      )
    }),
  )

  it.effect(
    "a real file, over its real history: the newest state is what Python reads, and each state stays as it was",
    () =>
      Effect.gen(function* () {
        const portal = yield* portalWith({ files: corpus })
        const place = placeIn(yield* temporaryFolder)
        const hub = yield* hubOf(place, portal, [{ id: "5e7e104ace2080d9162b61d8", into: "hospitalisations" }])
        // The 29th of June holds two forms of date, the 30th one again.
        for (const day of ["2020-03-23", "2020-03-24", "2020-06-29", "2020-06-30"]) {
          portal.moveTo(day)
          const [only] = (yield* sync(hub)).resources
          assert.strictEqual(only?.status, "loaded", day)
        }
        const loads = yield* ask(place.warehouse, "select extracted_at::varchar as at from odh.loads order by 1")
        const states = yield* Effect.forEach(loads.slice(2), ({ at }) =>
          ask(
            place.warehouse,
            `select count(*)::int as rows, sum(hosp)::varchar as hosp from as_of('hospitalisations', '${String(at)}')`,
          ),
        )
        assert.deepStrictEqual(
          states.map(([row]) => row?.["rows"]),
          [31_515, 31_818],
        )
        assert.strictEqual(states[0]?.[0]?.["hosp"], "3943140")
        const [latest] = yield* ask(
          place.warehouse,
          "select count(*)::int as rows, min(jour)::varchar as first from bronze.hospitalisations",
        )
        assert.deepStrictEqual(latest, { rows: 31_818, first: "2020-03-18" })
      }),
    120_000,
  )
})

describe("what becomes of a dataset", () => {
  const two = (portal: Portal) => {
    for (const slug of ["premier", "second"])
      portal.add(dataset({ slug, title: slug, resources: [{ title: `${slug}.csv`, content: { bytes: A } }] }))
    return hubOf
  }

  for (const [state, become] of [
    ["deleted", (portal: Portal) => portal.delete("premier")],
    ["archived", (portal: Portal) => portal.archive("premier")],
    ["private-or-missing", (portal: Portal) => portal.makePrivate("premier")],
  ] as const) {
    it.effect(`${state}: it is told, the other goes on, and its rows stay`, () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const place = placeIn(yield* temporaryFolder)
        const hub = yield* two(portal)(place, portal, ["premier", "second"])
        yield* sync(hub)
        become(portal)
        const report = yield* sync(hub)
        assert.deepStrictEqual(
          report.gone.map((one) => one.state),
          [state],
        )
        assert.deepStrictEqual(words(report), ["second.csv: unchanged"])
        assert.deepStrictEqual(yield* current(place.warehouse, "premier"), ofA)
      }),
    )
  }

  it.effect("not selected any more: it is told once, and its rows stay", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      yield* sync(yield* two(portal)(place, portal, ["premier", "second"]))
      const hub = yield* hubOf(place, portal, ["second"])
      assert.deepStrictEqual(
        (yield* sync(hub)).gone.map((one) => one.state),
        ["unselected"],
      )
      assert.deepStrictEqual((yield* sync(hub)).gone, [])
      assert.deepStrictEqual(yield* values(place.warehouse, "premier"), [ofA])
    }),
  )

  it.effect("a second resource: the first keeps its table, the second gets a name of its own", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      oneFile(portal, [A, B])
      const hub = yield* hubOf(place, portal, ["releves"])
      yield* sync(hub)
      portal.addResource("releves", { title: "stations.csv", content: { bytes: "station;code\nx;1\n" } })
      portal.moveTo("2026-03-02")
      const report = yield* sync(hub)
      assert.sameMembers(
        report.resources.flatMap((one) => one.tables.map((table) => table.name)),
        ["releves", "releves_stations"],
      )
      assert.deepStrictEqual(yield* values(place.warehouse, "releves"), [ofA, ofB])
    }),
  )

  it.effect("renamed: its resources go on, in the tables they had", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      oneFile(portal, [A, B])
      const hub = yield* hubOf(place, portal, ["releves"])
      yield* sync(hub)
      portal.rename("releves", "releves-hydrologiques")
      portal.moveTo("2026-03-02")
      yield* sync(hub)
      assert.deepStrictEqual(yield* values(place.warehouse, "releves"), [ofA, ofB])
    }),
  )
})
