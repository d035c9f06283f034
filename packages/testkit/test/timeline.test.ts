import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { gunzipSync } from "node:zlib"
import { dataset, startDatagouv } from "../src/datagouv.ts"
import type { JsonObject, Portal } from "../src/datagouv.ts"
import { corpus, covid, covidFile, holidays, holidaysFile, readCorpus } from "./corpus.ts"

const read = async (portal: Portal, id: string): Promise<Record<string, string>> =>
  (await fetch(`${portal.url}/api/1/datasets/${id}/`)).json() as Promise<Record<string, string>>

const bytesAt = async (url: string): Promise<Buffer> => Buffer.from(await (await fetch(url)).arrayBuffer())

const withFile = async (): Promise<readonly [Portal, string]> => {
  const portal = await startDatagouv({ catalogue: false, at: "2026-06-01" })
  portal.add(
    dataset({
      slug: "one",
      title: "One",
      resources: [{ id: "r1", title: "one.csv", content: { bytes: "a\n1\n" }, at: "2026-05-01T08:00:00+00:00" }],
    }),
  )
  return [portal, "r1"]
}

describe("the COVID history", () => {
  it.each(["2020-03-23", "2020-03-24", "2020-06-29", "2020-06-30"])(
    "serves the bytes of %s on that day",
    async (day) => {
      await using portal = await startDatagouv({ files: corpus, at: day })
      const expected = gunzipSync(readCorpus(`history-covid-hospit/${day}.csv.gz`))
      const resource = portal.resource(covidFile)
      assert.isTrue((await bytesAt(portal.fileUrl(covidFile))).equals(expected))
      assert.deepStrictEqual(resource["checksum"], {
        type: "sha1",
        value: createHash("sha1").update(expected).digest("hex"),
      })
      assert.strictEqual(resource["filesize"], expected.length)
    },
  )

  it("keeps the last state on the days between", async () => {
    await using portal = await startDatagouv({ files: corpus, at: "2020-06-28" })
    assert.strictEqual(portal.resource(covidFile)["last_modified"], "2020-06-27T17:00:00+00:00")
  })

  it("gives a new URL under the same id, and the old URL is gone", async () => {
    await using portal = await startDatagouv({ files: corpus, at: "2020-03-23" })
    const old = portal.fileUrl(covidFile)
    portal.moveTo("2020-03-24")
    assert.notStrictEqual(portal.fileUrl(covidFile), old)
    assert.strictEqual((await fetch(old)).status, 404)
  })

  it("moves the dataset's dates", async () => {
    await using portal = await startDatagouv({ files: corpus, at: "2020-03-23" })
    portal.moveTo("2020-06-30")
    const { last_update, last_modified } = await read(portal, covid)
    assert.deepStrictEqual([last_update, last_modified], ["2020-06-30T17:00:00+00:00", "2020-06-30T17:00:00+00:00"])
  })

  it("can move alone", async () => {
    await using portal = await startDatagouv({ files: corpus })
    portal.moveTo("2020-06-30", covid)
    assert.strictEqual(portal.now, "2020-03-23T23:59:59+00:00")
    assert.strictEqual(portal.resource(covidFile)["title"], "donnees-hospitalieres-covid19-2020-06-30-19h00.csv")
  })
})

describe("replacing a file", () => {
  it("keeps the id and changes URL, checksum, size, title and dates", async () => {
    const [portal, id] = await withFile()
    await using _ = portal
    const before = portal.resource(id)
    portal.replace(id, { bytes: "a\n1\n2\n" }, { title: "two.csv", at: "2026-06-02T08:00:00+00:00" })
    const after = portal.resource(id)
    for (const key of ["url", "checksum", "filesize", "title", "last_modified"])
      assert.notDeepEqual(after[key], before[key], key)
    assert.strictEqual((await bytesAt(portal.fileUrl(id))).toString(), "a\n1\n2\n")
    assert.strictEqual((await read(portal, "one"))["last_update"], "2026-06-02T08:00:00+00:00")
  })

  it("refuses to go back in time", async () => {
    const [portal, id] = await withFile()
    await using _ = portal
    assert.throws(() => portal.replace(id, { bytes: "" }, { at: "2026-04-01" }), /must come after/)
  })

  it("of a remote resource keeps its URL and goes unnoticed until the crawler passes", async () => {
    await using portal = await startDatagouv({ files: corpus })
    const before = portal.resource(holidaysFile)
    portal.replace(holidaysFile, { bytes: "date\n2027-01-01\n" })
    assert.deepStrictEqual(portal.resource(holidaysFile), before)
    assert.strictEqual((await bytesAt(portal.fileUrl(holidaysFile))).toString(), "date\n2027-01-01\n")
    portal.crawl(holidaysFile)
    const { extras, last_modified } = portal.resource(holidaysFile)
    assert.notStrictEqual(last_modified, before["last_modified"])
    assert.strictEqual((extras as JsonObject)["analysis:content-length"], 16)
  })
})

describe("dates of the portal", () => {
  it("do not show a crawl in the dataset's last_modified", async () => {
    await using portal = await startDatagouv({ files: corpus })
    const before = await read(portal, holidays)
    portal.replace(holidaysFile, { bytes: "date\n" })
    portal.crawl(holidaysFile)
    const after = await read(portal, holidays)
    assert.strictEqual(after["last_modified"], before["last_modified"])
    assert.notStrictEqual(after["last_update"], before["last_update"])
  })

  it("do not show an edited checksum of a crawled remote resource in its last_modified", async () => {
    await using portal = await startDatagouv({ files: corpus, at: "2027-01-01" })
    const before = portal.resource(holidaysFile)
    const dataset = await read(portal, holidays)
    portal.editResource(holidaysFile, { checksum: { type: "sha1", value: "0" } })
    const after = portal.resource(holidaysFile)
    assert.strictEqual(after["last_modified"], before["last_modified"])
    assert.notDeepEqual(after["internal"], before["internal"])
    assert.notStrictEqual((await read(portal, holidays))["last_modified"], dataset["last_modified"])
  })

  it("move last_update backwards when the newest resource is removed", async () => {
    const [portal] = await withFile()
    await using _ = portal
    const id = portal.addResource("one", {
      title: "later.csv",
      content: { bytes: "" },
      at: "2026-05-30T08:00:00+00:00",
    })
    assert.strictEqual((await read(portal, "one"))["last_update"], "2026-05-30T08:00:00+00:00")
    portal.removeResource(id)
    assert.strictEqual((await read(portal, "one"))["last_update"], "2026-05-01T08:00:00+00:00")
  })

  it("show an edit in last_modified alone", async () => {
    const [portal] = await withFile()
    await using _ = portal
    const before = await read(portal, "one")
    portal.edit("one", { title: "Uno" })
    const after = await read(portal, "one")
    assert.strictEqual(after["title"], "Uno")
    assert.strictEqual(after["last_update"], before["last_update"])
    assert.notStrictEqual(after["last_modified"], before["last_modified"])
  })
})
