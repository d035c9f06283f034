import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { datagouv, type DatagouvOptions } from "../src/index.ts"

const issues = (options: unknown) =>
  Effect.map(Effect.flip(datagouv(options as DatagouvOptions).decode), (error) =>
    Object.fromEntries(error.issues.map(({ path, message }) => [path, message])),
  )

describe("the options of datagouv", () => {
  it.effect("may all be left out", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* datagouv().decode).id, "datagouv")
      assert.strictEqual((yield* datagouv({}).decode).kind, "source")
    }),
  )

  it.effect("report every mistake at once, each with its path", () =>
    Effect.gen(function* () {
      const found = yield* issues({
        url: "www.data.gouv.fr",
        pageSize: 1000,
        page_size: 10,
        datasets: [
          "https://www.data.gouv.fr/datasets/jours-feries",
          { id: "x", resources: { formats: "csv", title: "re:(", newest: 0, exclude: { mime: "" } }, into: "" },
          {},
        ],
        search: [{ max: 0, q: "eau" }, { tag: [], licence: "lov2" }, { max: 3 }],
        http: "proxy.example",
      })
      assert.deepStrictEqual(Object.keys(found).toSorted(), [
        "datasets[0]",
        "datasets[1].into",
        "datasets[1].resources.exclude.mime",
        "datasets[1].resources.formats",
        "datasets[1].resources.newest",
        "datasets[1].resources.title",
        "datasets[2].id",
        "http",
        "pageSize",
        "page_size",
        "search[0].max",
        "search[1].licence",
        "search[1].tag",
        "search[2]",
        "url",
      ])
      assert.include(found["datasets[1].resources.title"], "is not a regular expression")
      assert.include(found["datasets[0]"], "slug")
      assert.include(found["search[2]"], "at least one filter")
    }),
  )

  it.effect("refuse an API key that is written down, without quoting it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(datagouv({ apiKey: "eyJ-secret" } as unknown as DatagouvOptions).decode)
      assert.include(error.issues[0]?.message, "DATAGOUV_API_KEY")
      assert.notInclude(JSON.stringify(error), "eyJ-secret")
      yield* datagouv({ apiKey: Redacted.make("eyJ-secret") }).decode
    }),
  )

  it.effect("refuse an address that carries a password", () =>
    Effect.gen(function* () {
      const found = yield* issues({ url: "https://me:pass@www.data.gouv.fr" })
      assert.deepStrictEqual(found, { url: "must not carry a user name or password" })
    }),
  )
})
