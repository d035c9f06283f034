import { assert, describe, it } from "@effect/vitest"
import { type FormatError, type RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import { readdirSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { gzipSync } from "node:zlib"
import { gzip } from "../src/index.ts"
import { bytesOf, corpusPath, expandAll, expectedOf, fileAt, nth, sha256Of } from "./expanding.ts"

/** Bytes handed out `step` at a time. */
const fileOf = (bytes: Uint8Array, name = "file.csv.gz", step = 65_536): RawFile => ({
  name,
  size: bytes.length,
  identity: "0123",
  siblings: [],
  local: Effect.die("not on disk"),
  bytes: (range) => {
    const part = bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)
    return Stream.fromIterable(
      Array.from({ length: Math.ceil(part.length / step) }, (_, n) => part.slice(n * step, (n + 1) * step)),
    )
  },
})

const unpack = Effect.fnUntraced(function* (file: RawFile, options: NonNullable<Parameters<typeof gzip>[0]> = {}) {
  const member = nth((yield* expandAll(gzip(options), file)).members)
  return { member, bytes: yield* bytesOf(member) }
})

const refused = (file: RawFile, options?: NonNullable<Parameters<typeof gzip>[0]>) =>
  unpack(file, options).pipe(
    Effect.scoped,
    Effect.flip,
    Effect.map((error) => error as FormatError),
  )

const random = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 2_654_435_761) >>> 24))

describe("gzip", () => {
  const folders = ["history-covid-hospit", "codes-postaux-json-array", "ssmsi-delinquance-csv-gz"]
  for (const path of folders.flatMap((folder) =>
    readdirSync(corpusPath(folder))
      .filter((name) => name.endsWith(".gz"))
      .map((name) => `${folder}/${name}`),
  )) {
    it.effect(`gives the bytes that Python's gzip gives: ${path}`, () =>
      Effect.gen(function* () {
        const { bytes, member } = yield* unpack(fileAt(corpusPath(path)))
        assert.deepStrictEqual([bytes.length, sha256Of(bytes)], expectedOf(basename(path))[""])
        assert.isFalse(member.name.endsWith(".gz"))
      }).pipe(Effect.scoped),
    )
  }

  it.effect("names the member after the header, else after the file", () =>
    Effect.gen(function* () {
      const plain = gzipSync("x")
      const named = Buffer.concat([
        Buffer.from([0x1f, 0x8b, 8, 8 + 4, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2]),
        Buffer.from("dossier/été.csv\0"),
        plain.subarray(10),
      ])
      assert.deepStrictEqual(
        [(yield* unpack(fileOf(named, "a.gz"))).member.name, (yield* unpack(fileOf(named, "a.gz"))).bytes.toString()],
        ["été.csv", "x"],
      )
      assert.strictEqual((yield* unpack(fileOf(plain, "data.csv.gz"))).member.identity, "0123!data.csv")
      assert.strictEqual((yield* unpack(fileOf(plain, "data.tgz"))).member.name, "data.tar")
    }).pipe(Effect.scoped),
  )

  it.effect("reads several streams in a row, and zeros after them, whatever the chunks", () =>
    Effect.gen(function* () {
      const bytes = Buffer.concat([
        gzipSync("one;"),
        gzipSync(random),
        gzipSync(""),
        gzipSync(";two"),
        Buffer.alloc(512),
      ])
      for (const step of [1, 7, 1_000, 65_536, 1_000_000]) {
        const { bytes: read } = yield* unpack(fileOf(bytes, "f.gz", step))
        assert.isTrue(
          read.equals(Buffer.concat([Buffer.from("one;"), random, Buffer.from(";two")])),
          `chunks of ${step}`,
        )
      }
    }).pipe(Effect.scoped),
  )

  it.effect("loses nothing to bytes that follow and are no gzip, and reports them", () =>
    Effect.gen(function* () {
      const messages: Array<unknown> = []
      const logger = Logger.make(({ message }) => {
        messages.push(message)
      })
      for (const step of [3, 65_536]) {
        const { bytes } = yield* unpack(
          fileOf(Buffer.concat([gzipSync(random), Buffer.from("\0\0<html>")]), "f.gz", step),
        ).pipe(Effect.provide(Logger.layer([logger])))
        assert.isTrue(bytes.equals(random))
      }
      yield* Effect.yieldNow
      assert.match(JSON.stringify(messages), /f\.gz: 6 bytes after the end of the gzip data were ignored/)
    }).pipe(Effect.scoped),
  )

  it.effect("can be read in part and stopped early", () =>
    Effect.gen(function* () {
      const { member } = yield* unpack(fileOf(gzipSync(random), "f.gz", 100))
      assert.isTrue(
        (yield* bytesOf(member, { start: 150_000, end: 150_010 })).equals(random.subarray(150_000, 150_010)),
      )
      assert.strictEqual(yield* Stream.runCount(Stream.take(member.bytes(), 1)), 1)
    }).pipe(Effect.scoped),
  )

  it.effect("refuses every cut, and every change of the checksum or the size", () =>
    Effect.gen(function* () {
      const whole = readFileSync(corpusPath("history-covid-hospit/2020-03-23.csv.gz"))
      for (let length = 3; length < whole.length; length += 211) {
        const error = yield* refused(fileOf(whole.subarray(0, length)))
        assert.strictEqual(error.reason._tag, "DataQuality", `${length}`)
      }
      for (const at of [whole.length - 1, whole.length - 6]) {
        const changed = Buffer.from(whole)
        changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
        assert.match((yield* refused(fileOf(changed))).message, /checksum|its size/)
      }
    }),
  )

  it.effect("refuses bombs and names the option", () =>
    Effect.gen(function* () {
      const zeros = gzipSync(Buffer.alloc(30_000_000))
      assert.match((yield* refused(fileOf(zeros))).message, /"maxRatio" of gzip/)
      assert.strictEqual((yield* unpack(fileOf(zeros), { maxRatio: 2_000 })).bytes.length, 30_000_000)
      assert.match((yield* refused(fileOf(zeros), { maxBytes: 1_000 })).message, /"maxBytes" of gzip/)
      const deep = { ...fileOf(zeros), identity: "0123!a!b!c!d" }
      assert.match((yield* refused(deep)).message, /"maxDepth" of gzip/)
    }).pipe(Effect.scoped),
  )
})
