import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

describe("the README", () => {
  it("shows a program that runs and prints what it says", () => {
    // Beside the sources, so that the packages of the workspace are found.
    const folder = mkdtempSync(new URL("./readme-", import.meta.url).pathname)
    try {
      const program = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ""
      writeFileSync(join(folder, "example.ts"), program)
      const printed = execFileSync(process.execPath, ["--conditions=@opendatahub-sql/source", "example.ts"], {
        cwd: folder,
        encoding: "utf8",
      })
      const shown = /prints\n\n([\s\S]*?)\n\n/.exec(readme)?.[1] ?? ""
      assert.strictEqual(printed.trimEnd(), shown.replaceAll(/^ {4}/gm, ""))
      assert.isTrue(existsSync(join(folder, "prix.parquet")))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
