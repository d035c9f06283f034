import { dataset, startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { JsonObject, Resource } from "@opendatahub-sql/core"
import { found } from "../src/discovery/found.ts"
import { datagouv } from "../src/index.ts"
import { downloadName, locate } from "../src/locate.ts"
import { DatasetAnswer } from "../src/portal/answers.ts"
import { select } from "../src/selection/rules.ts"
import { candidate, corpus, recordedAnswer, recordedDatasets } from "./recorded.ts"

const PORTAL = "https://www.data.gouv.fr"

/** Every recorded resource that is taken without rules, as the source gives it. */
const recorded = recordedDatasets.flatMap(({ dataset, resources }) => {
  const received = { ...dataset, id: dataset.slug }
  const known = { answer: Schema.decodeUnknownSync(DatasetAnswer)(received), received }
  return select(dataset.slug, [{}], resources.map(candidate)).selected.map((one) =>
    found({ portal: PORTAL, dataset: known }, one),
  )
})

const named = (title: string): Resource =>
  recorded.find((one) => one.title === title) ?? assert.fail(`no recorded resource "${title}"`)
const remote = (fields: JsonObject): Resource => {
  const answer = candidate({ id: "r", title: "Communes", filetype: "remote", format: "csv", ...fields })
  const received = recordedAnswer("dataset_metadata.json")
  const known = { answer: Schema.decodeUnknownSync(DatasetAnswer)({ ...received, resources: null }), received }
  return found({ portal: PORTAL, dataset: known }, { id: "r", primary: answer, siblings: [] })
}

describe("a recorded answer", () => {
  it("becomes a resource, whole and without the other resources of its dataset", () => {
    const received = recordedAnswer("dataset_metadata.json")
    const { resource } = recordedAnswer("resource_metadata_api2.json") as { readonly resource: JsonObject }
    const known = { answer: Schema.decodeUnknownSync(DatasetAnswer)(received), received }
    const { metadata, ...rest } = found(
      { portal: PORTAL, dataset: known },
      { id: "logical", primary: candidate(resource), siblings: [] },
    )
    assert.deepStrictEqual(rest, {
      source: "datagouv",
      dataset: {
        id: "5d13a8b6634f41070a43dff3",
        slug: "catalogue-des-donnees-de-data-gouv-fr",
        title: "Catalogue des données de data.gouv.fr",
        updateEvery: 604_800_000,
        organization: "data.gouv.fr",
        license: "lov2",
        page: "https://www.data.gouv.fr/fr/datasets/catalogue-des-donnees-de-data-gouv-fr/",
      },
      id: "logical",
      portalId: "aaaaaaaa-1111-bbbb-2222-cccccccccccc",
      title: "export-dataservice-20250407-061526.csv",
      url: "https://static.data.gouv.fr/resources/catalogue-des-donnees-de-data-gouv-fr/20250407-061526/export-dataservice-20250407-061526.csv",
      format: "csv",
      mediaType: "text/csv",
      size: 1643394,
      checksum: { type: "sha1", value: "0d7bb1d30a853949fb522fb7f8b330cbb9cf38c5" },
      lastModified: "2025-04-07T08:15:26.421000+00:00",
      siblings: [],
    })
    const { resources: _, ...described } = received
    assert.deepStrictEqual(metadata, { dataset: described, resource })
  })
})

describe("the place of a file", () => {
  it.effect("is the declared URL of a remote file, without the entities and blanks of a form", () =>
    Effect.gen(function* () {
      const url = " https://example.org/wfs?a=1&amp;b=2&amp;amp;c=deux mots "
      assert.deepStrictEqual(yield* locate(PORTAL)(remote({ url, mime: "text/csv" })), {
        url: "https://example.org/wfs?a=1&b=2&c=deux%20mots",
        name: "Communes.csv",
        mediaType: "text/csv",
      })
    }),
  )

  it.effect("is refused when no download can come of it", () =>
    Effect.gen(function* () {
      const [sftp, broken] = yield* Effect.all(
        ["sftp://ftp.example.org/a.csv", "www.example.org/a.csv"].map((url) =>
          Effect.flip(locate(PORTAL)(remote({ url }))),
        ),
      )
      assert.deepStrictEqual([sftp?.reason._tag, broken?.reason._tag], ["Terminal", "DataQuality"])
      assert.include(sftp?.message, "served over sftp")
    }),
  )

  it.live(
    "is a hosted file's own, or else its permalink, which still leads to the file when it was replaced after discovery",
    () =>
      Effect.gen(function* () {
        const server = yield* Effect.acquireRelease(
          Effect.promise(() => startDatagouv({ catalogue: false, at: "2020-03-23" })),
          (portal) => Effect.promise(() => portal.close()),
        )
        server.add(
          dataset({
            slug: "x",
            title: "x",
            resources: [{ title: "x.csv", content: { bytes: "old" }, at: "2020-01-01" }],
          }),
        )
        const source = yield* datagouv({ url: server.url, datasets: ["x"] }).decode
        const [first] = yield* Stream.runCollect(source.discover({ datasets: [] }))
        if (first?._tag !== "Found") return assert.fail("nothing found")
        server.replace(first.resource.portalId, { bytes: "new" })
        const request = yield* source.locate(first.resource)
        assert.deepStrictEqual([request.name, request.headers], ["x.csv", undefined])
        const read = (url: string) =>
          Effect.promise(async () => {
            const response = await fetch(url)
            return [response.status, await response.text()] as const
          })
        assert.strictEqual((yield* read(request.url))[0], 404)
        assert.deepStrictEqual(yield* read(request.orElse ?? ""), [200, "new"])
      }),
  )

  it.live("is known for each part of a loose shapefile", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => startDatagouv({ catalogue: false, files: corpus })),
        (portal) => Effect.promise(() => portal.close()),
      )
      server.add(
        dataset({
          slug: "plu",
          title: "plu",
          resources: ["shp", "dbf", "shx", "prj"].map((end) => ({
            title: `zone_urba.${end}`,
            content: { bytes: end },
          })),
        }),
      )
      const source = yield* datagouv({ url: server.url, datasets: ["plu"] }).decode
      const all = yield* Stream.runCollect(source.discover({ datasets: [] }))
      const parts = all.flatMap((one) => (one._tag === "Found" ? [one.resource, ...one.resource.siblings] : []))
      const requests = yield* Effect.forEach(parts, source.locate)
      assert.strictEqual(all.length, 1)
      assert.deepStrictEqual(
        requests.map(({ name }) => name),
        ["zone_urba.shp", "zone_urba.dbf", "zone_urba.shx", "zone_urba.prj"],
      )
      assert.deepStrictEqual(
        yield* Effect.promise(() => Promise.all(requests.map(async ({ url }) => (await fetch(url)).text()))),
        ["shp", "dbf", "shx", "prj"],
      )
    }),
  )
})

describe("the name of a download", () => {
  it.each([
    ["Valeurs foncières 2023", "valeursfoncieres-2023.txt"],
    ["bailleurs_sociaux_region.csv", "bailleurs_sociaux_region.csv"],
    ["Voirie Commune de Garein", "Voirie Commune de Garein.zip"],
    ["BAL Commune de Garein", "BAL Commune de Garein.csv"],
  ])("of the recorded %s is %s", (title, name) => assert.strictEqual(downloadName(named(title)), name))

  it.each<[string, Pick<Resource, "url" | "title" | "format" | "id">, string]>([
    [
      "an encoded name",
      { id: "r", title: "x", url: "https://example.org/donn%C3%A9es%202024.csv" },
      "données 2024.csv",
    ],
    [
      "a double extension",
      { id: "r", title: "x", url: "https://example.org/adresses-01.csv.gz?v=2" },
      "adresses-01.csv.gz",
    ],
    [
      "a program",
      { id: "r", title: "Stations", format: "csv", url: "https://example.org/export.php?id=3" },
      "Stations.csv",
    ],
    [
      "a path that climbs",
      { id: "r", title: "x", url: "https://example.org/..%2F..%2Fetc%2Fpasswd.csv" },
      "_.._etc_passwd.csv",
    ],
    [
      "a title that climbs",
      { id: "r", title: "../a/b\u0000", format: "page web", url: "https://example.org/" },
      "_a_b_",
    ],
    ["nothing to go by", { id: "r", title: "...", url: "https://example.org/" }, "r"],
  ])("of %s is safe and telling", (_, resource, name) => assert.strictEqual(downloadName(resource), name))

  it("has an extension for every recorded file", () => {
    assert.isAbove(recorded.length, 50)
    for (const resource of recorded) assert.match(downloadName(resource), /^[^/\\]+\.[a-z]{3,4}$/)
  })
})
