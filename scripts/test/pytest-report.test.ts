import { assert, describe, it } from "@effect/vitest"
import { pytestTally } from "../pytest-report.ts"

describe("the report of pytest", () => {
  it("counts what passed, and names what failed, could not be set up, or was skipped", () => {
    const output = `..F.s
SKIPPED [1] tests/live/test_pipeline.py:97: gold was not built
FAILED tests/test_a.py::test_one - assert 1 == 2
ERROR tests/test_a.py::test_two - OSError
1 failed, 3 passed, 1 skipped, 1 error in 10.02s (0:00:10)`
    assert.deepStrictEqual(pytestTally(output, 1), {
      passed: 3,
      failed: 2,
      failures: ["tests/test_a.py::test_one - assert 1 == 2", "tests/test_a.py::test_two - OSError"],
      skipped: ["[1] tests/live/test_pipeline.py:97: gold was not built"],
    })
  })

  it("is a failure when nothing ran, or pytest itself broke", () => {
    assert.strictEqual(pytestTally("no tests ran in 0.01s", 5).failed, 1)
    assert.strictEqual(pytestTally("Internal error", 3).failed, 1)
    assert.deepStrictEqual(pytestTally("44 passed in 11.10s", 0), { passed: 44, failed: 0, failures: [], skipped: [] })
  })
})
