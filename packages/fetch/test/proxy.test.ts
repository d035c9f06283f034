import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { connect } from "node:net"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { download, temporaryFolder } from "./support/downloading.ts"
import { certificatePath, serve } from "./support/hostile-server.ts"

const listen = (server: Server) =>
  Effect.callback<number>((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** A proxy that leads every host to `target`, and writes down what it was asked for. */
const proxyTo = (target: { readonly port: number }, refuse?: number) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(refuse ?? 200).end("from the proxy")
    })
    server.on("connect", (request, socket) => {
      asked.push(`CONNECT ${request.url}`)
      if (refuse !== undefined) return void socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`)
      const upstream = connect(target.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n")
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on("error", () => socket.destroy())
      socket.on("error", () => upstream.destroy())
    })
    const port = yield* listen(server)
    yield* Effect.addFinalizer(() => Effect.sync(() => server.close()))
    return { url: `http://127.0.0.1:${port}`, asked }
  })

/** Sets variables of the environment for the scope. */
const environment = (variables: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
      Object.assign(process.env, variables)
      return before
    }),
    (before) =>
      Effect.sync(() =>
        before.forEach(([name, value]) =>
          value === undefined ? delete process.env[name] : (process.env[name] = value),
        ),
      ),
  )

/** Trusts one more certificate for the scope. */
const trusting = (path: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = getCACertificates("default")
      setDefaultCACertificates([...before, readFileSync(path, "utf8")])
      return before
    }),
    (before) => Effect.sync(() => setDefaultCACertificates(before)),
  )

const clear = { HTTP_PROXY: "", HTTPS_PROXY: "", NO_PROXY: "", http_proxy: "", https_proxy: "", no_proxy: "" }

const attempt = (url: string, settings = {}) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    return yield* download(url, { folder }, { retries: 0, allowPrivate: [], ...settings })
  })

describe("a proxy of the environment", () => {
  it.effect("resolves and connects; the guard still looks at names", () =>
    Effect.gen(function* () {
      const proxy = yield* proxyTo({ port: 1 })
      yield* environment({ ...clear, HTTP_PROXY: proxy.url, http_proxy: proxy.url })
      const result = yield* attempt("http://files.example.org/x.csv?a=1")
      assert.strictEqual(result._tag === "Downloaded" && result.bytes, "from the proxy".length)
      assert.deepStrictEqual(proxy.asked, ["GET http://files.example.org/x.csv?a=1"])
      for (const host of ["localhost", "10.0.0.1", "metadata.google.internal", "[::1]"]) {
        assert.strictEqual((yield* Effect.flip(attempt(`http://${host}/`))).reason._tag, "Config")
      }
      assert.strictEqual(proxy.asked.length, 1)
    }),
  )

  it.effect("is not used for the hosts of NO_PROXY, whose addresses are then checked", () =>
    Effect.gen(function* () {
      const direct = yield* serve((_request, response) => void response.end("direct"))
      const proxy = yield* proxyTo(direct)
      yield* environment({
        ...clear,
        HTTP_PROXY: proxy.url,
        http_proxy: proxy.url,
        NO_PROXY: "127.0.0.1",
        no_proxy: "127.0.0.1",
      })
      const result = yield* attempt(direct.url, { allowPrivate: ["127.0.0.1"] })
      assert.strictEqual(result._tag === "Downloaded" && result.bytes, 6)
      assert.deepStrictEqual(proxy.asked, [])
    }),
  )

  it.effect("that refuses, wants a password or has no address is a matter of configuration", () =>
    Effect.gen(function* () {
      for (const [refuse, reason] of [
        [407, "Config"],
        [403, "Terminal"],
        [502, "Transient"],
      ] as const) {
        const proxy = yield* proxyTo({ port: 1 }, refuse)
        yield* environment({ ...clear, HTTPS_PROXY: proxy.url, https_proxy: proxy.url })
        assert.strictEqual((yield* Effect.flip(attempt("https://files.example.org/"))).reason._tag, reason)
      }
      yield* environment({ ...clear, HTTP_PROXY: "no address", http_proxy: "no address" })
      assert.match(
        (yield* Effect.flip(attempt("http://files.example.org/"))).message,
        /HTTP_PROXY is not the address of a proxy/,
      )
    }),
  )

  it.effect("carries TLS untouched, and NODE_EXTRA_CA_CERTS says whom to trust", () =>
    Effect.gen(function* () {
      const server = yield* serve((_request, response) => void response.end("over TLS"), true)
      const proxy = yield* proxyTo(server)
      for (const HTTPS_PROXY of ["", proxy.url]) {
        const folder = yield* temporaryFolder
        const script = new URL("./support/download-process.ts", import.meta.url).pathname
        const child = spawn(
          process.execPath,
          ["--conditions", "@opendatahub-sql/source", script, `${server.url}/x`, folder],
          {
            stdio: ["ignore", "ignore", "inherit"],
            env: {
              ...process.env,
              ...clear,
              HTTPS_PROXY,
              https_proxy: HTTPS_PROXY,
              NODE_EXTRA_CA_CERTS: certificatePath,
            },
          },
        )
        assert.deepStrictEqual((yield* Effect.promise(() => once(child, "exit")))[0], 0)
        assert.strictEqual(readFileSync(join(folder, readdirSync(folder)[0] ?? ""), "utf8"), "over TLS")
      }
      assert.deepStrictEqual(proxy.asked, [`CONNECT 127.0.0.1:${server.port}`])
    }),
  )
})

describe("TLS", () => {
  it.effect("that nobody vouches for is refused, with the way out", () =>
    Effect.gen(function* () {
      const server = yield* serve((_request, response) => void response.end("x"), true)
      const error = yield* Effect.flip(attempt(server.url, { allowPrivate: ["127.0.0.1"] }))
      assert.strictEqual(error.reason._tag, "Terminal")
      assert.match(error.message, /NODE_EXTRA_CA_CERTS/)
      assert.strictEqual(server.seen.length, 0)
    }),
  )

  it.effect("may be left for a static link, but not with credentials", () =>
    Effect.gen(function* () {
      yield* trusting(certificatePath)
      const clear = yield* serve((_request, response) => void response.end("in the clear"))
      const server = yield* serve(
        (_request, response) => void response.writeHead(301, { location: `${clear.url}/x` }).end(),
        true,
      )
      const settings = { retries: 0, allowPrivate: ["127.0.0.1"] }
      const folder = yield* temporaryFolder
      const result = yield* download(server.url, { folder }, settings)
      assert.strictEqual(result._tag === "Downloaded" && result.finalUrl, `${clear.url}/x`)
      const headers = { authorization: Redacted.make("s3cret") }
      const error = yield* Effect.flip(download({ url: server.url, headers }, { folder }, settings))
      assert.strictEqual(error.reason._tag, "Terminal")
      assert.match(error.message, /from https to http:.*refused because the request carries credentials/)
      assert.strictEqual(clear.seen.length, 1)
    }),
  )
})
