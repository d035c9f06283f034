import { assert, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

it("the example of the README prints what it says", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  const [, program = ""] = /```ts\n([^]*?)```/.exec(readme) ?? []
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@opendatahub-sql/source", "--no-warnings", "--input-type=module-typescript", "--eval", program],
    { cwd: fileURLToPath(new URL("..", import.meta.url)) },
  )
  assert.strictEqual(stdout, "1\ntext\n")
})
