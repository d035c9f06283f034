import { assert, describe, it } from "@effect/vitest"
import { addressOf } from "@opendatahub-sql/object-store"
import { storeError } from "../src/failure.ts"

/** What the SDK throws. */
const thrown = (name: string, status?: number): Error =>
  Object.assign(
    new Error("said by the store"),
    { name },
    status === undefined ? {} : { $metadata: { httpStatusCode: status } },
  )

describe("a failure of a store", () => {
  it("is worth another try when the network, the store or the bytes on their way failed, and only then", () => {
    const reasons: ReadonlyArray<readonly [error: Error, reason: string]> = [
      [thrown("TimeoutError"), "Transient"],
      [thrown("Error"), "Transient"],
      [thrown("InternalError", 500), "Transient"],
      [thrown("SlowDown", 503), "Transient"],
      [thrown("TooManyRequests", 429), "Transient"],
      [thrown("BadDigest", 400), "Transient"],
      [thrown("XAmzContentSHA256Mismatch", 400), "Transient"],
      [thrown("ConditionalRequestConflict", 409), "Transient"],
      [thrown("AccessDenied", 403), "Config"],
      [thrown("SignatureDoesNotMatch", 403), "Config"],
      [thrown("NoSuchBucket", 404), "Config"],
      [thrown("CredentialsProviderError"), "Config"],
      [thrown("InvalidArgument", 400), "Terminal"],
      [thrown("NoSuchKey", 404), "Terminal"],
    ]
    for (const [error, reason] of reasons)
      assert.strictEqual(storeError("read x", error).reason._tag, reason, error.name)
  })

  it("says what could not be done, why, and what to do", () => {
    const error = storeError("read s3://bucket/x", thrown("NoSuchBucket", 404))
    assert.strictEqual(
      error.message,
      "could not read s3://bucket/x: NoSuchBucket said by the store: make the bucket, or correct its name",
    )
    assert.strictEqual(error.status, 404)
  })
})

describe("a location", () => {
  it("is a bucket and a key, by the older names of the scheme too", () => {
    assert.deepStrictEqual(addressOf("s3://b/a/b c.csv"), { Bucket: "b", Key: "a/b c.csv" })
    assert.deepStrictEqual(addressOf("s3a://b/"), { Bucket: "b", Key: "" })
    assert.deepStrictEqual(addressOf("s3://b"), { Bucket: "b", Key: "" })
    assert.throws(() => addressOf("/a/b"), RangeError)
  })
})
