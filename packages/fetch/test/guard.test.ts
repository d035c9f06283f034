import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { LookupFunction } from "node:net"
import { download, temporaryFolder } from "./support/downloading.ts"
import { type Handler, serve } from "./support/hostile-server.ts"

const ok: Handler = (_request, response) => void response.end("ok")
const to =
  (location: string, status = 302): Handler =>
  (_request, response) =>
    void response.writeHead(status, { location }).end()

/** A resolver whose answers are `answers`, one after the other, the last one for ever. */
const resolver = (
  ...answers: ReadonlyArray<ReadonlyArray<string>>
): LookupFunction & { readonly asked: Array<string> } => {
  const asked: Array<string> = []
  const lookup: LookupFunction = (host, _options, callback) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(host)
    callback(
      null,
      answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    )
  }
  return Object.assign(lookup, { asked })
}

const attempt = (url: string, settings: Parameters<typeof download>[2] = {}, headers = {}) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    return yield* download({ url, headers }, { folder }, { retries: 0, ...settings })
  })

describe("the guard", () => {
  it.effect("refuses private hosts by default, and names the option", () =>
    Effect.gen(function* () {
      const server = yield* serve(ok)
      for (const url of [
        server.url,
        server.url.replace("127.0.0.1", "localhost"),
        server.url.replace("127.0.0.1", "2130706433"),
        "http://169.254.169.254/latest",
      ]) {
        const error = yield* Effect.flip(attempt(url, { allowPrivate: [] }))
        assert.strictEqual(error.reason._tag, "Config")
        assert.match(error.message, /is not a public host.*`allowPrivate`/)
      }
      assert.strictEqual(server.seen.length, 0)
    }),
  )

  it.effect("refuses a public name with a private address, even one among many", () =>
    Effect.gen(function* () {
      const server = yield* serve(ok)
      const url = `http://files.example.org:${server.port}/`
      for (const addresses of [["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["93.184.216.34", "127.0.0.1"]]) {
        const error = yield* Effect.flip(attempt(url, { lookup: resolver(addresses) }))
        assert.strictEqual(error.reason._tag, "Config")
        assert.match(error.message, /files\.example\.org resolves to .*not a public address.*`allowPrivate`/)
      }
      assert.strictEqual(server.seen.length, 0)
    }),
  )

  it.effect("connects to the address that it checked, without asking twice", () =>
    Effect.gen(function* () {
      const server = yield* serve(ok)
      const lookup = resolver(["127.0.0.1"], ["10.0.0.1"])
      yield* attempt(`http://files.example.org:${server.port}/`, { lookup, allowPrivate: ["files.example.org"] })
      assert.deepStrictEqual(lookup.asked, ["files.example.org"])
    }),
  )

  it.effect("checks the addresses of every host on the way", () =>
    Effect.gen(function* () {
      const server = yield* serve(
        (_request, response) =>
          void response.writeHead(302, { location: `http://files.example.org:${server.port}/` }).end(),
      )
      const lookup = resolver(["127.0.0.1"])
      const error = yield* Effect.flip(attempt(server.url, { lookup }))
      assert.match(error.message, /files\.example\.org resolves to 127\.0\.0\.1/)
      assert.strictEqual(server.seen.length, 1)
    }),
  )

  it.effect("checks where redirects lead", () =>
    Effect.gen(function* () {
      const inside = yield* serve(ok)
      for (const target of [
        inside.url.replace("127.0.0.1", "localhost"),
        inside.url.replace("127.0.0.1", "127.0.0.2"),
        "http://[::1]/",
        "http://169.254.169.254/",
      ]) {
        const server = yield* serve(to(target))
        const error = yield* Effect.flip(attempt(server.url))
        assert.strictEqual(error.reason._tag, "Config")
      }
      const server = yield* serve(to("file:///etc/passwd"))
      assert.match((yield* Effect.flip(attempt(server.url))).message, /file is not spoken here/)
      assert.strictEqual(inside.seen.length, 0)
    }),
  )

  it.effect("speaks http, https, ftp and ftps only", () =>
    Effect.gen(function* () {
      for (const url of [
        "sftp://ftp.example.org/x.csv",
        "gopher://example.org/x",
        "file:///etc/passwd",
        "data:text/csv,a",
        "/x.csv",
        "www.example.org/x.csv",
        "",
      ]) {
        const error = yield* Effect.flip(attempt(url))
        assert.strictEqual(error.reason._tag, "Config", url)
      }
    }),
  )

  it.effect("speaks the protocols that are configured alone, behind a redirect too", () =>
    Effect.gen(function* () {
      const plain = yield* serve(ok)
      const protocols = ["https"] as const
      assert.match(
        (yield* Effect.flip(attempt(plain.url, { protocols }))).message,
        /http is not spoken here, only https/,
      )
      const server = yield* serve(to("ftp://127.0.0.1/x"))
      assert.match((yield* Effect.flip(attempt(server.url, { protocols: ["http"] }))).message, /ftp is not spoken here/)
      assert.deepStrictEqual(plain.seen, [])
    }),
  )

  it.effect("calls a name that does not resolve transient", () =>
    Effect.gen(function* () {
      const lookup: LookupFunction = (_host, _options, callback) =>
        callback(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }), "", 0)
      const error = yield* Effect.flip(attempt("http://files.example.org/", { lookup }))
      assert.strictEqual(error.reason._tag, "Transient")
      assert.match(error.message, /files\.example\.org does not resolve \(ENOTFOUND\)/)
    }),
  )
})

describe("redirects", () => {
  it.effect("are followed, ten at most", () =>
    Effect.gen(function* () {
      const chain: Handler = (request, response, turn) => {
        const left = Number(request.url?.slice(1))
        return left === 0
          ? ok(request, response, turn)
          : to(`/${left - 1}`, [301, 302, 303, 307, 308][left % 5])(request, response, turn)
      }
      const server = yield* serve(chain)
      const result = yield* attempt(`${server.url}/10`)
      assert.strictEqual(result._tag === "Downloaded" && result.finalUrl, `${server.url}/0`)
      const error = yield* Effect.flip(attempt(`${server.url}/11`))
      assert.strictEqual(error.reason._tag, "Terminal")
      assert.match(error.message, /more than 10 redirects/)
    }),
  )

  it.effect("in a circle end at once", () =>
    Effect.gen(function* () {
      const server = yield* serve(
        (request, response) => void response.writeHead(302, { location: request.url === "/a" ? "/b" : "/a" }).end(),
      )
      assert.match((yield* Effect.flip(attempt(`${server.url}/a`))).message, /circle/)
      assert.strictEqual(server.seen.length, 2)
    }),
  )

  it.effect("lead to addresses as servers write them: accents as bytes, blanks, &amp;", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response, turn) => {
        if (turn > 0) return ok(request, response, turn)
        response.writeHead(302, { location: Buffer.from("/été 2024.csv?a=1&amp;b=2").toString("latin1") }).end()
      })
      yield* attempt(server.url)
      assert.strictEqual(server.seen[1]?.path, "/%C3%A9t%C3%A9%202024.csv?a=1&b=2")
    }),
  )

  it.effect("take the caller's headers along on the same host, and never to another one", () =>
    Effect.gen(function* () {
      const other = yield* serve(
        (request, response) => void response.writeHead(302, { location: `${first.url}/back` }).end(String(request.url)),
      )
      const first = yield* serve((request, response, turn) =>
        (turn === 0 ? to("/next") : request.url === "/next" ? to(`${other.url}/other`) : ok)(request, response, turn),
      )
      const headers = {
        Authorization: Redacted.make("Bearer s3cret"),
        "X-Api-Key": "s3cret",
        Accept: "text/csv",
        Range: "bytes=0-1",
      }
      yield* attempt(first.url, {}, headers)
      const [start, next, back] = first.seen
      for (const seen of [start, next]) {
        assert.strictEqual(seen?.headers.authorization, "Bearer s3cret")
        assert.strictEqual(seen?.headers.accept, "text/csv")
        assert.strictEqual(seen?.headers.range, undefined)
      }
      for (const seen of [other.seen[0], back]) {
        assert.notInclude(JSON.stringify(seen?.headers), "s3cret")
        assert.strictEqual(seen?.headers.accept, "*/*")
      }
      assert.match(
        start?.headers["user-agent"] ?? "",
        /^opendatahub-sql\/\d+\.\d+\.\d+ \(\+https:\/\/github\.com\/opendatahub-sql\/opendatahub-sql\)$/,
      )
    }),
  )
})

describe("secrets", () => {
  const secret = "s3cr3t"
  const assertSilent = (value: unknown) => assert.notInclude(JSON.stringify(value) + String(value), secret)

  it.effect("are in no error and no result", () =>
    Effect.gen(function* () {
      const query = `year=2024&token=${secret}&X-Amz-Signature=${secret}&sig=${secret}&api_key=${secret}&key=${secret}`
      const server = yield* serve((request, response, turn) =>
        (request.url?.startsWith("/gone") ? to(`/404?${query}`) : ok)(request, response, turn),
      )
      const broken = yield* serve((_request, response) => void response.writeHead(404).end())
      const headers = { authorization: Redacted.make(secret) }
      const withUser = (url: string) => url.replace("http://", `http://user:${secret}@`)

      const result = yield* attempt(`${withUser(server.url)}/x.csv?${query}#${secret}`, {}, headers)
      assertSilent(result)
      assert.strictEqual(result._tag === "Downloaded" && result.finalUrl, `${server.url}/x.csv?year=2024`)
      assert.strictEqual(server.seen[0]?.path, `/x.csv?${query}`)

      assertSilent(yield* Effect.flip(attempt(`${withUser(broken.url)}/x?${query}`, {}, headers)))
      assertSilent(yield* Effect.flip(attempt(`sftp://user:${secret}@example.org/x?${query}`)))
      assertSilent(yield* Effect.flip(attempt(`http://user:${secret}@[/x?${query}`)))
      const invalid = yield* Effect.flip(attempt(server.url, {}, { authorization: Redacted.make(`${secret}\r\nx: y`) }))
      assert.strictEqual(invalid.reason._tag, "Config")
      assertSilent(invalid)
    }),
  )

  it.effect("in the address go to its host as basic authentication", () =>
    Effect.gen(function* () {
      const server = yield* serve(ok)
      yield* attempt(server.url.replace("http://", "http://us%40er:p%3Aw@"))
      assert.strictEqual(server.seen[0]?.headers.authorization, `Basic ${Buffer.from("us@er:p:w").toString("base64")}`)
    }),
  )
})
