/** What HTTP says of revalidation, ranges and codings, section by section. What is kept between two runs is told to core: see its tests for RFC 9111. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import type { ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { download, temporaryFolder } from "./support/downloading.ts"
import { bytesOf, serve, sha256 } from "./support/hostile-server.ts"

const content = bytesOf(200_000)
const other = bytesOf(200_000, "b")
const half = 100_000
const day = "Sun, 01 Mar 2026 12:00:00 GMT"
const strong = { etag: '"v1"' }

type Headers = Readonly<Record<string, string>>

/** The first answer: whole by its head, cut in the middle. */
const cutInHalf = (response: ServerResponse, headers: Headers): void => {
  response.writeHead(200, { "content-length": content.length, ...headers })
  response.write(content.subarray(0, half), () => response.socket?.end())
}

/** A download whose first answer is cut; `then` gives the answers that follow. */
const afterACut = (first: Headers, then: (response: ServerResponse, range: string | undefined) => void) =>
  Effect.gen(function* () {
    const server = yield* serve((request, response, turn) =>
      turn === 0 ? cutInHalf(response, first) : then(response, request.headers.range),
    )
    const folder = yield* temporaryFolder
    const result = yield* download(`${server.url}/f.csv`, { folder })
    if (result._tag !== "Downloaded") return assert.fail("not downloaded")
    assert.strictEqual(sha256(readFileSync(result.path)), result.sha256)
    return {
      sha256: result.sha256,
      asked: server.seen.map(({ headers }) => ({ range: headers.range, ifRange: headers["if-range"] })),
    }
  })

const rest = (response: ServerResponse, headers: Headers = {}, bytes = content): void =>
  void response
    .writeHead(206, { "content-range": `bytes ${half}-${bytes.length - 1}/${bytes.length}`, ...strong, ...headers })
    .end(bytes.subarray(half))
const whole = (response: ServerResponse, bytes = content, headers: Headers = strong): void =>
  void response.writeHead(200, { "content-length": bytes.length, ...headers }).end(bytes)

/** What a conditional question looks like, and what a 304 to it means. */
const conditional = (validators: Headers & { readonly etag?: string; readonly lastModified?: string }) =>
  Effect.gen(function* () {
    const server = yield* serve((_request, response) => void response.writeHead(304).end())
    const { _tag } = yield* download(`${server.url}/f.csv`, { folder: yield* temporaryFolder, validators })
    const { headers } = server.seen[0] ?? assert.fail("nothing asked")
    return { _tag, tag: headers["if-none-match"], since: headers["if-modified-since"] }
  })

describe("RFC 9110, revalidation", () => {
  it.effect("13.1.2 If-None-Match has the ETag as it came, a weak one too, for its comparison is the weak one", () =>
    Effect.gen(function* () {
      for (const etag of ['"v1"', 'W/"v1"', '"a,b"', '""'])
        assert.deepStrictEqual(yield* conditional({ etag }), { _tag: "NotModified", tag: etag, since: undefined })
    }),
  )
  it.effect("13.1.3 If-Modified-Since has the date as it came, and only where there is no ETag", () =>
    Effect.gen(function* () {
      assert.deepInclude(yield* conditional({ lastModified: day }), { since: day, tag: undefined })
      assert.deepInclude(yield* conditional({ etag: '"v1"', lastModified: day }), { since: undefined, tag: '"v1"' })
    }),
  )
  it.effect("13.2.2 a changed file is sent with 200, whatever else the server says", () =>
    Effect.gen(function* () {
      const server = yield* serve((_request, response) => whole(response, other, { etag: '"v2"' }))
      const folder = yield* temporaryFolder
      const result = yield* download(`${server.url}/f.csv`, { folder, validators: strong })
      assert.deepInclude(result, { sha256: sha256(other), validators: { etag: '"v2"' } })
    }),
  )
  it.effect("15.4.5 a 304 answers a condition; without one it is an error of the server", () =>
    Effect.gen(function* () {
      const server = yield* serve((_request, response) => void response.writeHead(304, strong).end())
      const error = yield* Effect.flip(download(`${server.url}/f.csv`, { folder: yield* temporaryFolder }))
      assert.match(error.message, /304 Not Modified, but nothing was asked for/)
    }),
  )
})

describe("RFC 9110, a part of a file", () => {
  it.effect("13.1.5 If-Range has the strong ETag, and is never there without Range", () =>
    Effect.gen(function* () {
      const { asked } = yield* afterACut({ ...strong, "last-modified": day }, (response) => rest(response))
      assert.deepStrictEqual(asked, [
        { range: undefined, ifRange: undefined },
        { range: `bytes=${half}-`, ifRange: '"v1"' },
      ])
    }),
  )
  it.effect("13.1.5 a weak ETag is no If-Range: the file is asked for from its start", () =>
    Effect.gen(function* () {
      const { asked } = yield* afterACut({ etag: 'W/"v1"' }, (response) => whole(response))
      assert.deepStrictEqual(asked[1], { range: undefined, ifRange: undefined })
    }),
  )
  it.effect(
    "8.8.2.2 a date is strong when the answer is a second younger, else a file may have changed within it",
    () =>
      Effect.gen(function* () {
        const younger = { "last-modified": day, date: "Sun, 01 Mar 2026 12:00:01 GMT" }
        const same = { "last-modified": day, date: day }
        const going = yield* afterACut(younger, (response) => rest(response, { etag: "", "last-modified": day }))
        assert.deepStrictEqual(going.asked[1], { range: `bytes=${half}-`, ifRange: day })
        const again = yield* afterACut(same, (response) => whole(response, content, same))
        assert.deepStrictEqual(again.asked[1], { range: undefined, ifRange: undefined })
      }),
  )
  it.effect("14.2 a server may ignore Range: its 200 replaces what is there", () =>
    Effect.gen(function* () {
      const { sha256: hash, asked } = yield* afterACut(strong, (response) => whole(response, other, { etag: '"v2"' }))
      assert.deepStrictEqual([hash, asked.length], [sha256(other), 2])
    }),
  )
  it.effect(
    "14.4 a Content-Range that begins elsewhere, ends a file of another length, or is not there joins nothing",
    () =>
      Effect.gen(function* () {
        for (const range of [
          `bytes ${half + 1}-${content.length - 1}/${content.length}`,
          `bytes ${half}-${content.length - 1}/${content.length + 1}`,
          `bytes */${content.length}`,
          "",
        ]) {
          const { sha256: hash, asked } = yield* afterACut(strong, (response, asksRange) =>
            asksRange === undefined ? whole(response) : rest(response, { "content-range": range }),
          )
          assert.deepStrictEqual([hash, asked.length], [sha256(content), 3], range)
        }
      }),
  )
  it.effect("15.3.7.2 several ranges in one answer are none that was asked for", () =>
    Effect.gen(function* () {
      const { sha256: hash } = yield* afterACut(strong, (response, range) => {
        if (range === undefined) return whole(response)
        const part = `--x\r\ncontent-range: bytes ${half}-${content.length - 1}/${content.length}\r\n\r\n`
        response
          .writeHead(206, { "content-type": "multipart/byteranges; boundary=x", ...strong })
          .end(Buffer.concat([Buffer.from(part), content.subarray(half), Buffer.from("\r\n--x--\r\n")]))
      })
      assert.strictEqual(hash, sha256(content))
    }),
  )
  it.effect("15.3.7.3 parts are joined when their validator is the same, and parts of two versions never", () =>
    Effect.gen(function* () {
      for (const headers of [{ etag: '"v2"' }, { "last-modified": "Mon, 02 Mar 2026 12:00:00 GMT" }]) {
        const { sha256: hash } = yield* afterACut({ ...strong, "last-modified": day }, (response, range) =>
          range === undefined ? whole(response, other) : rest(response, headers, other),
        )
        assert.strictEqual(hash, sha256(other))
      }
    }),
  )
  it.effect("15.5.17 a 416 says that the file is shorter now: it is asked for from its start", () =>
    Effect.gen(function* () {
      const short = content.subarray(0, 1000)
      const { sha256: hash } = yield* afterACut(strong, (response, range) =>
        range === undefined
          ? whole(response, short, { etag: '"v2"' })
          : void response.writeHead(416, { "content-range": "bytes */1000" }).end(),
      )
      assert.strictEqual(hash, sha256(short))
    }),
  )
})

describe("RFC 9110, what is sent and how", () => {
  it.effect(
    "12.5.3 no coding is wanted; 8.4 one that comes all the same is undone, and its ETag is of the coded bytes",
    () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response, turn) => {
          const coded = gzipSync(content)
          response.writeHead(200, { "content-encoding": "gzip", "content-length": coded.length, ...strong })
          if (turn > 0) return void response.end(coded)
          response.write(coded.subarray(0, half), () => response.socket?.end())
        })
        const result = yield* download(`${server.url}/f.csv`, { folder: yield* temporaryFolder })
        assert.deepInclude(result, { sha256: sha256(content), bytes: content.length })
        assert.deepStrictEqual(
          server.seen.map(({ headers }) => [headers["accept-encoding"], headers.range]),
          [
            ["identity", undefined],
            ["identity", undefined],
          ],
        )
      }),
  )
  it.effect("8.6 a Content-Length that is not what came is a cut", () =>
    Effect.gen(function* () {
      const { sha256: hash } = yield* afterACut({}, (response) => whole(response))
      assert.strictEqual(hash, sha256(content))
    }),
  )
  it.effect("15.4 301, 302, 303, 307 and 308 lead on; 300, 305 and 306 do not", () =>
    Effect.gen(function* () {
      for (const status of [301, 302, 303, 307, 308]) {
        const server = yield* serve((request, response) =>
          request.url === "/f" ? whole(response) : void response.writeHead(status, { location: "f" }).end(),
        )
        const result = yield* download(`${server.url}/x`, { folder: yield* temporaryFolder })
        assert.strictEqual(result._tag, "Downloaded", String(status))
      }
      for (const status of [300, 305, 306]) {
        const server = yield* serve((_request, response) => void response.writeHead(status, { location: "f" }).end())
        const error = yield* Effect.flip(download(`${server.url}/x`, { folder: yield* temporaryFolder }))
        assert.deepStrictEqual([error.reason._tag, server.seen.length], ["Terminal", 1], String(status))
      }
    }),
  )
  it.effect(
    "10.1.5 the user agent says who we are and how to reach us; 15.5.5 and 15.5.11 are told apart from what may pass",
    () =>
      Effect.gen(function* () {
        for (const status of [404, 410]) {
          const server = yield* serve((_request, response) => void response.writeHead(status).end())
          const settings = { contact: "data@example.org" }
          const error = yield* Effect.flip(download(`${server.url}/x`, { folder: yield* temporaryFolder }, settings))
          assert.deepStrictEqual([error.reason._tag, server.seen.length], ["Terminal", 1])
          assert.match(
            server.seen[0]?.headers["user-agent"] ?? "",
            /^opendatahub-sql\/\S+ \(\+https:.*; data@example\.org\)$/,
          )
        }
      }),
  )
})
