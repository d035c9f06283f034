import { execFile } from "node:child_process"
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"

const cli = fileURLToPath(new URL("../src/conformance-cli.ts", import.meta.url))
const zoo = pathToFileURL(fileURLToPath(new URL("./zoo/tabs.ts", import.meta.url))).href

const run = (...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly out: string; readonly said: string }>((resolve) => {
    execFile(process.execPath, ["--conditions=@opendatahub-sql/source", cli, ...args], (error, out, said) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, said }),
    )
  })

describe("odh-conformance", { timeout: 300_000 }, () => {
  let folder = ""
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "odh-conformance-test-"))
    await mkdir(join(folder, "examples/damaged"), { recursive: true })
    await write("examples/a.tsv", "code\tnom\n01001\tA\n2A004\tB\n")
    await write(
      "examples/a.tsv.rows.json",
      JSON.stringify({
        "*": [
          { code: "01001", nom: "A" },
          { code: "2A004", nom: "B" },
        ],
      }),
    )
    await write("examples/damaged/ragged.tsv", "a\tb\n1\t2\n3\n")
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it("judges a plugin by the files beside it, and ends with 0 when every law held", async () => {
    const plugin = await write(
      "sound.ts",
      `import { tabs } from "${zoo}"\nexport const table = tabs()\nexport const other = 1\n`,
    )
    const { code, out } = await run(plugin)
    assert.strictEqual(code, 0, out)
    assert.match(out, /^format tabs \(export table\), on a\.tsv$/m)
    assert.match(out, /^ {2}held {5}gives the rows that another reading gives$/m)
    assert.match(out, /^ {2}held {5}damage is an error or a reject, never silence: 1 damaged file/m)
    assert.match(out, /^ {2}skipped {2}both ways of reading agree: the format has only `read`$/m)
    assert.match(out, /^ {2}\d+ of \d+ laws held, \d skipped$/m)
  })

  it("names the broken law on the file that shows it, in JSON too, and ends with 1", async () => {
    const plugin = await write(
      "broken.ts",
      `import { tabs } from "${zoo}"\nexport const table = tabs({ cells: (line) => line.toUpperCase().split("\\t") })\n`,
    )
    const { code, out } = await run(plugin, "--json", "--fuzz", "5")
    assert.strictEqual(code, 1)
    const { ok, plugins, schemaVersion } = JSON.parse(out) as {
      readonly ok: boolean
      readonly schemaVersion: number
      readonly plugins: ReadonlyArray<{
        readonly score: unknown
        readonly laws: ReadonlyArray<{
          readonly law: string
          readonly status: string
          readonly subjects: ReadonlyArray<{ readonly file?: string }>
        }>
      }>
    }
    assert.deepStrictEqual([ok, schemaVersion], [false, 1])
    assert.deepStrictEqual(
      plugins[0]?.laws.filter(({ status }) => status === "failed").map(({ law, subjects }) => [law, subjects[0]?.file]),
      [["gives the rows that another reading gives", "a.tsv"]],
    )
  })

  it("ends with 64, saying why, when there is nothing to judge", async () => {
    const empty = await write("empty.ts", "export const plugin = 1\n")
    const needy = await write(
      "needy.ts",
      `import { tabs } from "${zoo}"\nexport const table = tabs()({ colour: "red" })\n`,
    )
    for (const [args, why] of [
      [[], /^$/],
      [[join(folder, "none.js")], /none\.js does not exist/],
      [[empty], /exports no format and no container/],
      [[needy], /colour.*--options/],
      [[empty, "--verbose"], /verbose/],
    ] as const) {
      const { code, said } = await run(...args)
      assert.strictEqual(code, 64, said)
      assert.match(said, why)
    }
  })
})
