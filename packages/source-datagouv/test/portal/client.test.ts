import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { datagouv, type Http } from "../../src/index.ts"
import { discover, failures, portal, titles, withoutKey } from "../replica.ts"

describe("a walk", () => {
  /** A portal behind a proxy, with more datasets than its search can show. */
  const endless =
    (asked: Array<URL>): Http =>
    (url) => {
      asked.push(url)
      const page = Number(url.searchParams.get("page"))
      if (!url.searchParams.has("page")) return Promise.resolve(Response.json({ message: "private" }, { status: 404 }))
      return Promise.resolve(
        Response.json({
          data: [{ id: `d${page}` }],
          next_page: `http://udata.internal:7000/?page=${page + 1}`,
          total: 10_000,
        }),
      )
    }

  it.live("of a search ends where the portal's window does, and never leaves the portal", () =>
    Effect.gen(function* () {
      const asked: Array<URL> = []
      const source = yield* datagouv({ search: [{ q: "eau", max: 20_000 }], http: endless(asked) }).decode
      yield* withoutKey(Stream.runCollect(source.discover({ datasets: [] })))
      const pages = asked.filter(({ searchParams }) => searchParams.has("page"))
      assert.deepStrictEqual(pages.map(({ searchParams }) => searchParams.get("page")).slice(-1), ["100"])
      assert.isTrue(asked.every(({ origin }) => origin === "https://www.data.gouv.fr"))
    }),
  )

  it.live("takes a page that is gone meanwhile for the end, and a list that names no next page for a mistake", () =>
    Effect.gen(function* () {
      const list = (answers: ReadonlyArray<Response>): Http => {
        const rest = [...answers]
        return (url) =>
          Promise.resolve(
            url.searchParams.has("page")
              ? (rest.shift() ?? assert.fail("asked once too often"))
              : Response.json({ id: "d" }),
          )
      }
      const run = (http: Http) =>
        Effect.gen(function* () {
          const source = yield* datagouv({ datasets: ["d"], http }).decode
          return yield* withoutKey(Stream.runCollect(source.discover({ datasets: [] })))
        })
      const data = [{ id: "r", url: "https://example.org/a.csv", title: "a" }]
      const gone = Response.json({ message: "Not found" }, { status: 404 })
      assert.deepStrictEqual(titles(yield* run(list([Response.json({ data, next_page: "x" }), gone]))), ["a"])
      const [failure] = failures(yield* run(list([Response.json({ data })])))
      assert.strictEqual(failure?.reason, "DataQuality")
      assert.include(failure?.message, "next_page")
    }),
  )
})

describe("the client", () => {
  it.live("follows no redirect to another host, with or without a key", () =>
    Effect.gen(function* () {
      const [server, elsewhere] = [yield* portal(), yield* portal()]
      const other = elsewhere.url.replace("127.0.0.1", "localhost")
      server.misbehave("/api/2/datasets/moved/", {
        kind: "redirect",
        location: `${other}/api/2/datasets/moved/`,
        status: 308,
      })
      const [failure] = failures(yield* discover(server, { datasets: ["moved"], apiKey: Redacted.make("key") }))
      assert.strictEqual(failure?.reason, "Config")
      assert.include(failure?.message, "another host")
      assert.strictEqual(elsewhere.requests.length, 0)
    }),
  )

  it.live("says that the address is wrong when a 404 is not the API's", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      server.misbehave("/api/*", { kind: "status", status: 404 })
      const [failure] = failures(yield* discover(server, { datasets: ["communes"] }))
      assert.strictEqual(failure?.reason, "Config")
      assert.include(failure?.message, "check `url`")
    }),
  )

  it.effect("waits for an answer that does not come half a minute, five times", () =>
    Effect.gen(function* () {
      let asked = 0
      const http = () => (asked++, new Promise<Response>(() => {}))
      const source = yield* datagouv({ datasets: ["communes"], http }).decode
      const fiber = yield* Effect.forkChild(withoutKey(Stream.runCollect(source.discover({ datasets: [] }))))
      yield* TestClock.adjust("3 minutes")
      const [failure] = failures(yield* Fiber.join(fiber))
      assert.deepStrictEqual([asked, failure?.reason], [5, "Transient"])
      assert.include(failure?.message, "did not answer within 30 s")
    }),
  )

  it.live("reads no more than 64 MB of an answer", () =>
    Effect.gen(function* () {
      let sent = 0
      const chunk = new Uint8Array(1024 * 1024).fill(32)
      const http = () =>
        Promise.resolve(new Response(new ReadableStream({ pull: (controller) => (sent++, controller.enqueue(chunk)) })))
      const source = yield* datagouv({ datasets: ["communes"], http }).decode
      const [failure] = failures(yield* withoutKey(Stream.runCollect(source.discover({ datasets: [] }))))
      assert.strictEqual(failure?.reason, "Terminal")
      assert.include(failure?.message, "too large")
      assert.isAtMost(sent, 70)
    }),
  )

  it.live("gives up a redirect loop", () =>
    Effect.gen(function* () {
      const server = yield* portal()
      server.misbehave("/api/*", { kind: "redirect-loop" })
      assert.strictEqual(failures(yield* discover(server, { datasets: ["communes"] }))[0]?.reason, "Terminal")
      assert.isAtMost(server.requests.length, 6)
    }),
  )
})
