import { assert, describe, it } from "@effect/vitest"
import { decodeConfig, type HubConfig } from "@opendatahub-sql/core/config"
import { heldBack } from "@opendatahub-sql/lake"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { datagouv, duckdb, inHub, replay, sync as syncHub } from "opendatahub-sql"
import { reject, release, rollback } from "../src/decisions.ts"
import { preset } from "../src/preset.ts"
import { odh, writeConfig } from "./support/command.ts"
import { hubOf, type Place, placeIn, sync } from "./support/hub.ts"
import { ask, emptyPortal, temporaryFolder } from "./support/place.ts"

const rows = (...of: ReadonlyArray<number>): string => `code;valeur\n${of.map((n) => `c${n};${n}\n`).join("")}`
const many = Array.from({ length: 40 }, (_, n) => n)
const GOOD = rows(...many)
const id = "11111111-1111-4111-8111-111111111111"

/** One file with a state a day. */
const publish = (portal: Portal, ...states: ReadonlyArray<string>): void => {
  portal.add(
    dataset({
      slug: "releves",
      title: "Relevés",
      resources: [
        {
          id,
          title: "releves.csv",
          publications: states.map((bytes, day) => ({ at: `2026-03-0${day + 1}T00:00:00Z`, content: { bytes } })),
        },
      ],
    }),
  )
}
const hubWith = (place: Place, portal: Portal, more: HubConfig = {}) =>
  decodeConfig(
    {
      lake: place.lake,
      network: { allowPrivate: ["127.0.0.1"] },
      sources: [datagouv({ url: portal.url, datasets: ["releves"] })],
      sinks: [duckdb({ path: place.warehouse })],
      ...more,
    },
    preset(),
  )
type Decoded = Effect.Success<ReturnType<typeof hubWith>>

const syncDay = Effect.fnUntraced(function* (hub: Decoded, portal: Portal, day: number) {
  portal.moveTo(`2026-03-0${day}`)
  return yield* inHub(hub, "sync", syncHub(hub, { datasets: [] }))
})
const statusOf = (report: Effect.Success<ReturnType<typeof syncDay>>): string | undefined => report.resources[0]?.status
const count = (place: Place, relation = "bronze.releves") =>
  Effect.map(ask(place.warehouse, `select count(*)::int as n from ${relation}`), ([row]) => row?.["n"])
const key = (hub: Decoded) => Effect.map(heldBack(hub.lake), (all) => all[0] ?? assert.fail("nothing is held back"))

const suspicious: ReadonlyArray<readonly [what: string, bytes: string, why: RegExp]> = [
  ["nine rows in ten are gone", rows(1, 2, 3, 4), /has 4 rows, 40 in the extraction before/],
  ["a page for people answers in its place", "<!doctype html><html><body>Maintenance</body></html>", /HTML page/],
]

describe("an extraction is held back", () => {
  for (const [what, bytes, why] of suspicious) {
    it.live(`when ${what}: kept, not loaded, told each time, and the next good one is loaded`, () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const place = placeIn(yield* temporaryFolder)
        publish(portal, GOOD, bytes, `${GOOD}c99;99\n`)
        const hub = yield* hubWith(place, portal)
        yield* syncDay(hub, portal, 1)
        const held = yield* syncDay(hub, portal, 2)
        assert.strictEqual(statusOf(held), "rejected")
        assert.match(JSON.stringify(held.resources[0]?.failure), why)
        assert.match((yield* key(hub)).message ?? "", why)
        const again = yield* syncDay(hub, portal, 2)
        assert.strictEqual(statusOf(again), "unchanged")
        assert.match(again.resources[0]?.warnings.join() ?? "", why)
        assert.strictEqual(yield* count(place), 40)
        assert.strictEqual(statusOf(yield* syncDay(hub, portal, 3)), "loaded")
        assert.strictEqual(yield* count(place), 41)
      }),
    )
  }

  it.live("only where the table has the rule, and never at the first extraction", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      publish(portal, "code;valeur\n", GOOD, rows(1))
      const hub = yield* hubWith(place, portal, { tables: { releves: { quarantine: false } } })
      for (const [day, n] of [
        [1, 0],
        [2, 40],
        [3, 1],
      ] as const) {
        assert.strictEqual(statusOf(yield* syncDay(hub, portal, day)), "loaded")
        assert.strictEqual(yield* count(place), n)
      }
    }),
  )

  it.live("not because the configuration gives its table another name", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      publish(portal, GOOD, rows(1, 2, 3))
      yield* syncDay(yield* hubWith(place, portal), portal, 1)
      const sources = [datagouv({ url: portal.url, datasets: [{ id: "releves", into: "autre" }] })]
      assert.strictEqual(statusOf(yield* syncDay(yield* hubWith(place, portal, { sources }), portal, 2)), "loaded")
      assert.strictEqual(yield* count(place, "bronze.autre"), 3)
    }),
  )

  it.live("until a person releases it; a new warehouse takes it then, too", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      publish(portal, GOOD, rows(1))
      const hub = yield* hubWith(place, portal)
      yield* syncDay(hub, portal, 1)
      yield* syncDay(hub, portal, 2)
      const held = yield* key(hub)
      const [result] = yield* inHub(hub, "release", release(hub, held, held.extractedAt, "it is the new normal"))
      assert.strictEqual(result?.status, "loaded")
      assert.deepStrictEqual(yield* heldBack(hub.lake), [])
      assert.strictEqual(yield* count(place), 1)
      yield* Effect.promise(() => rm(place.warehouse))
      assert.strictEqual(statusOf(yield* syncDay(hub, portal, 2)), "loaded")
      assert.strictEqual(yield* count(place), 1)
    }),
  )

  it.live("for ever when a person rejects it: no sync, replay or new warehouse loads it", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      publish(portal, GOOD, rows(1))
      const hub = yield* hubWith(place, portal)
      yield* syncDay(hub, portal, 1)
      yield* syncDay(hub, portal, 2)
      const held = yield* key(hub)
      assert.deepStrictEqual(yield* inHub(hub, "reject", reject(hub, held, held.extractedAt, "truncated")), [])
      assert.deepInclude(yield* key(hub), { verdict: "rejected", why: "truncated" })
      assert.deepStrictEqual((yield* syncDay(hub, portal, 2)).resources[0]?.warnings, [], "it is not told again")
      yield* Effect.promise(() => rm(place.warehouse))
      yield* syncDay(hub, portal, 2)
      yield* inHub(hub, "replay", replay(hub, { datasets: [] }, {}))
      assert.strictEqual(yield* count(place), 40)
    }),
  )
})

describe("a rollback", () => {
  for (const mode of ["history", "latest"] as const) {
    it.live(`takes the newest state of a table back in mode ${mode}, and a release brings it again`, () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const place = placeIn(yield* temporaryFolder)
        publish(portal, GOOD, `${GOOD}c99;99\n`)
        const hub = yield* hubWith(place, portal, { mode })
        const state = () => count(place, mode === "latest" ? "bronze.releves" : "bronze.releves_latest")
        yield* syncDay(hub, portal, 1)
        yield* syncDay(hub, portal, 2)
        assert.strictEqual(yield* state(), 41)
        const out = yield* inHub(hub, "rollback", rollback(hub, { table: "releves", why: "wrong month" }))
        assert.lengthOf(out, 1)
        assert.strictEqual(yield* state(), 40)
        assert.strictEqual(statusOf(yield* syncDay(hub, portal, 2)), "unchanged")
        assert.strictEqual(yield* state(), 40, "the next sync does not bring it back")
        const held = yield* key(hub)
        yield* inHub(hub, "release", release(hub, held, held.extractedAt, "it was right"))
        assert.strictEqual(yield* state(), 41)
      }),
    )
  }
})

describe('onGone: "close"', () => {
  for (const mode of ["history", "latest"] as const) {
    it.live(`ends the rows of what is gone in mode ${mode}, once, and has them again when it is back`, () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const place = placeIn(yield* temporaryFolder)
        publish(portal, GOOD)
        const hub = yield* hubWith(place, portal, { mode, tables: { releves: { onGone: "close" } } })
        const nothing = yield* hubWith(place, portal, {
          mode,
          tables: { releves: { onGone: "close" } },
          sources: [datagouv({ url: portal.url })],
        })
        const state = () => count(place, mode === "latest" ? "bronze.releves" : "bronze.releves_latest")
        yield* syncDay(hub, portal, 1)
        assert.strictEqual(yield* state(), 40)
        const [closing] = (yield* syncDay(nothing, portal, 1)).closings
        assert.deepInclude(closing, { how: "closed", tables: ["releves"] })
        assert.strictEqual(yield* state(), 0)
        assert.deepStrictEqual((yield* syncDay(nothing, portal, 1)).closings, [])
        const back = yield* syncDay(hub, portal, 1)
        assert.deepInclude(back.closings[0], { how: "back" })
        assert.strictEqual(yield* state(), 40)
      }),
    )
  }
})

it.live("programs decide by the handle of a hub", () =>
  Effect.gen(function* () {
    const portal = yield* emptyPortal
    const place = placeIn(yield* temporaryFolder)
    publish(portal, GOOD, rows(1))
    const hub = yield* hubOf(place, portal, ["releves"])
    portal.moveTo("2026-03-01")
    yield* sync(hub)
    portal.moveTo("2026-03-02")
    yield* sync(hub)
    const [held] = yield* Effect.promise(() => hub.heldBack())
    if (held === undefined) return assert.fail("nothing is held back")
    yield* Effect.promise(() => hub.reject(held, "truncated"))
    assert.strictEqual(yield* count(place), 40)
    assert.strictEqual((yield* Effect.promise(() => hub.release(held, "it is right"))).status, "loaded")
    assert.strictEqual(yield* count(place), 1)
    const back = yield* Effect.promise(() => hub.rollback("releves", { why: "it is not" }))
    assert.deepStrictEqual(back, [{ resource: id, extractedAt: held.extractedAt }])
    assert.strictEqual(yield* count(place), 40)
  }),
)

it.live(
  "the commands list, reject, release and roll back",
  () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const cwd = yield* temporaryFolder
      const place = { folder: cwd, lake: join(cwd, "data/lake"), warehouse: join(cwd, "data/warehouse.duckdb") }
      publish(portal, GOOD, rows(1))
      yield* writeConfig(cwd, portal.url, '{ network: { allowPrivate: ["127.0.0.1"] } }')
      const hub = yield* hubWith(place, portal)
      yield* syncDay(hub, portal, 1)
      yield* syncDay(hub, portal, 2)
      const run = (...args: ReadonlyArray<string>) => odh(args, { cwd })
      const list = yield* run("quarantine")
      assert.deepStrictEqual([list.code, /has 1 row, 40 in the extraction before/.test(list.out)], [65, true])
      assert.strictEqual((yield* run("quarantine", "reject", "releves.csv", "--why", "truncated")).code, 0)
      assert.deepInclude(yield* key(hub), { verdict: "rejected", why: "truncated" })
      assert.strictEqual((yield* run("quarantine", "release", id)).code, 0)
      assert.strictEqual(yield* count(place), 1)
      assert.match((yield* run("rollback", "releves")).out, /releves\.csv: the extraction of .* is out/)
      assert.strictEqual(yield* count(place), 40)
    }),
  120_000,
)
