import { createHash } from "node:crypto"
import { dataset, organization } from "@opendatahub-sql/testkit/datagouv"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { datagouv, type DatagouvOptions, type Http } from "../src/index.ts"
import { csv, discover, failures, many, portal, resources, titles } from "./replica.ts"

describe("discovery", () => {
  it.live("walks the pages of a dataset to the end", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      server.add(many("large", 25))
      const found = yield* discover(server, { datasets: ["large"], pageSize: 10 })
      assert.strictEqual(new Set(resources(found).map(({ id }) => id)).size, 25)
      const asked = server.requests.map(({ path }) => new URL(path, server.url))
      assert.deepStrictEqual(
        asked.map(({ searchParams }) => searchParams.get("page")),
        [null, "1", "2", "3"],
      )
      // The v1 dataset carries all its resources in one answer: it is never asked for.
      assert.isTrue(asked.every(({ pathname }) => pathname.startsWith("/api/2/datasets/")))
    }),
  )

  it.live("describes a resource as the contract wants it", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      server.add(
        dataset({
          slug: "bornes",
          title: "Bornes de recharge",
          organization: organization({ slug: "dinum", name: "DINUM" }),
          resources: [
            { title: "irve.csv", content: csv, schema: { name: "etalab/schema-irve-statique", version: "2.3.1" } },
          ],
          fields: {
            contact_points: [{ name: "IRVE", contact_form: "https://me:pw@example.org/form?token=abc&lang=fr" }],
          },
        }),
      )
      const [resource] = resources(yield* discover(server, { datasets: [{ id: "bornes", into: "irve" }] }))
      assert.isDefined(resource)
      const { metadata, url, lastModified, dataset: found, ...rest } = resource
      assert.deepStrictEqual(rest, {
        source: "datagouv",
        id: rest.portalId,
        portalId: rest.portalId,
        title: "irve.csv",
        format: "csv",
        mediaType: "text/csv",
        size: 8,
        checksum: { type: "sha1", value: createHash("sha1").update(csv.bytes).digest("hex") },
        schema: { name: "etalab/schema-irve-statique", version: "2.3.1" },
        into: "irve",
        siblings: [],
      })
      assert.deepStrictEqual(found, {
        id: found.id,
        slug: "bornes",
        title: "Bornes de recharge",
        organization: "DINUM",
        license: "lov2",
        page: `${server.url}/datasets/bornes`,
      })
      assert.deepStrictEqual(metadata["resource"], server.resource(resource.portalId))
      const described = metadata["dataset"] as Record<string, unknown>
      assert.strictEqual(described["license"], "lov2")
      assert.notProperty(described, "resources")
      assert.deepStrictEqual(described["contact_points"], [
        { name: "IRVE", contact_form: "https://example.org/form?token=REDACTED&lang=fr" },
      ])
      assert.isTrue(url.startsWith(server.url) && lastModified !== undefined)
    }),
  )

  it.live("follows a slug that was renamed, and gives the id", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      const renamed = many("ancien-nom", 1)
      server.add(renamed)
      server.rename(renamed.id, "nouveau-nom")
      const [resource] = resources(yield* discover(server, { datasets: ["ancien-nom"] }))
      assert.strictEqual(resource?.dataset.id, renamed.id)
      assert.strictEqual(resource?.dataset.slug, "nouveau-nom")
    }),
  )

  it.live("tells deleted, archived, private and missing datasets apart, and goes on", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      const [deleted, archived, hidden, open] = [
        many("deleted", 1),
        many("archived", 1),
        many("hidden", 1),
        many("open", 1),
      ]
      for (const one of [deleted, archived, hidden, open]) server.add(one)
      server.delete(deleted.id)
      server.archive(archived.id)
      server.makePrivate(hidden.id)
      const found = yield* discover(server, { datasets: ["deleted", "archived", "hidden", "typo", "open"] })
      const gone = found.flatMap((one) => (one._tag === "Gone" ? [[one.dataset, one.state]] : []))
      assert.deepStrictEqual(gone, [
        ["deleted", "deleted"],
        [archived.id, "archived"],
        ["hidden", "private-or-missing"],
        ["typo", "private-or-missing"],
      ])
      assert.deepStrictEqual(titles(found), ["part-000.csv"])
      assert.include(
        found.find((one) => one._tag === "Gone" && one.dataset === "typo"),
        { _tag: "Gone" },
      )
    }),
  )

  it.live("sees a private dataset with the API key of the environment, and shows the key to nobody", () =>
    Effect.gen(function* () {
      const server = yield* portal({ catalogue: false, apiKey: "eyJ-secret" })
      const hidden = many("hidden", 1)
      server.add(hidden)
      server.makePrivate(hidden.id)
      const source = yield* datagouv({ url: server.url, datasets: ["hidden"] }).decode
      const collect = Stream.runCollect(source.discover({ datasets: [] }))
      const environment = (key: string) =>
        Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({ DATAGOUV_API_KEY: key }))
      const found = yield* collect.pipe(environment("eyJ-secret"))
      assert.deepStrictEqual(titles(found), ["part-000.csv"])
      const refused = yield* collect.pipe(environment("eyJ-wrong"))
      assert.deepStrictEqual(
        failures(refused).map(({ reason }) => reason),
        ["Config"],
      )
      const unsendable = yield* Effect.flip(collect.pipe(environment("eyJ-\n-wrong")))
      assert.strictEqual(unsendable.reason._tag, "Config")
      assert.notMatch(JSON.stringify([found, refused, unsendable, unsendable.message]), /eyJ/)
    }),
  )

  it.live("waits as long as a 429 asks, and repeats after a 503 and a cut answer", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      server.add(many("busy", 1))
      server.misbehave("/api/2/datasets/busy/", { kind: "status", status: 429, retryAfter: 1 }, 1)
      server.misbehave("/api/2/datasets/busy/", { kind: "status", status: 503 }, 1)
      server.misbehave("/api/2/datasets/busy/", { kind: "cut", afterBytes: 40 }, 1)
      const times: Array<number> = []
      const http = (...[url, request]: Parameters<Http>) => (times.push(performance.now()), fetch(url, request))
      assert.deepStrictEqual(titles(yield* discover(server, { datasets: ["busy"], http })), ["part-000.csv"])
      const [first = 0, second = 0] = times
      assert.isAtLeast(second - first, 990)
    }),
  )

  it.live("makes a dataset that cannot be understood one failure, and goes on", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      for (const slug of ["good", "page", "broken"]) server.add(many(slug, 1))
      const broken = server.datasets.find(({ slug }) => slug === "broken")
      server.misbehave("/api/2/datasets/page/", { kind: "html" })
      const http: Http = async (url, request) =>
        url.pathname === `/api/2/datasets/${String(broken?.id)}/resources/`
          ? Response.json({
              data: [
                { id: "r1", title: 3, url: "https://example.org/a.csv" },
                { id: "r2", title: "b", url: "https://example.org/b.csv", surprise: true },
              ],
              next_page: null,
            })
          : fetch(url, request)
      const found = yield* discover(server, { datasets: ["page", "broken", "good"], http })
      assert.deepStrictEqual(titles(found), ["b", "part-000.csv"])
      const [page, resource] = failures(found)
      assert.deepStrictEqual([page?.subject, page?.reason], ["page", "Transient"])
      assert.include(page?.message, "not JSON")
      assert.deepStrictEqual([resource?.subject, resource?.reason], [`${String(broken?.id)}/r1`, "DataQuality"])
      assert.match(resource?.message ?? "", /resource r1 of dataset broken.*title/)
    }),
  )

  it.live("says what there is where a rule matches nothing", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      server.add(many("communes", 12))
      const [failure] = failures(
        yield* discover(server, { datasets: [{ id: "communes", resources: { format: "xlsx" } }] }),
      )
      assert.strictEqual(failure?.reason, "Config")
      assert.match(
        failure?.message ?? "",
        /datasets\[0\]: no resource of dataset communes matches; it has 12 resource\(s\): "part-000.csv" \(main, csv\), .*, …$/,
      )
    }),
  )

  it.live("keeps the logical id of newest: 1 when the producer publishes a new resource", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      const weekly = dataset({
        slug: "covid",
        title: "covid",
        resources: [
          { title: "covid-2020-03-20.csv", content: csv },
          { title: "metadata.csv", content: csv },
        ],
      })
      server.add(weekly)
      const options: DatagouvOptions = {
        datasets: [{ id: "covid", resources: { title: "covid-*", newest: 1 }, into: "covid" }],
      }
      const [before] = resources(yield* discover(server, options))
      const added = server.addResource(weekly.id, { title: "covid-2020-03-27.csv", content: csv })
      const [after, ...others] = resources(yield* discover(server, options))
      assert.deepStrictEqual([after?.portalId, after?.id, others.length], [added, before?.id, 0])
      assert.notStrictEqual(after?.portalId, before?.portalId)
    }),
  )
})

describe("a selection", () => {
  it.live("applies the entry of the configuration, by id, slug, former slug or search", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      const [lieux, velo, other] = [
        many("lieux", 2),
        dataset({ slug: "velo", title: "velo", tags: ["velo"], resources: [{ title: "velo.csv", content: csv }] }),
        many("other", 1),
      ]
      for (const one of [lieux, velo, other]) server.add(one)
      server.rename(lieux.id, "lieux-accidents")
      const options: DatagouvOptions = {
        datasets: [{ id: "lieux", resources: { title: "*001*" }, into: "lieux" }],
        search: [{ tag: "velo", into: "velos" }],
      }
      for (const reference of [lieux.id, "lieux", "lieux-accidents"]) {
        assert.deepStrictEqual(
          resources(yield* discover(server, options, reference)).map(({ title, into }) => [title, into]),
          [["part-001.csv", "lieux"]],
        )
      }
      assert.deepStrictEqual(
        resources(yield* discover(server, options, "velo", other.id)).map(({ title, into }) => [title, into]),
        [
          ["velo.csv", "velos"],
          ["part-000.csv", undefined],
        ],
      )
    }),
  )

  it.live("that is no reference never becomes a path", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      const found = yield* discover(server, {}, "../organizations/x", "..")
      assert.deepStrictEqual(
        failures(found).map(({ reason }) => reason),
        ["Config", "Config"],
      )
      assert.strictEqual(server.requests.length, 0)
    }),
  )
})
