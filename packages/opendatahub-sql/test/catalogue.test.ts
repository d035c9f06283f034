import { assert, describe, it } from "@effect/vitest"
import type { RunEvent } from "@opendatahub-sql/core"
import { decodeConfig } from "@opendatahub-sql/core/config"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { datagouv, duckdb, inHub, plan, sync } from "opendatahub-sql"
import { preset } from "../src/preset.ts"
import { jsonLines } from "./support/command.ts"
import { placeIn } from "./support/hub.ts"
import { ask, emptyPortal, temporaryFolder } from "./support/place.ts"

const csv = { bytes: "a;b\n1;2\n" }
const ids = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]

const hubIn = Effect.gen(function* () {
  const portal = yield* emptyPortal
  const place = placeIn(yield* temporaryFolder)
  portal.add(
    dataset({
      slug: "releves",
      title: "Relevés",
      organization: { id: "534fff91a3a7292c64a77f53", name: "Étalab", slug: "etalab", fields: {} },
      resources: ids.map((id, n) => ({ id, title: `releves-${n}.csv`, content: csv })),
    }),
  )
  const hub = yield* decodeConfig(
    {
      lake: place.lake,
      network: { allowPrivate: ["127.0.0.1"] },
      sources: [datagouv({ url: portal.url, catalogue: true, datasets: ["releves"] })],
      sinks: [duckdb({ path: place.warehouse })],
    },
    preset(),
  )
  return { portal, place, hub }
})

const offersIn = (lake: string): ReadonlyArray<string> =>
  readdirSync(join(lake, "events"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ndjson"))
    .toSorted()
    .flatMap(
      (name) => jsonLines(readFileSync(join(lake, "events", name), "utf8")) as unknown as ReadonlyArray<RunEvent>,
    )
    .flatMap((event) =>
      event._tag === "Offered"
        ? event.resources.map(({ how, title }) => `${how} ${title}`)
        : event._tag === "Gone"
          ? [`gone ${event.resource ?? event.dataset}`]
          : [],
    )

describe("the catalogue of a portal", () => {
  it.live("is three tables with a history: what was added, renamed and removed is a question of SQL", () =>
    Effect.gen(function* () {
      const { portal, place, hub } = yield* hubIn
      const catalogue = inHub(hub, "sync", sync(hub, { datasets: ["catalogue"] }))
      assert.strictEqual((yield* catalogue).status, "loaded")
      const titles = (relation: string) =>
        Effect.map(ask(place.warehouse, `select title from ${relation} order by 1`), (rows) =>
          rows.map(({ title }) => title),
        )
      assert.deepStrictEqual(yield* titles("bronze.catalogue_resources"), ["releves-0.csv", "releves-1.csv"])
      assert.deepStrictEqual(yield* titles("bronze.catalogue_datasets"), ["Relevés"])
      assert.deepStrictEqual(
        (yield* ask(place.warehouse, "select name, slug from bronze.catalogue_organizations")).map(({ name }) => name),
        ["Étalab"],
      )
      const [first] = yield* ask(place.warehouse, "select max(extracted_at)::varchar as at from odh.loads")
      portal.removeResource(ids[0] ?? "")
      portal.editResource(ids[1] ?? "", { title: "renommé.csv" })
      yield* catalogue
      assert.deepStrictEqual(yield* titles("bronze.catalogue_resources"), ["renommé.csv"])
      assert.deepStrictEqual(yield* titles(`as_of('catalogue_resources', '${String(first?.["at"])}')`), [
        "releves-0.csv",
        "releves-1.csv",
      ])
      assert.strictEqual((yield* catalogue).status, "unchanged")
    }),
  )

  it.live("tells what is found, changed, moved and gone, once each, as events", () =>
    Effect.gen(function* () {
      const { portal, place, hub } = yield* hubIn
      const syncAll = inHub(hub, "sync", sync(hub, { datasets: [] }))
      yield* syncAll
      const tables = ["datasets", "resources", "organizations"].map((name) => `found ${name}.csv`)
      const found = [...tables, "found releves-0.csv", "found releves-1.csv"].toSorted()
      assert.deepStrictEqual(offersIn(place.lake).toSorted(), found)
      yield* inHub(hub, "plan", plan(hub, { datasets: [] }))
      assert.lengthOf(offersIn(place.lake), found.length, "nothing new, no event")

      portal.replace(ids[1] ?? "", { bytes: "a;b\n1;3\n" })
      portal.editResource(ids[0] ?? "", { title: "renommé.csv" })
      const { items } = yield* inHub(hub, "plan", plan(hub, { datasets: [] }))
      assert.strictEqual(items[0]?.resources[0]?.id, ids[1], "what moved comes first")
      assert.deepStrictEqual(offersIn(place.lake).slice(found.length).toSorted(), [
        "changed renommé.csv",
        "moved releves-1.csv",
      ])
      portal.removeResource(ids[0] ?? "")
      yield* syncAll
      assert.deepStrictEqual(offersIn(place.lake).slice(found.length + 2), [`gone ${ids[0]}`])
    }),
  )
})
