import { assert, describe, it } from "@effect/vitest"
import { freshness } from "@opendatahub-sql/core"

const DAY = 86_400_000
const now = Date.parse("2026-03-01T12:00:00Z")
const daysAgo = (days: number) => new Date(now - days * DAY).toISOString()

describe("freshness", () => {
  it("is unknown while nobody said anything and two changes were seen", () => {
    const known = freshness({ changes: [daysAgo(9), daysAgo(8)], seenAt: daysAgo(0) }, now)
    assert.deepStrictEqual(known, { age: 8 * DAY, state: "unknown", nextLook: daysAgo(-1) })
  })

  it("goes by the declared period, with a fifth and a day of grace", () => {
    const weekly = (days: number) => freshness({ changes: [daysAgo(days)], declared: 7 * DAY }, now).state
    assert.deepStrictEqual([weekly(9), weekly(10)], ["fresh", "late"])
    assert.strictEqual(freshness({ changes: [daysAgo(1 / 12)], declared: 3_600_000 }, now).state, "fresh")
    assert.strictEqual(freshness({ changes: [daysAgo(1 / 6)], declared: 3_600_000 }, now).state, "late")
  })

  it("goes by what was observed where nothing is declared: the middle time between changes, whatever one gap was", () => {
    const changes = [daysAgo(60), daysAgo(14), daysAgo(13), daysAgo(12), daysAgo(11)]
    assert.deepInclude(freshness({ changes }, now), { observed: DAY, state: "late" })
    assert.deepInclude(freshness({ changes: [...changes, daysAgo(1)] }, now), { observed: DAY, state: "fresh" })
  })

  it("keeps a promise to the letter", () => {
    const promised = (hours: number) =>
      freshness({ changes: [daysAgo(1)], declared: 31 * DAY, promised: hours * 3_600_000 }, now).state
    assert.deepStrictEqual([promised(24), promised(23)], ["fresh", "late"])
  })

  it("looks eight times a period, at least once a day, at most every five minutes, the strictest word first", () => {
    const next = (known: Parameters<typeof freshness>[0]) =>
      (Date.parse(freshness({ ...known, seenAt: daysAgo(0) }, now).nextLook) - now) / 60_000
    assert.strictEqual(next({ changes: [], declared: DAY }), 180)
    assert.strictEqual(next({ changes: [], declared: 365 * DAY }), 1_440)
    assert.strictEqual(next({ changes: [], declared: 60_000 }), 5)
    assert.strictEqual(next({ changes: [], declared: 31 * DAY, promised: DAY }), 180)
    assert.strictEqual(next({ changes: [daysAgo(3), daysAgo(2), daysAgo(1)], declared: 31 * DAY }), 180)
  })
})
