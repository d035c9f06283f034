import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { admit, answered, failed, type HostPace, pressed, unknownHost, went } from "../src/politeness/pace.ts"

const limits = { perHost: 8, perSecond: undefined }
const now = 1_700_000_000_000
const times = (count: number, pace: HostPace, step: (pace: HostPace, index: number) => HostPace): HostPace =>
  Array.from({ length: count }).reduce<HostPace>((before, _, index) => step(before, index), pace)

describe("the pace of a host", () => {
  it("is between one request and the limit, whatever the host answers", () => {
    const steps = fc.array(
      fc.oneof(
        fc.nat(20_000).map((ms) => (pace: HostPace) => answered(pace, limits, ms)),
        fc.option(fc.nat(10_000_000), { nil: undefined }).map((ms) => (pace: HostPace) => pressed(pace, ms, now)),
        fc.nat(3).map((url) => (pace: HostPace) => failed(pace, `u${url}`, "ECONNREFUSED", now)),
      ),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        let pace = unknownHost(limits.perHost)
        for (const step of all) {
          pace = step(pace)
          assert.isTrue(pace.ceiling >= 1 && pace.ceiling <= limits.perHost, JSON.stringify(pace))
          assert.isAtMost(pace.restUntil, now + 120_000, "no server makes us wait for ever")
          assert.isAtMost(pace.openUntil, now + 3_600_000)
        }
      }),
    )
  })

  it("halves when the host says 429 or 503, comes back, and dares little where it complained", () => {
    const halved = pressed(unknownHost(8), 5_000, now)
    assert.strictEqual(halved.ceiling, 4)
    assert.deepStrictEqual(admit(halved, 0, false, now), { _tag: "Wait", ms: 5_000 })
    assert.deepStrictEqual(admit(halved, 0, false, now + 5_000), { _tag: "Go" })
    const recovering = times(40, halved, (pace) => answered(pace, limits, 30))
    assert.isTrue(recovering.ceiling > 7 && recovering.ceiling < 8, String(recovering.ceiling))
    assert.strictEqual(times(2_000, recovering, (pace) => answered(pace, limits, 30)).ceiling, 8)
  })

  it("slows down with the host, and only then", () => {
    const steady = times(50, unknownHost(8), (pace) => answered(pace, limits, 900))
    assert.strictEqual(steady.ceiling, 8)
    const suffering = times(40, steady, (pace) => answered(pace, limits, 9_000))
    assert.isBelow(suffering.ceiling, 2)
  })

  it("keeps to a rate, slow ones too", () => {
    for (const perSecond of [0.5, 1.5, 3]) {
      let pace = unknownHost(8)
      const requests: Array<number> = []
      for (let at = now; at < now + 20_000;) {
        const admission = admit(pace, 0, false, at)
        if (admission._tag === "Wait") at += admission.ms
        else {
          requests.push(at)
          pace = went(pace, { perHost: 8, perSecond }, at)
        }
      }
      assert.isTrue(requests.length >= 0.9 * 20 * perSecond && requests.length <= 20 * perSecond, String(perSecond))
    }
  })

  it("uses nine tenths of a rate though timers are late, and never more than all of it", () => {
    for (const late of [0, 10, 40]) {
      let pace = unknownHost(8)
      let at = now
      const requests: Array<number> = []
      while (at < now + 10_000) {
        const admission = admit(pace, 0, false, at)
        if (admission._tag === "Wait") at += admission.ms + late * ((requests.length * 7) % 10) * 0.1
        else {
          requests.push(at)
          pace = went(pace, { perHost: 8, perSecond: 20 }, at)
        }
      }
      assert.isAtLeast(requests.length, 0.9 * 200, `${late} ms late`)
      for (const [n, at] of requests.entries())
        assert.isAtMost(requests.filter((one) => one >= at && one < at + 1_000).length, 20, `in the second from ${n}`)
    }
  })

  it("is zero while the circuit is open: after failures of five addresses, never of one", () => {
    const one = times(50, unknownHost(8), (pace) => failed(pace, "a", "EPIPE", now))
    assert.strictEqual(admit(one, 0, false, now)._tag, "Go")
    const five = times(5, unknownHost(8), (pace, index) => failed(pace, `a${index}`, "EPIPE", now))
    assert.strictEqual(admit(five, 0, false, now)._tag, "Refused")
    assert.strictEqual(admit(five, 0, true, now)._tag, "Go", "a process that has not asked yet may ask once")
    assert.strictEqual(admit(five, 1, true, now)._tag, "Refused", "and one only")
    assert.strictEqual(admit(five, 0, false, now + 180_000)._tag, "Go")
    const still = failed(five, "a", "EPIPE", now + 180_000)
    assert.strictEqual(still.openUntil, now + 180_000 + 360_000, "twice as long the second time")
    assert.strictEqual(admit(answered(still, limits, 20), 0, false, now)._tag, "Go")
  })
})
