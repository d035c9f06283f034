import { assert, describe, it } from "@effect/vitest"
import { exitCodeOf, overallStatus, type ResourceResult, type Status } from "@opendatahub-sql/core"
import * as fc from "fast-check"

const result = (status: Status, reason?: string): ResourceResult => ({
  resource: "r",
  title: "r.csv",
  dataset: "d",
  status,
  tables: [],
  warnings: [],
  ...(reason === undefined ? {} : { failure: { reason } }),
})

describe("the status of many", () => {
  it("says what happened to all of them", () => {
    const cases: ReadonlyArray<readonly [ReadonlyArray<Status>, Status]> = [
      [[], "unchanged"],
      [["unchanged", "unchanged"], "unchanged"],
      [["loaded", "unchanged"], "loaded"],
      [["loaded", "failed"], "partial"],
      [["unchanged", "rejected"], "partial"],
      [["partial", "loaded"], "partial"],
      [["failed", "rejected"], "failed"],
      [["rejected", "rejected"], "rejected"],
    ]
    for (const [all, one] of cases) assert.strictEqual(overallStatus(all), one, all.join(" "))
  })

  it("does not depend on their order", () => {
    const statuses = fc.array(fc.constantFrom<Status>("loaded", "unchanged", "partial", "rejected", "failed"))
    fc.assert(
      fc.property(statuses, (all) => {
        assert.strictEqual(overallStatus(all), overallStatus(all.toReversed()))
      }),
    )
  })
})

describe("exit codes", () => {
  it("are 0 when something came through", () => {
    for (const status of ["loaded", "unchanged", "partial"] as const)
      assert.strictEqual(exitCodeOf([result(status)]), 0, status)
    assert.strictEqual(
      exitCodeOf([result("loaded"), result("rejected", "DataQuality"), result("failed", "Transient")]),
      0,
    )
    assert.strictEqual(exitCodeOf([]), 0)
  })

  it("say whether to try again, to mend the configuration, or that the data was refused", () => {
    assert.strictEqual(exitCodeOf([result("failed", "Transient")]), 75)
    assert.strictEqual(exitCodeOf([result("failed", "Config")]), 78)
    assert.strictEqual(exitCodeOf([result("rejected", "DataQuality")]), 65)
    assert.strictEqual(exitCodeOf([result("failed", "Terminal")]), 75)
  })

  it("of several failures is that of the one that trying again may mend, else of the configuration", () => {
    assert.strictEqual(exitCodeOf([result("rejected", "DataQuality"), result("failed", "Transient")]), 75)
    assert.strictEqual(exitCodeOf([result("rejected", "DataQuality"), result("failed", "Config")]), 78)
    assert.strictEqual(exitCodeOf([result("failed", "Config"), result("failed", "Transient")]), 75)
  })
})
