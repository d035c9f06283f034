import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { download, temporaryFolder } from "./support/downloading.ts"
import { type Behaviour, bytesOf, fileHandler, serve, sha256 } from "./support/hostile-server.ts"

const size = 300_000
const content = bytesOf(size)
const other = bytesOf(size, "b")

/** The result must be `expected` on the disk, in the hash and in the size, and nothing else may be left in the folder. */
const assertWhole = (folder: string, result: Effect.Success<ReturnType<typeof download>>, expected: Buffer) => {
  if (result._tag !== "Downloaded") return assert.fail("not downloaded")
  assert.strictEqual(result.sha256, sha256(expected))
  assert.strictEqual(sha256(readFileSync(result.path)), result.sha256)
  assert.strictEqual(result.bytes, expected.length)
  assert.deepStrictEqual(
    readdirSync(folder).map((name) => join(folder, name)),
    [result.path],
  )
}

const bringing = (behaviour: (turn: number) => Behaviour, settings = {}, source = content) =>
  Effect.gen(function* () {
    const server = yield* serve(fileHandler(source, behaviour))
    const folder = yield* temporaryFolder
    const exit = yield* Effect.exit(download(`${server.url}/file.csv`, { folder }, settings))
    return { server, folder, exit, ranges: server.seen.map(({ headers }) => headers.range) }
  })

const Cuts = Schema.Array(
  Schema.Struct({
    after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: size })),
    changed: Schema.Boolean,
    noRange: Schema.Boolean,
    deaf: Schema.Boolean,
  }),
).check(Schema.isMaxLength(8))

describe("a download that is cut", () => {
  it.effect.prop(
    "is whole and of one version, for any sequence of cuts, changes and lost ranges",
    [Cuts],
    ([cuts]) =>
      Effect.gen(function* () {
        const { exit, folder } = yield* bringing(
          (turn) => {
            const cut = cuts[turn]
            const changed = cuts.slice(0, turn + 1).filter((cut) => cut.changed).length % 2 === 1
            const version = changed ? { content: other, etag: '"b"' } : { content, etag: '"a"' }
            return cut === undefined
              ? version
              : { ...version, cutAfter: cut.after, noRange: cut.noRange, deafToIfRange: cut.deaf }
          },
          { retries: 10 },
        )
        const changes = cuts.filter((cut) => cut.changed).length
        if (!Exit.isSuccess(exit)) return assert.fail(String(exit.cause))
        const result = exit.value
        const expected = result._tag === "Downloaded" && result.sha256 === sha256(other) ? other : content
        if (changes === 0) assert.strictEqual(expected, content)
        assertWhole(folder, result, expected)
      }).pipe(Effect.scoped),
    { arbitrary: { runs: process.env["ODH_LONG"] === "1" ? 2000 : 60 } },
  )

  it.effect("goes on where it stopped, and asks for the same version", () =>
    Effect.gen(function* () {
      const { exit, folder, server, ranges } = yield* bringing((turn) => ({
        etag: '"v1"',
        ...(turn === 0 ? { cutAfter: 100_000 } : {}),
      }))
      assertWhole(folder, yield* exit, content)
      assert.deepStrictEqual(ranges, [undefined, "bytes=100000-"])
      assert.strictEqual(server.seen[1]?.headers["if-range"], '"v1"')
    }),
  )

  it.effect("goes on by the date when there is no strong ETag", () =>
    Effect.gen(function* () {
      const lastModified = "Mon, 02 Nov 2020 10:00:00 GMT"
      const { exit, folder, server } = yield* bringing((turn) => ({
        etag: 'W/"v1"',
        lastModified,
        ...(turn === 0 ? { cutAfter: 100_000 } : {}),
      }))
      assertWhole(folder, yield* exit, content)
      assert.strictEqual(server.seen[1]?.headers["if-range"], lastModified)
    }),
  )

  it.effect("starts again when nothing proves the version: no validator, a weak ETag, a date of the same second", () =>
    Effect.gen(function* () {
      const sameSecond = { date: "Mon, 02 Nov 2020 10:00:00 GMT", "last-modified": "Mon, 02 Nov 2020 10:00:00 GMT" }
      for (const version of [{}, { etag: 'W/"v1"' }, { headers: sameSecond }]) {
        const { exit, folder, ranges } = yield* bringing((turn) => ({
          ...version,
          ...(turn === 0 ? { cutAfter: 100_000 } : {}),
        }))
        assertWhole(folder, yield* exit, content)
        assert.deepStrictEqual(ranges, [undefined, undefined])
      }
    }),
  )

  it.effect("starts again when the file changed between two attempts", () =>
    Effect.gen(function* () {
      for (const deafToIfRange of [false, true]) {
        const { exit, folder } = yield* bringing((turn) =>
          turn === 0 ? { etag: '"a"', cutAfter: 100_000 } : { content: other, etag: '"b"', deafToIfRange },
        )
        assertWhole(folder, yield* exit, other)
      }
    }),
  )

  it.effect("goes on after a cut between two chunks of an answer without a length", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response, turn) => {
        if (turn > 0) return fileHandler(content, () => ({ etag: '"a"' }))(request, response, turn)
        response.writeHead(200, { etag: '"a"' })
        response.write(content.subarray(0, 100_000), () => response.socket?.end())
      })
      const folder = yield* temporaryFolder
      assertWhole(folder, yield* download(`${server.url}/file.csv`, { folder }), content)
      assert.strictEqual(server.seen[1]?.headers.range, "bytes=100000-")
    }),
  )

  it.effect("starts again when the file became shorter than what is there", () =>
    Effect.gen(function* () {
      const short = other.subarray(0, 1000)
      const { exit, folder, ranges } = yield* bringing((turn) =>
        turn === 0 ? { etag: '"a"', cutAfter: 100_000 } : { content: short, etag: '"b"', deafToIfRange: true },
      )
      assertWhole(folder, yield* exit, short)
      assert.deepStrictEqual(ranges, [undefined, "bytes=100000-", undefined])
    }),
  )

  it.effect("counts attempts from the last progress", () =>
    Effect.gen(function* () {
      const { exit, folder, server } = yield* bringing(() => ({ etag: '"a"', cutAfter: 20_000 }), { retries: 1 })
      assertWhole(folder, yield* exit, content)
      assert.strictEqual(server.seen.length, 15)
    }),
  )

  it.effect("gives up when a server that has no ranges always cuts at the same place", () =>
    Effect.gen(function* () {
      const { exit, server } = yield* bringing(() => ({ cutAfter: 20_000 }), { retries: 3 })
      const error = yield* Effect.flip(exit)
      assert.strictEqual(error.reason._tag, "Transient")
      assert.match(error.message, /connection was lost.*try again later \(5 attempts\)/)
      assert.strictEqual(server.seen.length, 5)
    }),
  )

  it.effect("is retried when more was announced than comes, and fails transient when that stays", () =>
    Effect.gen(function* () {
      const { exit } = yield* bringing(() => ({ headers: { "content-length": String(size + 1) } }), {
        retries: 1,
        timeouts: { idle: 100 },
      })
      assert.strictEqual((yield* Effect.flip(exit)).reason._tag, "Transient")
    }),
  )
})

describe("an encoded answer", () => {
  const encode = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }

  it.effect("is kept as the file's own bytes", () =>
    Effect.gen(function* () {
      for (const [encoding, pack] of Object.entries(encode)) {
        const { exit, folder, server } = yield* bringing(
          () => ({ etag: '"a"', headers: { "content-encoding": encoding } }),
          {},
          pack(content),
        )
        assertWhole(folder, yield* exit, content)
        assert.strictEqual(server.seen[0]?.headers["accept-encoding"], "identity")
      }
    }),
  )

  it.effect("starts again after a cut: a range of it is no range of the file", () =>
    Effect.gen(function* () {
      const { exit, folder, ranges } = yield* bringing(
        (turn) => ({
          etag: '"a"',
          headers: { "content-encoding": "gzip" },
          ...(turn === 0 ? { cutAfter: 100_000 } : {}),
        }),
        {},
        gzipSync(content),
      )
      assertWhole(folder, yield* exit, content)
      assert.deepStrictEqual(ranges, [undefined, undefined])
    }),
  )

  it.effect("is refused when the encoding is unknown or a lie", () =>
    Effect.gen(function* () {
      for (const encoding of ["gzip", "br", "compress"]) {
        const { exit, folder } = yield* bringing(() => ({ headers: { "content-encoding": encoding } }))
        assert.strictEqual((yield* Effect.flip(exit)).reason._tag, "Terminal", encoding)
        assert.deepStrictEqual(readdirSync(folder), [])
      }
    }),
  )

  it.effect("counts as large as what it unpacks to", () =>
    Effect.gen(function* () {
      const { exit } = yield* bringing(
        () => ({ headers: { "content-encoding": "gzip" } }),
        { maxBytes: 1000 },
        gzipSync(Buffer.alloc(100_000)),
      )
      const error = yield* Effect.flip(exit)
      assert.strictEqual(error.reason._tag, "Config")
      assert.match(error.message, /larger than 1000 bytes; raise the option `maxBytes`/)
    }),
  )
})
