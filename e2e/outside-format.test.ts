import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, inject, it } from "vitest"
import { installConsumer } from "./consumer.ts"
import { pinned, root } from "./workspace.ts"

it("a format written outside the repository keeps the laws of the kit", async () => {
  await using author = await installConsumer({
    registry: inject("registry"),
    ours: ["@opendatahub-sql/core"],
    tools: [`vitest@${pinned("vitest")}`],
    template: join(root, "e2e/fixtures/outside-format"),
  })
  await author.typeCheck()
  await author.run("vitest", "run", "--reporter=json", "--outputFile=report.json")
  const report = JSON.parse(await readFile(join(author.folder, "report.json"), "utf8")) as {
    readonly testResults: ReadonlyArray<{
      readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly title: string }>
    }>
  }
  const laws = report.testResults.flatMap((file) => file.assertionResults)
  assert.deepStrictEqual(
    laws.filter(({ status }) => status !== "passed").map(({ status, title }) => [status, title]),
    [
      // What this format has not: a second way of reading, and names that come from the file.
      ["skipped", "communes.txt: both ways of reading agree"],
      ["skipped", "no-final-newline.txt: gives the rows that another reading gives"],
      ["skipped", "no-final-newline.txt: both ways of reading agree"],
      ["skipped", "hostile column names come through as they are"],
    ],
  )
  const source = await readFile(join(author.folder, "fixed-width.ts"), "utf8")
  assert.isBelow(source.split("\n").length, 60)
})
