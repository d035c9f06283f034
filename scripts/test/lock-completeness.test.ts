import { assert, describe, it } from "@effect/vitest"
import { lockProblems } from "../lock-completeness.ts"

const tool = { optionalDependencies: { "tool-darwin": "1.0.0" } }

describe("the lock file", () => {
  it("is complete when each optional dependency is found where Node looks", () => {
    for (const place of [
      "node_modules",
      "node_modules/parent/node_modules",
      "node_modules/parent/node_modules/tool/node_modules",
    ]) {
      const packages = { "node_modules/parent/node_modules/tool": tool, [`${place}/tool-darwin`]: {} }
      assert.deepStrictEqual(lockProblems({ packages }), [])
    }
  })

  it("is incomplete without the binary of one platform", () => {
    const packages = { "node_modules/tool": tool, "node_modules/other/node_modules/tool-darwin": {} }
    assert.deepStrictEqual(lockProblems({ packages }), [
      "node_modules/tool: optional dependency tool-darwin has no entry; take a version that has every platform",
    ])
  })

  it("names no registry, but may link to the workspace", () => {
    const packages = {
      "node_modules/ours": { resolved: "packages/ours", link: true },
      "node_modules/theirs": { resolved: "https://registry.invalid/theirs.tgz" },
    }
    assert.deepStrictEqual(lockProblems({ packages }), [
      "node_modules/theirs: names a registry; run npm install with omit-lockfile-registry-resolved=true",
    ])
  })
})
