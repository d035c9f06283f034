import { assert, describe, it } from "@effect/vitest"
import { tally } from "../vitest-report.ts"

const file = (status: string, ...tests: ReadonlyArray<string>) => ({
  name: "a.test.ts",
  status,
  assertionResults: tests.map((test) => ({ status: test, fullName: `a test that ${test}` })),
})
const report = (...files: ReadonlyArray<ReturnType<typeof file>>) => JSON.stringify({ testResults: files })

describe("a run of vitest", () => {
  it("counts what passed and what failed, and names what was skipped", () => {
    const result = tally(report(file("failed", "passed", "failed", "skipped"), file("passed", "passed", "todo")), 1)
    assert.deepStrictEqual(result, {
      passed: 2,
      failed: 1,
      failures: ["a test that failed"],
      skipped: ["a test that skipped", "a test that todo"],
    })
  })

  it("counts a file that does not load as a failure", () => {
    const { failed, failures } = tally(report(file("failed"), file("passed", "passed")), 1)
    assert.deepStrictEqual([failed, failures], [1, ["a.test.ts"]])
  })

  it("counts a hook that throws as a failure, though its tests are only skipped", () => {
    assert.strictEqual(tally(report(file("failed", "skipped")), 1).failed, 1)
  })

  it("fails when the run does, though every test passed", () => {
    assert.strictEqual(tally(report(file("passed", "passed")), 1).failed, 1)
  })

  it("fails when there is no test", () => {
    assert.strictEqual(tally(report(), 0).failed, 1)
  })

  for (const broken of [undefined, "", "{", "null", '{"testResults":3}']) {
    it(`fails when the report is ${broken ?? "missing"}`, () => {
      assert.strictEqual(tally(broken, 0).failed, 1)
    })
  }
})
