import { assert, describe, it } from "@effect/vitest"
import { decodeConfig } from "@opendatahub-sql/core/config"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { datagouv, duckdb, inHub, sync } from "opendatahub-sql"
import { decide } from "../src/identity/decide.ts"
import { likenessOfTitles, undated } from "../src/identity/likeness.ts"
import { propose } from "../src/identity/propose.ts"
import { preset } from "../src/preset.ts"
import { type Place, placeIn } from "./support/hub.ts"
import { ask, emptyPortal, temporaryFolder } from "./support/place.ts"

const table = (from: number, to: number, header = "code;valeur"): string =>
  `${header}\n${Array.from({ length: to - from }, (_, n) => `c${from + n};${from + n}\n`).join("")}`
const OLD = "11111111-1111-4111-8111-111111111111"
const NEW = "22222222-2222-4222-8222-222222222222"
const OTHER = "33333333-3333-4333-8333-333333333333"

/** Yesterday's file, as a resource of its own. */
const publish = (portal: Portal): void =>
  portal.add(
    dataset({
      slug: "vaccination",
      title: "Vaccination",
      resources: [{ id: OLD, title: "vacsi-dep-2023-07-13-15h51.csv", content: { bytes: table(0, 60) } }],
    }),
  )
/** Today: another id, another title, another address; and a file that looks alike by its name alone. */
const publishNext = (portal: Portal): void => {
  const id = portal.datasets[0]?.id ?? assert.fail("no dataset")
  portal.removeResource(OLD)
  portal.addResource(id, { id: NEW, title: "vacsi-dep-2023-07-14-15h50.csv", content: { bytes: table(0, 63) } })
  portal.addResource(id, {
    id: OTHER,
    title: "vacsi-dep-2023-07-14-dict.csv",
    content: { bytes: "colonne;description;exemple\ncode;le code;c1\n" },
  })
}

const hubWith = (place: Place, portal: Portal) =>
  decodeConfig(
    {
      lake: place.lake,
      identities: join(place.folder, "odh.identities.json"),
      network: { allowPrivate: ["127.0.0.1"] },
      sources: [datagouv({ url: portal.url, datasets: ["vaccination"] })],
      sinks: [duckdb({ path: place.warehouse })],
    },
    preset(),
  )

describe("a title without its edition", () => {
  it("has no date, time, month, number or extension", () => {
    for (const [title, rest] of [
      ["vacsi-tot-s-dep-2023-07-13-15h51.csv", "vacsi tot s dep"],
      ["Accidents - Usagers 2024 (mars).xlsx", "accidents usagers"],
      ["Liste des élus, 1er trimestre 2025", "liste des elus trimestre"],
      ["20240701.csv", ""],
    ] as const)
      assert.strictEqual(undated(title), rest)
    assert.strictEqual(likenessOfTitles("lieux-2023.csv", "lieux-2024.csv"), 1)
    assert.strictEqual(likenessOfTitles("2023.csv", "2024.csv"), null)
    assert.isBelow(likenessOfTitles("lieux-2023.csv", "usagers-2024.csv") ?? 1, 0.5)
  })
})

describe("a file under a new id, title and address", () => {
  it.live(
    "is proposed for what is gone, by title, columns and rows; accepted, its history goes on in the same table",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const place = placeIn(yield* temporaryFolder)
        publish(portal)
        const hub = yield* hubWith(place, portal)
        const syncAll = inHub(hub, "sync", sync(hub, { datasets: [] }))
        yield* syncAll
        assert.deepStrictEqual(yield* inHub(hub, "propose", propose(hub)), [])
        assert.isFalse(existsSync(hub.identities), "nothing to decide, no file")

        publishNext(portal)
        const proposed = yield* inHub(hub, "propose", propose(hub))
        assert.lengthOf(proposed, 1)
        assert.deepInclude(proposed[0], {
          portalId: NEW,
          resource: OLD,
          parts: { title: 1, schema: 1, rows: 1 },
          score: 1,
        })
        assert.lengthOf(yield* ask(place.warehouse, "from bronze.vaccination"), 60, "nothing is loaded by a proposal")

        yield* inHub(hub, "accept", decide(hub, { portalId: NEW, state: "accepted", why: "the daily file" }))
        const { resources } = yield* syncAll
        assert.deepStrictEqual(resources.map(({ resource, status }) => [resource, status]).toSorted(), [
          [OLD, "loaded"],
          [OTHER, "loaded"],
        ])
        assert.lengthOf(yield* ask(place.warehouse, "from bronze.vaccination"), 63)
        assert.lengthOf(yield* ask(place.warehouse, "from odh.loads where resource_id = '" + OLD + "'"), 2)
        const [entry] = (JSON.parse(readFileSync(hub.identities, "utf8")) as { identities: ReadonlyArray<object> })
          .identities
        assert.deepInclude(entry, {
          state: "accepted",
          why: "the daily file",
          knownTitle: "vacsi-dep-2023-07-13-15h51.csv",
        })
        assert.deepStrictEqual(yield* inHub(hub, "propose", propose(hub)), [], "what is decided is not asked again")
      }),
  )

  it.live(
    "that was loaded on its own meanwhile is compared by what the lake holds; rejected, it is not proposed again",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const place = placeIn(yield* temporaryFolder)
        publish(portal)
        const hub = yield* hubWith(place, portal)
        const syncAll = inHub(hub, "sync", sync(hub, { datasets: [] }))
        yield* syncAll
        publishNext(portal)
        yield* syncAll
        portal.clear()
        const proposed = yield* inHub(hub, "propose", propose(hub))
        assert.deepStrictEqual(
          proposed.map(({ portalId }) => portalId),
          [NEW],
        )
        assert.isFalse(
          portal.requests.some(({ path }) => path.includes("/r/")),
          "no file is asked for",
        )
        yield* inHub(hub, "reject", decide(hub, { portalId: NEW, state: "rejected", why: "another series" }))
        assert.notInclude(
          (yield* inHub(hub, "propose", propose(hub))).map(({ portalId }) => portalId),
          NEW,
        )
      }),
  )

  it.live("cannot be decided on without a proposal, and a file of identities that is none is told", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      const hub = yield* hubWith(place, portal)
      const error = yield* Effect.flip(inHub(hub, "accept", decide(hub, { portalId: NEW, state: "accepted", why: "" })))
      assert.match(error.message, /nothing is proposed for the file 2222/)
      const wrong = { ...hub, identities: join(import.meta.dirname, "identity.test.ts") }
      assert.match((yield* Effect.flip(inHub(wrong, "propose", propose(wrong)))).message, /is not a file of identities/)
    }),
  )
})
