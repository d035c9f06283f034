import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { Fetch } from "@opendatahub-sql/core"
import { layer } from "@opendatahub-sql/fetch"
import type { ServerResponse } from "node:http"
import { download, temporaryFolder } from "./support/downloading.ts"
import { bytesOf, fileHandler, type Handler, serve, sha256 } from "./support/hostile-server.ts"

const content = bytesOf(10_000)
const whole = fileHandler(content, () => ({ etag: '"a"' }))

const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    void response.writeHead(code, headers).end("<html>an error page</html>")

/** Answers with `first` for `times` requests, then with the file. */
const run = (first: Handler, { times = Infinity, retries = 5 } = {}) =>
  Effect.gen(function* () {
    const server = yield* serve((request, response, turn) => (turn < times ? first : whole)(request, response, turn))
    const folder = yield* temporaryFolder
    const waits: Array<number> = []
    const result = yield* Effect.result(download(`${server.url}/f.csv`, { folder }, { retries }, waits))
    return { result, waits, requests: server.seen.length }
  })

const failed = (outcome: Effect.Success<ReturnType<typeof run>>) =>
  outcome.result._tag === "Failure" ? outcome.result.failure : assert.fail("it did not fail")

describe("a server that is unwell", () => {
  it.effect("is tried again on 408, 425, 429 and 5xx", () =>
    Effect.gen(function* () {
      for (const code of [408, 425, 429, 500, 502, 503, 504, 522]) {
        const outcome = yield* run(status(code), { times: 2 })
        assert.strictEqual(outcome.result._tag, "Success", String(code))
        assert.strictEqual(outcome.requests, 3)
      }
    }),
  )

  it.effect("is given up after the retries, with waits that double up to 30 s, give or take a fifth", () =>
    Effect.gen(function* () {
      const { waits, ...outcome } = yield* run(status(503), { retries: 9 }).pipe(
        Effect.map((o) => ({ ...o, waits: o.waits })),
      )
      assert.strictEqual(waits.length, 9)
      const nominal = [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]
      waits.forEach((wait, index) =>
        assert.isTrue(Math.abs(wait / (nominal[index] ?? 0) - 1) <= 0.2, `${index}: ${wait}`),
      )
      const error = failed({ ...outcome, waits })
      assert.strictEqual(error.reason._tag, "Transient")
      assert.match(
        error.message,
        /\/f\.csv: the server answered 503 Service Unavailable; try again later \(10 attempts\)$/,
      )
    }),
  )

  it.effect("is left alone for as long as it asks: seconds or a date", () =>
    Effect.gen(function* () {
      const seconds = yield* run(status(429, { "retry-after": "100" }), { times: 1 })
      assert.strictEqual(seconds.waits[0], 100_000)
      const date = yield* run(status(503, { "retry-after": new Date(Date.now() + 90_000).toUTCString() }), { times: 1 })
      assert.isTrue((date.waits[0] ?? 0) > 80_000 && (date.waits[0] ?? 0) <= 90_000)
      assert.strictEqual(date.result._tag, "Success")
    }),
  )

  it.effect("is not waited for longer than two minutes: the caller learns how long it asked", () =>
    Effect.gen(function* () {
      const outcome = yield* run(status(429, { "retry-after": "3600" }))
      assert.deepStrictEqual(failed(outcome).reason, { _tag: "Transient", retryAfterMs: 3_600_000 })
      assert.match(failed(outcome).message, /asks to wait 3600 s/)
      assert.strictEqual(outcome.requests, 1)
    }),
  )

  it.effect("is tried again when it closes before it answers, or refuses connections", () =>
    Effect.gen(function* () {
      const closed = yield* run((request) => request.socket.destroy(), { times: 2 })
      assert.strictEqual(closed.result._tag, "Success")
      const server = yield* serve(whole)
      server.close()
      const folder = yield* temporaryFolder
      const error = yield* Effect.flip(download(`${server.url}/f.csv`, { folder }, { retries: 1 }))
      assert.strictEqual(error.reason._tag, "Transient")
      assert.match(error.message, /refuses connections \(ECONNREFUSED\)/)
    }),
  )
})

describe("a refusal", () => {
  it.effect("is final, and says what to do", () =>
    Effect.gen(function* () {
      const advice = {
        401: /credentials/,
        403: /credentials/,
        404: /new address/,
        410: /new address/,
        400: /browser/,
        451: /browser/,
      }
      for (const [code, expected] of Object.entries(advice)) {
        const outcome = yield* run(status(Number(code)))
        const error = failed(outcome)
        assert.strictEqual(error.reason._tag, "Terminal", code)
        assert.match(error.message, expected)
        assert.include(error.message, code)
        assert.strictEqual(outcome.requests, 1)
      }
    }),
  )

  it.effect(
    "leads to the lasting address of the request, when it says that the file is gone, without the old validators",
    () =>
      Effect.gen(function* () {
        for (const status of [404, 410, 403]) {
          const server = yield* serve((request, response) =>
            request.url === "/lasting" ? void response.end("new") : void response.writeHead(status).end(),
          )
          const request = { url: `${server.url}/old`, orElse: `${server.url}/lasting` }
          const folder = yield* temporaryFolder
          const result = yield* Effect.result(download(request, { folder, validators: { etag: '"old"' } }))
          assert.strictEqual(result._tag, status === 403 ? "Failure" : "Success", String(status))
          assert.deepStrictEqual(
            server.seen.map(({ path, headers }) => [path, headers["if-none-match"]]),
            [["/old", '"old"'], ...(status === 403 ? [] : [["/lasting", undefined]])],
          )
        }
      }),
  )

  it.effect("is what an answer without a file means: 204, a range nobody asked for, a redirect to nowhere", () =>
    Effect.gen(function* () {
      for (const handler of [
        status(204),
        status(206, { "content-range": "bytes 0-9/10" }),
        status(302),
        status(302, { location: "http://[" }),
      ]) {
        assert.strictEqual(failed(yield* run(handler)).reason._tag, "Terminal")
      }
    }),
  )
})

describe("a conditional download", () => {
  const lastModified = "Mon, 02 Nov 2020 10:00:00 GMT"
  const ask = (validators: { etag?: string; lastModified?: string }, handler: Handler) =>
    Effect.gen(function* () {
      const server = yield* serve(handler)
      const folder = yield* temporaryFolder
      return {
        result: yield* Effect.result(download(`${server.url}/f.csv`, { folder, validators })),
        seen: server.seen[0]?.headers,
      }
    })
  const weak = fileHandler(content, () => ({ etag: 'W/"a"', lastModified }))

  it.effect("learns that nothing changed: by ETag, a weak one too, else by date", () =>
    Effect.gen(function* () {
      const byTag = yield* ask({ etag: 'W/"a"', lastModified: "Sun, 01 Nov 2020 10:00:00 GMT" }, weak)
      assert.strictEqual(byTag.result._tag === "Success" && byTag.result.success._tag, "NotModified")
      assert.strictEqual(byTag.seen?.["if-modified-since"], undefined)
      const byDate = yield* ask({ lastModified }, weak)
      assert.strictEqual(byDate.result._tag === "Success" && byDate.result.success._tag, "NotModified")
    }),
  )

  it.effect("brings the file and its new validators when it changed", () =>
    Effect.gen(function* () {
      const { result } = yield* ask({ etag: '"old"' }, weak)
      if (result._tag === "Failure" || result.success._tag !== "Downloaded") return assert.fail("not downloaded")
      assert.deepStrictEqual(result.success.validators, { etag: 'W/"a"', lastModified })
      assert.strictEqual(result.success.sha256, sha256(content))
    }),
  )

  it.effect("does not believe a 304 that nobody asked for", () =>
    Effect.gen(function* () {
      const { result } = yield* ask({}, status(304))
      assert.strictEqual(result._tag === "Failure" && result.failure.reason._tag, "Terminal")
    }),
  )
})

describe("limits", () => {
  it.effect("name the timeout that was reached", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const silent = yield* serve(() => undefined)
      const stalled = yield* serve(
        (_request, response) => void response.writeHead(200, { "content-length": 10 }).write("abc"),
      )
      const timeouts = { firstByte: 50, idle: 50 }
      const first = yield* Effect.flip(download(silent.url, { folder }, { retries: 0, timeouts }))
      assert.match(first.message, /timeouts\.firstByte/)
      const idle = yield* Effect.flip(download(stalled.url, { folder }, { retries: 0, timeouts }))
      assert.match(idle.message, /timeouts\.idle/)
      assert.deepStrictEqual([first.reason._tag, idle.reason._tag], ["Transient", "Transient"])
    }),
  )

  it.effect("end a download that takes longer than the whole time", () =>
    Effect.gen(function* () {
      const server = yield* serve(() => undefined)
      const folder = yield* temporaryFolder
      const fetch = yield* Fetch
      const fiber = yield* Effect.forkChild(Effect.flip(fetch.download({ url: server.url, name: "f" }, { folder })), {
        startImmediately: true,
      })
      yield* TestClock.adjust("6 hours")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason._tag, "Transient")
      assert.match(error.message, /timeouts\.whole/)
    }).pipe(Effect.provide(layer({ allowPrivate: ["127.0.0.1"] }))),
  )

  it.effect("refuse what is announced, or turns out, larger than maxBytes", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const handler of [
        whole,
        ((_request, response) => void response.writeHead(200).end(content)) satisfies Handler,
      ]) {
        const server = yield* serve(handler)
        const error = yield* Effect.flip(download(server.url, { folder }, { maxBytes: content.length - 1 }))
        assert.strictEqual(error.reason._tag, "Config")
        yield* download(server.url, { folder }, { maxBytes: content.length })
      }
    }),
  )

  it.effect("hold for progress too: at most ten reports a second, and one at the end", () =>
    Effect.gen(function* () {
      const server = yield* serve(fileHandler(bytesOf(2_000_000), () => ({ etag: '"a"' })))
      const folder = yield* temporaryFolder
      const reports: Array<unknown> = []
      const fetch = yield* Fetch
      yield* fetch.download(
        { url: server.url, name: "f" },
        { folder, onProgress: (progress) => reports.push(progress) },
      )
      assert.deepStrictEqual(reports, [{ received: 2_000_000, total: 2_000_000 }])
    }).pipe(Effect.provide(layer({ allowPrivate: ["127.0.0.1"] }))),
  )

  it.effect("let no more than perHost requests at once reach a host", () =>
    Effect.gen(function* () {
      const open: Array<ServerResponse> = []
      let most = 0
      // Nobody is answered before a second one is there, and the event loop has turned often enough for a third.
      const answerBoth = (turns: number): void => {
        if (turns > 0) return void setImmediate(answerBoth, turns - 1)
        for (const response of open.splice(0)) response.end("x")
      }
      const server = yield* serve((_request, response) => {
        most = Math.max(most, open.push(response))
        if (open.length === 2) answerBoth(20)
      })
      const folder = yield* temporaryFolder
      const fetch = yield* Fetch
      const all = Array.from({ length: 20 }, (_, index) =>
        fetch.download({ url: `${server.url}/${index}`, name: "f" }, { folder }),
      )
      yield* Effect.all(all, { concurrency: "unbounded" })
      assert.strictEqual(most, 2)
    }).pipe(Effect.provide(layer({ allowPrivate: ["127.0.0.1"], perHost: 2 }))),
  )
})
