import { assert, describe, it } from "@effect/vitest"
import { retryAfter, waitBefore } from "../../src/portal/retry.ts"

const now = Date.parse("2026-08-21T10:00:00Z")

describe("Retry-After", () => {
  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Fri, 21 Aug 2026 10:00:30 GMT", 30_000],
    ["Fri, 21 Aug 2026 09:00:00 GMT", undefined],
    ["-3", undefined],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
  ])("%s is %s ms", (header, wait) => assert.strictEqual(retryAfter(header, now), wait))
})

describe("the wait before the next attempt", () => {
  it("doubles from half a second, with up to half of it left to chance", () => {
    assert.deepStrictEqual(
      [2, 3, 4, 5].map((next) => waitBefore(next, undefined, 0)),
      [250, 500, 1000, 2000],
    )
    assert.deepStrictEqual(
      [2, 3, 4, 5].map((next) => waitBefore(next, undefined, 1)),
      [500, 1000, 2000, 4000],
    )
  })

  it("is what the server asks for, but never more than a minute", () => {
    assert.strictEqual(waitBefore(2, 3000, 0), 3000)
    assert.strictEqual(waitBefore(2, 86_400_000, 0), 60_000)
  })
})
