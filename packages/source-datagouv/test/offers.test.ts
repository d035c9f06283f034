import { dataset, organization } from "@opendatahub-sql/testkit/datagouv"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { datagouv } from "../src/index.ts"
import { csv, portal, withoutKey } from "./replica.ts"

describe("what the portal offers", () => {
  const ministry = organization({ slug: "ministere", name: "Ministère", id: "534fff75a3a7292c64a77de4" })
  const filled = Effect.gen(function* () {
    const server = yield* portal()
    for (let n = 0; n < 5; n++) {
      server.add(
        dataset({
          slug: `velos-${n}`,
          title: `Vélos ${n}`,
          ...(n < 3 ? { organization: ministry } : {}),
          resources: Array.from({ length: n + 1 }, (_, file) => ({ title: `${file}.csv`, content: csv })),
        }),
      )
    }
    server.add(dataset({ slug: "trains", title: "Trains", resources: [{ title: "t.csv", content: csv }] }))
    return server
  })
  const search = (words: string, filters: Readonly<Record<string, string>>, max = 20) =>
    Effect.gen(function* () {
      const { url } = yield* filled
      const { search } = yield* datagouv({ url, pageSize: 2 }).decode
      return search === undefined ? [] : yield* Stream.runCollect(search({ words, filters, max }))
    }).pipe(withoutKey)

  it.live("is found by words over all pages, with what helps to choose, and no more than is wanted", () =>
    Effect.gen(function* () {
      const found = yield* search("Vélos", {})
      assert.deepStrictEqual(
        found.map(({ slug }) => slug).toSorted(),
        Array.from({ length: 5 }, (_, n) => `velos-${n}`),
      )
      const [third] = found.filter(({ slug }) => slug === "velos-2")
      assert.deepInclude(third, { title: "Vélos 2", organization: "Ministère", resources: 3 })
      assert.match(third?.lastUpdate ?? "", /^\d{4}-\d{2}-\d{2}T/)
      assert.lengthOf(yield* search("Vélos", {}, 3), 3)
    }),
  )

  it.live("is filtered by the slug of an organisation; an unknown filter is refused with those that there are", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* search("", { organization: "ministere" }), 3)
      const refused = yield* Effect.flip(search("", { licence: "lov2" }))
      assert.strictEqual(refused._tag === "SourceError" && refused.reason._tag, "Config")
      assert.include(refused.message, "organization, license")
    }),
  )
})
