import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, assert, beforeAll, inject, it } from "vitest"
import { type Consumer, installConsumer } from "./consumer.ts"
import { pinned, root } from "./workspace.ts"

let author: Consumer
beforeAll(async () => {
  author = await installConsumer({
    registry: inject("registry"),
    ours: ["@opendatahub-sql/core", "@opendatahub-sql/testkit"],
    tools: [`vitest@${pinned("vitest")}`],
    template: join(root, "e2e/fixtures/outside-format"),
  })
})
afterAll(() => author[Symbol.asyncDispose]())

it("a format written outside the repository keeps the laws of the kit", async () => {
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
      // What this format has not: a second way of reading, names that come from the file, a password.
      ["skipped", "communes.txt: both ways of reading agree"],
      ["skipped", "no-final-newline.txt: gives the rows that another reading gives"],
      ["skipped", "no-final-newline.txt: both ways of reading agree"],
      ["skipped", "hostile column names come through as they are"],
      ["skipped", "tells no secret"],
    ],
  )
  const source = await readFile(join(author.folder, "fixed-width.ts"), "utf8")
  assert.isBelow(source.split("\n").length, 60)
})

it("the installed command judges it without a test runner, by the files that lie beside it", async () => {
  const columns = {
    columns: [
      { name: "code", width: 5 },
      { name: "commune", width: 25 },
      { name: "departement", width: 3 },
    ],
  }
  const printed = await author.run("odh-conformance", "fixed-width.ts", "--options", JSON.stringify(columns), "--json")
  const { ok, plugins } = JSON.parse(printed) as {
    readonly ok: boolean
    readonly plugins: ReadonlyArray<{
      readonly id: string
      readonly files: ReadonlyArray<string>
      readonly score: { readonly held: number; readonly failed: number; readonly skipped: number }
    }>
  }
  assert.isTrue(ok)
  assert.deepStrictEqual(
    plugins.map(({ files, id }) => [id, files]),
    [["fixed-width", ["communes.txt"]]],
  )
  assert.isAbove(plugins[0]?.score.held ?? 0, 12)
})
