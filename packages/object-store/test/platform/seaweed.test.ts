import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { openObjectStore } from "@opendatahub-sql/object-store"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { KEY, SECRET, type SeaweedServer, startSeaweedServer, whyNoSeaweed } from "../../../../scripts/seaweed.ts"
import { type Door, openDoor } from "../door.ts"

const folder = mkdtempSync(join(tmpdir(), "odh-store-"))
let server: SeaweedServer
let door: Door

const PART = 5 * 1024 * 1024
const openAt = (endpoint: string, secret = SECRET, idleTimeout = 60_000) =>
  openObjectStore({
    idleTimeout,
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: KEY, secretAccessKey: Redacted.make(secret) },
    partBytes: PART,
  })

/** Not the same in any two places. */
const bytesOf = (seed: string, length: number): Buffer => {
  const block = createHash("sha512").update(seed)
  return Buffer.from(Buffer.alloc(length, block.digest()).map((byte, index) => byte ^ (index >> 6) ^ (index >> 14)))
}

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString()

describe.skipIf(whyNoSeaweed !== undefined)("an object store", () => {
  beforeAll(async () => {
    server = await startSeaweedServer(({ endpoint }) =>
      Effect.runPromise(
        Effect.scoped(
          Effect.flatMap(openAt(endpoint), (store) =>
            Effect.as(store.put("s3://plain/ready", Buffer.from("yes")), true),
          ),
        ),
      ),
    )
    door = await openDoor(server.endpoint)
  }, 120_000)
  afterAll(async () => {
    await door.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  it.live("writes once, reads by range, lists and removes, with odd names", () =>
    Effect.gen(function* () {
      const store = yield* openAt(server.endpoint)
      const at = "s3://plain/odd/source=a%20b/é à+&.csv"
      assert.strictEqual(yield* store.put(at, Buffer.from("0123456789"), { _tag: "IfNone" }), "stored")
      assert.strictEqual(yield* store.put(at, Buffer.from("other"), { _tag: "IfNone" }), "refused")
      assert.strictEqual(text(yield* store.get(at)), "0123456789")
      assert.strictEqual(text(yield* store.get(at, { start: 3, end: 5 })), "34")
      assert.strictEqual(text(yield* store.get(at, { start: 8, end: 99 })), "89")
      assert.strictEqual(text(yield* store.get(at, { start: 10, end: 99 })), "")
      assert.isUndefined(yield* store.get("s3://plain/odd/none"))
      assert.deepStrictEqual(
        (yield* store.list("s3://plain/odd/")).map((one) => [one.location, one.bytes]),
        [[at, 10]],
      )
      assert.deepStrictEqual(yield* store.names("s3://plain/odd/"), ["source=a%20b"])
      yield* store.remove([at, "s3://plain/odd/none"])
      assert.isUndefined(yield* store.head(at))
    }).pipe(Effect.scoped),
  )

  it.live("sends a large file in parts, once, and brings it back equal", () =>
    Effect.gen(function* () {
      const store = yield* openAt(server.endpoint)
      const [from, to] = [join(folder, "large"), join(folder, "back")]
      const content = bytesOf("large", 2 * PART + 12_345)
      writeFileSync(from, content)
      const at = "s3://plain/large.bin"
      assert.strictEqual(yield* store.put(at, { path: from }, { _tag: "IfNone" }), "stored")
      assert.strictEqual(yield* store.put(at, { path: from }, { _tag: "IfNone" }), "refused")
      yield* store.download(at, to, content.length)
      assert.isTrue(readFileSync(to).equals(content))
      const short = yield* Effect.flip(store.download(at, to, content.length + 1))
      assert.include(short.message, "shorter")
    }).pipe(Effect.scoped),
  )

  it.live("replaces a version only when it is the one expected, and tells the time of the store", () =>
    Effect.gen(function* () {
      const store = yield* openAt(server.endpoint)
      const at = "s3://plain/lease"
      yield* store.put(at, Buffer.from("a"))
      const head = yield* store.head(at)
      if (head === undefined) return assert.fail("there")
      assert.isBelow(Math.abs(head.askedAt - head.modifiedAt), 120_000)
      assert.strictEqual(yield* store.put(at, Buffer.from("b"), { _tag: "IfMatch", etag: head.etag }), "stored")
      assert.strictEqual(yield* store.put(at, Buffer.from("c"), { _tag: "IfMatch", etag: head.etag }), "refused")
      assert.strictEqual(text(yield* store.get(at)), "b")
    }).pipe(Effect.scoped),
  )

  it.live("lets one of sixteen writers of one key win", () =>
    Effect.gen(function* () {
      const store = yield* openAt(server.endpoint)
      const outcomes = yield* Effect.forEach(
        Array.from({ length: 16 }, (_, index) => index),
        (index) => store.put("s3://plain/one", Buffer.from(`${index}`), { _tag: "IfNone" }),
        { concurrency: 16 },
      )
      assert.strictEqual(outcomes.filter((one) => one === "stored").length, 1)
    }).pipe(Effect.scoped),
  )

  it.live("asks again after errors of the store, cut answers, lost answers and bytes that changed on their way", () =>
    Effect.gen(function* () {
      const store = yield* openAt(door.endpoint)
      const content = bytesOf("faults", 300_000)
      for (const mishap of ["error-500", "slow-down", "cut", "corrupted"] as const) {
        door.expect(mishap)
        const at = `s3://plain/fault-${mishap}`
        assert.strictEqual(yield* store.put(at, content, { _tag: "IfNone" }), "stored", mishap)
        door.expect(mishap === "corrupted" ? "error-500" : mishap)
        assert.isTrue(Buffer.from((yield* store.get(at)) ?? []).equals(content), mishap)
        assert.strictEqual(door.left(), 0)
      }
      // What the first attempt wrote is there: it is for the caller to see that it is his.
      door.expect("answer-lost")
      assert.strictEqual(yield* store.put("s3://plain/lost", content, { _tag: "IfNone" }), "refused")
      assert.isTrue(Buffer.from((yield* store.get("s3://plain/lost")) ?? []).equals(content))
    }).pipe(Effect.scoped),
  )

  it.live("asks again when the store takes a request and is silent", () =>
    Effect.gen(function* () {
      const store = yield* openAt(door.endpoint, SECRET, 1_000)
      door.expect("hang")
      assert.strictEqual(yield* store.put("s3://plain/hang", Buffer.from("x"), { _tag: "IfNone" }), "stored")
      door.expect("hang")
      assert.strictEqual(text(yield* store.get("s3://plain/hang")), "x")
      assert.strictEqual(door.left(), 0)
    }).pipe(Effect.scoped),
  )

  it.live("mends a large file of which a part was corrupted, and the answer to the last request lost", () =>
    Effect.gen(function* () {
      const store = yield* openAt(door.endpoint)
      const from = join(folder, "parts")
      const content = bytesOf("parts", 2 * PART + 1)
      writeFileSync(from, content)
      door.expectAt(/partNumber=2/, "corrupted")
      door.expectAt(/uploadId=[^&]*$/, "answer-lost")
      const outcome = yield* store.put("s3://plain/parts", { path: from }, { _tag: "IfNone" })
      assert.include(["stored", "refused"], outcome)
      assert.strictEqual(door.left(), 0)
      assert.isTrue(Buffer.from((yield* store.get("s3://plain/parts")) ?? []).equals(content))
    }).pipe(Effect.scoped),
  )

  it.live("says what must change when it may not, or the bucket is not there, without the secret", () =>
    Effect.gen(function* () {
      const stranger = yield* openAt(server.endpoint, "wrong secret")
      const refused = yield* Effect.flip(stranger.put("s3://plain/x", Buffer.from("x")))
      assert.strictEqual(refused.reason._tag, "Config")
      assert.notInclude(JSON.stringify(refused), "wrong secret")
      const store = yield* openAt(server.endpoint)
      const none = yield* Effect.flip(store.get("s3://no-such-bucket/x"))
      assert.strictEqual(none.reason._tag, "Config")
    }).pipe(Effect.scoped),
  )
})
