import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../", import.meta.url))

describe("the README", () => {
  it("shows what its example prints", () => {
    const readme = readFileSync(`${root}README.md`, "utf8")
    const [, example = "", printed = ""] = /```ts\n(.*?)```.*?```\n(.*?)```/s.exec(readme) ?? []
    const options = ["--conditions=@opendatahub-sql/source", "--input-type=module-typescript", "--eval", example]
    assert.strictEqual(execFileSync(process.execPath, options, { cwd: root, encoding: "utf8" }), printed)
  })
})
