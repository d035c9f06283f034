import { assert, describe, it } from "@effect/vitest"
import { request } from "node:http"
import { connect } from "node:net"
import { startDatagouv } from "../src/datagouv.ts"
import type { Behaviour, Portal } from "../src/datagouv.ts"
import { corpus, covidFile } from "./corpus.ts"

const body = "0123456789".repeat(100)

const spoilt = async (behaviour: Behaviour, times?: number): Promise<readonly [Portal, string]> => {
  const portal = await startDatagouv({ catalogue: false })
  const url = portal.serve("/file.csv", body)
  portal.misbehave("/file.csv", behaviour, times)
  return [portal, url]
}

/** What came over the wire: decoded by nobody, redirects not followed. */
const raw = (url: string, headers: Record<string, string> = {}) =>
  new Promise<{
    readonly status: number
    readonly headers: NodeJS.Dict<string | Array<string>>
    readonly bytes: number
    readonly whole: boolean
  }>((resolve, reject) => {
    const outgoing = request(url, { headers, agent: false }, (response) => {
      let bytes = 0
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on("error", () => undefined)
      response.on("close", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, whole: response.complete }),
      )
    })
    outgoing.on("error", reject)
    outgoing.end()
  })

/** The whole answer as text, read from the socket. */
const wire = async (url: string): Promise<string> => {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`)
  const chunks: Array<Buffer> = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

describe("a file that misbehaves", () => {
  it("is cut after so many bytes", async () => {
    const [portal, url] = await spoilt({ kind: "cut", afterBytes: 300 })
    await using _ = portal
    const { status, headers, bytes, whole } = await raw(url)
    assert.deepStrictEqual([status, headers["content-length"], bytes, whole], [200, "1000", 300, false])
  })

  it("can be resumed after a cut", async () => {
    const [portal, url] = await spoilt({ kind: "cut", afterBytes: 300 }, 1)
    await using _ = portal
    const { bytes } = await raw(url)
    const rest = await raw(url, { Range: `bytes=${bytes}-` })
    assert.deepStrictEqual([rest.status, rest.bytes, rest.whole], [206, 700, true])
    assert.deepStrictEqual(
      portal.requests.map((one) => one.bytes),
      [300, 700],
    )
  })

  it("is slow at the pace asked for", async () => {
    const [portal, url] = await spoilt({ kind: "slow", bytesPerSecond: 10_000 })
    await using _ = portal
    const start = performance.now()
    assert.strictEqual((await raw(url)).bytes, 1000)
    assert.isAbove(performance.now() - start, 70)
  })

  it("never answers", async () => {
    const [portal, url] = await spoilt({ kind: "hang" })
    await using _ = portal
    const giveUp = new AbortController()
    const answer = fetch(url, { signal: giveUp.signal })
    const { status } = await portal.nextRequest()
    giveUp.abort()
    await answer.then(
      () => assert.fail("answered"),
      () => undefined,
    )
    assert.strictEqual(status, 0)
  })

  it("goes silent with the connection open", async () => {
    const [portal, url] = await spoilt({ kind: "stall", afterBytes: 10 })
    await using _ = portal
    const reader = (await fetch(url)).body?.getReader()
    assert.strictEqual((await reader?.read())?.value?.length, 10)
    const next = reader?.read().then(
      () => "ended",
      () => "closed",
    )
    const turn = new Promise((resolve) => setImmediate(resolve, "silent"))
    assert.strictEqual(await Promise.race([next, turn]), "silent")
  })

  it.each([404, 410, 429, 500, 502, 503])("answers %i", async (status) => {
    const [portal, url] = await spoilt({ kind: "status", status })
    await using _ = portal
    const answer = await raw(url)
    assert.strictEqual(answer.status, status)
    assert.isUndefined(answer.headers["retry-after"])
  })

  it("answers 429 with Retry-After so many times, then well", async () => {
    const [portal, url] = await spoilt({ kind: "status", status: 429, retryAfter: 2 }, 2)
    await using _ = portal
    assert.strictEqual((await raw(url)).headers["retry-after"], "2")
    assert.deepStrictEqual([(await raw(url)).status, (await raw(url)).status], [429, 200])
  })

  it("announces too great a length and ends early", async () => {
    const [portal, url] = await spoilt({ kind: "wrong-length", difference: 50 })
    await using _ = portal
    const { headers, bytes, whole } = await raw(url)
    assert.deepStrictEqual([headers["content-length"], bytes, whole], ["1050", 1000, false])
  })

  it("announces too small a length", async () => {
    const [portal, url] = await spoilt({ kind: "wrong-length", difference: -50 })
    await using _ = portal
    const [head = "", text] = (await wire(url)).split("\r\n\r\n")
    assert.match(head, /content-length: 950/i)
    assert.strictEqual(text, body)
  })

  it("announces no length", async () => {
    const [portal, url] = await spoilt({ kind: "no-length" })
    await using _ = portal
    const { headers, bytes, whole } = await raw(url)
    assert.deepStrictEqual([headers["content-length"], bytes, whole], [undefined, 1000, true])
  })

  it("announces another type", async () => {
    const [portal, url] = await spoilt({ kind: "wrong-type", contentType: "application/zip" })
    await using _ = portal
    assert.strictEqual((await raw(url)).headers["content-type"], "application/zip")
  })

  it("is behind a chain of redirects", async () => {
    const [portal, url] = await spoilt({ kind: "redirect", hops: 3 }, 1)
    await using _ = portal
    const response = await fetch(url)
    assert.strictEqual(await response.text(), body)
    assert.deepStrictEqual(
      portal.requests.map((one) => one.status),
      [302, 302, 302, 200],
    )
  })

  it("redirects elsewhere", async () => {
    const [portal, url] = await spoilt({ kind: "redirect", location: "http://169.254.169.254/latest/", status: 301 })
    await using _ = portal
    const { status, headers } = await raw(url)
    assert.deepStrictEqual([status, headers["location"]], [301, "http://169.254.169.254/latest/"])
  })

  it("redirects to itself for ever", async () => {
    const [portal, url] = await spoilt({ kind: "redirect-loop" })
    await using _ = portal
    await fetch(url).then(
      () => assert.fail("arrived"),
      () => undefined,
    )
    assert.isAbove(portal.requests.length, 10)
  })

  it("is an HTML page with status 200 and the type of the file", async () => {
    const [portal, url] = await spoilt({ kind: "html" })
    await using _ = portal
    const response = await fetch(url)
    assert.deepStrictEqual([response.status, response.headers.get("content-type")], [200, "text/csv"])
    assert.match(await response.text(), /^<!doctype html>/)
  })

  it("changes its ETag on each answer, so that If-Range never holds", async () => {
    const [portal, url] = await spoilt({ kind: "changing-etag" })
    await using _ = portal
    const first = (await raw(url)).headers.etag
    const second = await raw(url, { Range: "bytes=5-", "If-Range": String(first), "If-None-Match": String(first) })
    assert.strictEqual(second.status, 200)
    assert.notStrictEqual(second.headers.etag, first)
  })

  it("ignores ranges", async () => {
    const [portal, url] = await spoilt({ kind: "no-range" })
    await using _ = portal
    const { status, headers, bytes } = await raw(url, { Range: "bytes=5-" })
    assert.deepStrictEqual([status, headers["accept-ranges"], bytes], [200, undefined, 1000])
  })

  it("refuses HEAD and nothing else", async () => {
    const [portal, url] = await spoilt({ kind: "no-head" })
    await using _ = portal
    assert.strictEqual((await fetch(url, { method: "HEAD" })).status, 405)
    assert.strictEqual((await raw(url)).status, 200)
  })

  it("is gzipped on the wire", async () => {
    const [portal, url] = await spoilt({ kind: "gzip" })
    await using _ = portal
    assert.strictEqual((await raw(url)).headers["content-encoding"], "gzip")
    assert.strictEqual(await (await fetch(url)).text(), body)
  })

  it("does one thing after another", async () => {
    const [portal, url] = await spoilt({ kind: "status", status: 503 }, 1)
    await using _ = portal
    portal.misbehave("/file.csv", { kind: "cut", afterBytes: 1 }, 1)
    const answers = [await raw(url), await raw(url), await raw(url)]
    assert.deepStrictEqual(
      answers.map(({ status, whole }) => [status, whole]),
      [
        [503, true],
        [200, false],
        [200, true],
      ],
    )
  })

  it("behaves again when told to", async () => {
    const [portal, url] = await spoilt({ kind: "status", status: 500 })
    await using _ = portal
    portal.behave()
    assert.strictEqual((await raw(url)).status, 200)
  })
})

describe("misbehaviour", () => {
  it("follows a resource to its new URL", async () => {
    await using portal = await startDatagouv({ files: corpus })
    portal.misbehave(covidFile, { kind: "status", status: 500 })
    portal.moveTo("2020-03-24")
    assert.strictEqual((await raw(portal.fileUrl(covidFile))).status, 500)
  })

  it("can strike a whole tree, the API too", async () => {
    await using portal = await startDatagouv()
    portal.misbehave("/api/1/*", { kind: "status", status: 502 })
    assert.strictEqual((await raw(`${portal.url}/api/1/datasets/`)).status, 502)
    assert.strictEqual((await raw(`${portal.url}/api/2/datasets/`)).status, 200)
  })
})
