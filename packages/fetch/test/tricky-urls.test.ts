import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { LookupFunction } from "node:net"
import { download, temporaryFolder } from "./support/downloading.ts"
import { serve } from "./support/hostile-server.ts"

/** `PORT` is that of a server on this machine, which must hear nothing. Loopback and metadata addresses in the notations that filters have missed. */
const TRICKY = `
http://127.0.0.1:PORT/  http://127.1:PORT/  http://127.0.1:PORT/  http://2130706433:PORT/  http://0x7f000001:PORT/  http://0x7f.0.0.1:PORT/
http://0x7f.1:PORT/  http://0177.0.0.1:PORT/  http://0177.1:PORT/  http://017700000001:PORT/  http://127.0.0.1.:PORT/  http://127.127.127.127:PORT/
http://0:PORT/  http://0.0.0.0:PORT/  http://00000000:PORT/  http://0x0:PORT/  http://①②⑦.⓪.⓪.①:PORT/  http://１２７.０.０.１:PORT/
http://127。0。0。1:PORT/  http://127%2e0%2e0%2e1:PORT/  http://%31%32%37.0.0.1:PORT/  http://user@127.0.0.1:PORT/  http://example.org@127.0.0.1:PORT/
http://example.org:80@127.0.0.1:PORT/  http://example.org%2f@127.0.0.1:PORT/  http://127.0.0.1:PORT\\@example.org/  http:\\\\127.0.0.1:PORT\\x
http:127.0.0.1:PORT/  http:/127.0.0.1:PORT/  http:///127.0.0.1:PORT/  HTTP://127.0.0.1:PORT/  http://127.0.0.1:PORT?@example.org  http://127.0.0.1:PORT#@example.org/
http://localhost:PORT/  http://LOCALHOST:PORT/  http://localhost.:PORT/  http://lo\u00adcalhost:PORT/  http://ⓛocalhost:PORT/  http://a.localhost:PORT/
http://[::1]:PORT/  http://[::]:PORT/  http://[0:0:0:0:0:0:0:1]:PORT/  http://[0000::0001]:PORT/  http://[::ffff:127.0.0.1]:PORT/  http://[::ffff:7f00:1]:PORT/
http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/  http://[::127.0.0.1]:PORT/  http://[64:ff9b::7f00:1]:PORT/  http://[64:ff9b::127.0.0.1]:PORT/  http://[2002:7f00:1::]:PORT/
http://[fe80::1]:PORT/  http://[fc00::1]:PORT/  http://[fd00:ec2::254]/latest/meta-data/  http://[ff02::1]:PORT/  http://[fec0::1]:PORT/
http://169.254.169.254/latest/meta-data/  http://2852039166/latest/  http://0xa9fea9fe/  http://0251.0376.0251.0376/  http://169.254.43518/  http://[::ffff:a9fe:a9fe]/
http://metadata.google.internal/computeMetadata/v1/  http://100.100.100.200/latest/  http://192.0.0.192/opc/v2/  http://168.63.129.16/
http://10.0.0.1/  http://172.16.0.1/  http://172.31.255.255/  http://192.168.0.1/  http://100.64.0.1/  http://198.18.0.1/  http://255.255.255.255/  http://224.0.0.1/
http://intranet/  http://printer.local/  http://wiki.corp/  http://router.lan/  http://nas.home.arpa/  http://db.internal/  http://x.private/
ftp://127.1:PORT/x  ftps://0x7f.1:PORT/x  ftp://[::1]:PORT/x
`

const urls = (port: number): ReadonlyArray<string> => TRICKY.trim().replaceAll("PORT", String(port)).split(/\s+/)

/** A name that is public for who checks it, and private for who connects: the addresses one answer after the other. */
const rebinding = (...answers: ReadonlyArray<string>): LookupFunction => {
  let turn = 0
  return (_host, _options, callback) => {
    const address = answers[Math.min(turn++, answers.length - 1)] ?? ""
    callback(null, [{ address, family: address.includes(":") ? 6 : 4 }])
  }
}

const attempt = (url: string, settings: Parameters<typeof download>[2]) =>
  Effect.flatMap(temporaryFolder, (folder) => Effect.flip(download(url, { folder }, { retries: 0, ...settings })))

describe("an address that means to get inside", () => {
  it.effect("is refused in every notation, and nothing inside hears of it", () =>
    Effect.gen(function* () {
      const inside = yield* serve((_request, response) => void response.end("secret"))
      const all = urls(inside.port)
      assert.isAtLeast(all.length, 60)
      for (const url of all) {
        // A resolver that would say yes to all: the guard does not ask it, or does not believe it.
        const error = yield* attempt(url, { allowPrivate: [], lookup: rebinding("127.0.0.1") })
        assert.strictEqual(error.reason._tag, "Config", url)
      }
      assert.deepStrictEqual(inside.seen, [])
    }),
  )

  it.effect("is refused behind a redirect, too", () =>
    Effect.gen(function* () {
      const inside = yield* serve((_request, response) => void response.end("secret"))
      const outside = yield* serve((request, response) => {
        const location = new URL(request.url ?? "", "http://x").searchParams.get("to") ?? ""
        response.writeHead(302, { location: Buffer.from(location).toString("latin1") }).end()
      })
      // The redirecting server is allowed by its port's host alone: it goes by a name here.
      const lookup: LookupFunction = (host, options, callback) =>
        host === "outside.example.org"
          ? callback(null, [{ address: "127.0.0.1", family: 4 }])
          : rebinding("127.0.0.1")(host, options, callback)
      for (const url of urls(inside.port)) {
        const error = yield* attempt(`http://outside.example.org:${outside.port}/?to=${encodeURIComponent(url)}`, {
          allowPrivate: ["outside.example.org"],
          lookup,
        })
        assert.include(["Config", "Terminal"], error.reason._tag, url)
      }
      assert.deepStrictEqual(inside.seen, [])
    }),
  )

  it.effect("is refused when a name changes its address between the question and the connection", () =>
    Effect.gen(function* () {
      const inside = yield* serve((_request, response) => void response.end("secret"))
      const privateOnes = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"]
      for (const address of privateOnes) {
        const error = yield* attempt(`http://files.example.org:${inside.port}/`, {
          allowPrivate: [],
          // Had the guard asked first and the socket again, the second answer would be used.
          lookup: rebinding(address, "93.184.216.34"),
        })
        assert.strictEqual(error.reason._tag, "Config", address)
        assert.match(error.message, /resolves to/)
      }
      assert.deepStrictEqual(inside.seen, [])
    }),
  )
})
