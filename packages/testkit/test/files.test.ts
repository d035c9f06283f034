import { assert, describe, it } from "@effect/vitest"
import { startDatagouv } from "../src/datagouv.ts"
import type { Portal } from "../src/datagouv.ts"
import { corpus, holidaysFile, readCorpus } from "./corpus.ts"

const lastModified = "Fri, 01 May 2026 08:00:00 GMT"

const withFile = async (): Promise<readonly [Portal, string]> => {
  const portal = await startDatagouv({ catalogue: false })
  return [portal, portal.serve("/ten.csv", "0123456789", { lastModified: "2026-05-01T08:00:00+00:00" })]
}

const get = async (url: string, headers: Record<string, string> = {}, method = "GET") => {
  const response = await fetch(url, { headers, method })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe("files", () => {
  it("come byte for byte, with length, type and validators", async () => {
    await using portal = await startDatagouv({ files: corpus })
    const response = await fetch(portal.fileUrl(holidaysFile))
    const expected = readCorpus("jours-feries/jours_feries_metropole.csv")
    assert.isTrue(Buffer.from(await response.arrayBuffer()).equals(expected))
    assert.strictEqual(response.headers.get("content-length"), String(expected.length))
    assert.strictEqual(response.headers.get("content-type"), "text/csv")
    for (const name of ["etag", "last-modified"]) assert.isNotNull(response.headers.get(name))
    assert.strictEqual(response.headers.get("accept-ranges"), "bytes")
  })

  it("are 404 when they are not in the files directory", async () => {
    await using portal = await startDatagouv()
    assert.strictEqual((await get(portal.fileUrl(holidaysFile))).status, 404)
  })

  it("answer HEAD without a body", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    const { status, headers, text } = await get(url, {}, "HEAD")
    assert.deepStrictEqual([status, headers.get("content-length"), text], [200, "10", ""])
    assert.strictEqual(portal.requests[0]?.bytes, 0)
  })

  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
    ["bytes=8-99", "89", "bytes 8-9/10"],
  ])("give the range %s", async (range, text, contentRange) => {
    const [portal, url] = await withFile()
    await using _ = portal
    const answer = await get(url, { Range: range })
    assert.deepStrictEqual([answer.status, answer.text, answer.headers.get("content-range")], [206, text, contentRange])
  })

  it("answer 416 to a range past the end", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    const { status, headers } = await get(url, { Range: "bytes=10-" })
    assert.deepStrictEqual([status, headers.get("content-range")], [416, "bytes */10"])
  })

  it.each(["bytes=a-b", "lines=0-1", "bytes=5-2", "bytes=0-1,4-5"])("come whole for the range %s", async (range) => {
    const [portal, url] = await withFile()
    await using _ = portal
    assert.strictEqual((await get(url, { Range: range })).status, 200)
  })

  it("give a range while If-Range holds, and the whole file when it does not", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    const etag = (await get(url)).headers.get("etag") ?? ""
    const statuses = await Promise.all(
      [etag, lastModified, `W/${etag}`, '"other"'].map(
        async (condition) => (await get(url, { Range: "bytes=5-", "If-Range": condition })).status,
      ),
    )
    assert.deepStrictEqual(statuses, [206, 206, 200, 200])
  })

  it("answer 304 to their ETag, weak or in a list, and 200 to another", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    const etag = (await get(url)).headers.get("etag") ?? ""
    const statuses = await Promise.all(
      [etag, `W/${etag}`, `"x", ${etag}`, '"x"'].map(
        async (tags) => (await get(url, { "If-None-Match": tags })).status,
      ),
    )
    assert.deepStrictEqual(statuses, [304, 304, 304, 200])
  })

  it("answer 304 to their date, and 200 to an older one", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    const since = async (date: string) => (await get(url, { "If-Modified-Since": date })).status
    assert.deepStrictEqual([await since(lastModified), await since("Thu, 30 Apr 2026 08:00:00 GMT")], [304, 200])
  })

  it("let If-None-Match win over If-Modified-Since", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    assert.strictEqual((await get(url, { "If-None-Match": '"x"', "If-Modified-Since": lastModified })).status, 200)
  })

  it("stay inside the files directory", async () => {
    await using portal = await startDatagouv({ files: corpus })
    assert.throws(() => {
      portal.replace(holidaysFile, { file: "../golden/README.md" })
      portal.crawl(holidaysFile)
      portal.resource(holidaysFile)
    }, /outside/)
  })
})

describe("the request log", () => {
  it("has method, path, headers, status and bytes of each request in order", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    await get(`${url}?a=1`, { "X-Test": "yes", Range: "bytes=0-3" })
    await get(`${portal.url}/nothing`, {}, "HEAD")
    const [first, second] = portal.requests
    assert.deepStrictEqual([first?.method, first?.path, first?.status, first?.bytes], ["GET", "/ten.csv?a=1", 206, 4])
    assert.strictEqual(first?.headers["x-test"], "yes")
    assert.deepStrictEqual([second?.method, second?.status], ["HEAD", 404])
  })

  it("can be cleared", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    await get(url)
    portal.clear()
    assert.deepStrictEqual(portal.requests, [])
  })

  it("knows the most requests open at once", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    portal.misbehave("/ten.csv", { kind: "slow", bytesPerSecond: 100 })
    await Promise.all([get(url), get(url), get(url)])
    await get(url)
    assert.strictEqual(portal.concurrency, 3)
  })

  it("tells when the next request arrives", async () => {
    const [portal, url] = await withFile()
    await using _ = portal
    const arrival = portal.nextRequest((request) => request.path === "/ten.csv")
    await get(`${portal.url}/other`)
    const [request] = await Promise.all([arrival, get(url)])
    assert.strictEqual(request.path, "/ten.csv")
  })
})
