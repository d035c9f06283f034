import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { findPythonEnvironment } from "../../python-environment.ts"

describe("Python environments", () => {
  it("has the versions of its lock, or says why it is not there", async () => {
    const found = await findPythonEnvironment("iceberg", "packages/sink-iceberg/test/python/requirements.txt")
    if (found._tag === "Missing") {
      console.log(`no pyiceberg here: ${found.why}`)
      assert.include(found.why, "test-platform")
      return
    }
    const { stdout } = spawnSync(found.python, ["-c", "import pyiceberg; print(pyiceberg.__version__)"], {
      encoding: "utf8",
    })
    assert.strictEqual(stdout.trim(), "0.12.0")
  })
})
