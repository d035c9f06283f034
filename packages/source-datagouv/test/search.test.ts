import { dataset, organization } from "@opendatahub-sql/testkit/datagouv"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { csv, discover, failures, many, portal, resources, titles } from "./replica.ts"

describe("search rules", () => {
  const ministry = organization({ slug: "ministere", name: "Ministère", id: "534fff75a3a7292c64a77de4" })
  const filled = Effect.gen(function* () {
    const server = yield* portal()
    for (let n = 0; n < 7; n++) {
      server.add(
        dataset({
          slug: `d${n}`,
          title: `Mobilité ${n}`,
          organization: ministry,
          tags: n % 2 === 0 ? ["mobilite", "velo"] : ["mobilite"],
          createdAt: `2020-01-0${7 - n}T00:00:00+00:00`,
          resources: [
            { title: `d${n}.csv`, content: csv },
            { title: `d${n}.json`, content: { bytes: "[]" } },
          ],
        }),
      )
    }
    server.add(many("elsewhere", 1))
    return server
  })

  it.live(
    "resolve the organisation's slug, walk the pages by masked answers, and choose resources by the format they ask for",
    () =>
      Effect.gen(function* () {
        const server = yield* filled
        const found = yield* discover(server, {
          search: [{ organization: "ministere", format: "csv", into: "mobilite" }],
          pageSize: 3,
        })
        assert.deepStrictEqual(titles(found), ["d6.csv", "d5.csv", "d4.csv", "d3.csv", "d2.csv", "d1.csv", "d0.csv"])
        assert.isTrue(resources(found).every(({ into }) => into === "mobilite"))
        const lists = server.requests.filter(({ path }) => path.startsWith("/api/2/datasets/?"))
        assert.deepStrictEqual(
          lists.map(({ path }) => new URL(path, server.url).searchParams.get("page")),
          ["1", "2", "3"],
        )
        assert.isTrue(lists.every(({ path, bytes }) => path.includes(`organization=${ministry.id}`) && bytes < 400))
      }),
  )

  it.live("stop at max, oldest first, and all tags must be there", () =>
    Effect.gen(function* () {
      const server = yield* filled
      assert.deepStrictEqual(
        titles(
          yield* discover(server, { search: [{ tag: ["mobilite", "velo"], max: 2, resources: { format: "json" } }] }),
        ),
        ["d6.json", "d4.json"],
      )
    }),
  )

  it.live("give words to the search engine", () =>
    Effect.gen(function* () {
      const server = yield* filled
      const found = yield* discover(server, { search: [{ q: "mobilité 3", format: "csv" }] })
      assert.deepStrictEqual(titles(found), ["d3.csv"])
      assert.isTrue(server.requests.some(({ path }) => path.startsWith("/api/2/datasets/search/?")))
    }),
  )

  it.live("leave a dataset with an entry of its own to that entry, and find no resource twice", () =>
    Effect.gen(function* () {
      const server = yield* filled
      const id = server.datasets.find(({ slug }) => slug === "d0")?.id ?? ""
      const found = yield* discover(server, {
        datasets: [
          { id: "d0", resources: { format: "json" }, into: "own" },
          { id, resources: { format: "json" } },
        ],
        search: [{ tag: "velo", format: "csv" }, { tag: "mobilite" }],
      })
      assert.strictEqual(titles(found).filter((title) => title === "d0.json").length, 1)
      assert.notInclude(titles(found), "d0.csv")
      assert.strictEqual(titles(found).length, new Set(titles(found)).size)
      assert.strictEqual(titles(found).length, 13)
    }),
  )

  it.live("fail alone when they find nothing, match nothing, or name an unknown organisation", () =>
    Effect.gen(function* () {
      const server = yield* filled
      const found = yield* discover(server, {
        search: [
          { organization: "inconnue" },
          { tag: "eau" },
          { tag: "velo", resources: { format: "parquet" } },
          { tag: "velo", format: "csv" },
        ],
      })
      assert.deepStrictEqual(
        failures(found).map(({ subject, reason }) => [subject, reason]),
        [
          ["search[0]", "Config"],
          ["search[1]", "Config"],
          ["search[2]", "Config"],
        ],
      )
      assert.strictEqual(titles(found).length, 4)
    }),
  )

  it.live("never touch a dataset with an entry of its own, though it cannot be read today", () =>
    Effect.gen(function* () {
      const server = yield* filled
      server.misbehave("/api/2/datasets/d0/", { kind: "status", status: 501 })
      const found = yield* discover(server, {
        datasets: [{ id: "d0", into: "own" }],
        search: [{ tag: "velo", format: "csv" }],
      })
      assert.deepStrictEqual(
        failures(found).map(({ subject }) => subject),
        ["d0"],
      )
      assert.deepStrictEqual(titles(found), ["d6.csv", "d4.csv", "d2.csv"])
    }),
  )
})
