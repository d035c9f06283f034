import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { readdirSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { startDatagouv } from "../src/datagouv.ts"
import { corpus, readCorpus, readCorpusJson } from "./corpus.ts"

const kindOf = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value)

/** Every key of the recorded answer is there, with the same kind of value unless one of them is null. */
const assertSameShape = (actual: Record<string, unknown>, recorded: Record<string, unknown>) => {
  assert.includeMembers(Object.keys(actual), Object.keys(recorded))
  for (const [key, value] of Object.entries(recorded)) {
    const kinds = [kindOf(actual[key]), kindOf(value)]
    if (!kinds.includes("null")) assert.strictEqual(kinds[0], kinds[1], key)
  }
}

const get = async (url: string): Promise<Record<string, unknown>> =>
  (await fetch(url)).json() as Promise<Record<string, unknown>>

const first = (value: unknown): Record<string, unknown> => (value as ReadonlyArray<Record<string, unknown>>)[0] ?? {}

const recordedDataset = readCorpusJson("api-client-fixtures/dataset_metadata.json")

describe("against the recorded answers", () => {
  it("a v1 dataset has every key of the recorded one", async () => {
    await using portal = await startDatagouv()
    assertSameShape(await get(`${portal.url}/api/1/datasets/5d13a8b6634f41070a43dff3/`), recordedDataset)
  })

  it("a dataset with files has every key of the recorded one", async () => {
    await using portal = await startDatagouv({ files: corpus })
    const dataset = await get(`${portal.url}/api/1/datasets/53698f4ca3a729239d2036df/`)
    assertSameShape(dataset, recordedDataset)
    assertSameShape(first(dataset["resources"]), first(recordedDataset["resources"]))
  })

  it("keeps the recorded values that no server rewrites", async () => {
    await using portal = await startDatagouv()
    const dataset = await get(`${portal.url}/api/1/datasets/5d13a8b6634f41070a43dff3/`)
    for (const key of [
      "title",
      "slug",
      "description",
      "license",
      "frequency",
      "tags",
      "extras",
      "created_at",
      "last_modified",
      "last_update",
    ]) {
      assert.deepStrictEqual(dataset[key], recordedDataset[key], key)
    }
  })

  it("keeps the recorded resources in order, with their checksums and sizes", async () => {
    await using portal = await startDatagouv()
    const dataset = await get(`${portal.url}/api/1/datasets/5d13a8b6634f41070a43dff3/`)
    const facts = (resources: unknown) =>
      (resources as ReadonlyArray<Record<string, unknown>>).map(({ id, title, checksum, filesize, last_modified }) => ({
        id,
        title,
        checksum,
        filesize,
        last_modified,
      }))
    assert.deepStrictEqual(facts(dataset["resources"]), facts(recordedDataset["resources"]))
  })

  it("a v1 resource has every key of the recorded one", async () => {
    await using portal = await startDatagouv()
    const recorded = readCorpusJson("api-client-fixtures/resource_metadata_api1.json")
    const id = String(first(recordedDataset["resources"])["id"])
    assertSameShape(await get(`${portal.url}/api/1/datasets/5d13a8b6634f41070a43dff3/resources/${id}/`), recorded)
  })

  it("a v2 resource comes with the id of its dataset", async () => {
    await using portal = await startDatagouv()
    const recorded = readCorpusJson("api-client-fixtures/resource_metadata_api2.json")
    const answer = await get(
      `${portal.url}/api/2/datasets/resources/${String(first(recordedDataset["resources"])["id"])}/`,
    )
    assert.strictEqual(answer["dataset_id"], recorded["dataset_id"])
    assertSameShape(answer["resource"] as Record<string, unknown>, recorded["resource"] as Record<string, unknown>)
  })

  it("an organisation has every key of the recorded one", async () => {
    await using portal = await startDatagouv()
    const recorded = readCorpusJson("api-client-fixtures/organization_metadata.json")
    assertSameShape(await get(`${portal.url}/api/1/organizations/data-gouv-fr/`), recorded)
  })

  it("adds the keys of udata 17.18", async () => {
    await using portal = await startDatagouv()
    const dataset = await get(`${portal.url}/api/1/datasets/5d13a8b6634f41070a43dff3/`)
    assert.containsAllKeys(dataset, [
      "access_type",
      "access_audiences",
      "authorization_request_url",
      "doi",
      "geopf",
      "permissions",
    ])
    assert.containsAllKeys(first(dataset["resources"]), ["geopf"])
  })

  it("serves the recorded catalogue of schemas", async () => {
    await using portal = await startDatagouv()
    const answer: unknown = await (await fetch(`${portal.url}/api/1/datasets/schemas/`)).json()
    assert.deepStrictEqual(answer, readCorpusJson("api-schema-catalogue/schemas.json")["schemas"])
  })

  it("leads nowhere but to itself", async () => {
    await using portal = await startDatagouv({ files: corpus })
    const page = await get(`${portal.url}/api/1/datasets/?page_size=1000`)
    const resources = (page["data"] as ReadonlyArray<Record<string, unknown>>).flatMap(
      (dataset) => dataset["resources"] as ReadonlyArray<Record<string, unknown>>,
    )
    assert.isAbove(resources.length, 100)
    for (const resource of resources)
      assert.isTrue(String(resource["url"]).startsWith(`${portal.url}/`), String(resource["url"]))
  })

  it("has files for at least fourteen datasets", async () => {
    await using portal = await startDatagouv({ files: corpus })
    const served = await Promise.all(
      portal.datasets.map(async (dataset) => {
        const answers = await Promise.all(
          dataset.resources.map((one) => fetch(portal.url + one.path, { method: "HEAD" })),
        )
        return answers.length > 0 && answers.every((answer) => answer.status === 200)
      }),
    )
    assert.isAtLeast(served.filter(Boolean).length, 14)
  })
})

describe("the corpus", () => {
  it("holds the bytes its ORIGIN files speak of", () => {
    const checked = readdirSync(corpus).flatMap((folder) => {
      const origin = readCorpus(`${folder}/ORIGIN.txt`).toString("utf8")
      const files = [
        ...origin.matchAll(/^file: (\S+)(?:\n  .*)*?\n  sha256: (\w{64})/gm),
        ...origin.matchAll(/^file: (\S+) commit .* inner sha256 (\w{64})/gm),
      ]
      return files.map(([, name = "", expected]) => {
        const stored = readdirSync(corpus + folder).includes(name) ? name : `${name}.gz`
        const gzipped = stored !== name || folder === "history-covid-hospit"
        const bytes = readCorpus(`${folder}/${stored}`)
        assert.strictEqual(
          createHash("sha256")
            .update(gzipped ? gunzipSync(bytes) : bytes)
            .digest("hex"),
          expected,
          `${folder}/${name}`,
        )
        return name
      })
    })
    assert.strictEqual(checked.length, 66)
  })
})
