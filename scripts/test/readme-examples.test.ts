import { execFile } from "node:child_process"
import { globSync } from "node:fs"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"

const root = new URL("../..", import.meta.url).pathname

const typeCheck = (folder: string): Promise<ReadonlyArray<string>> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], (_error, stdout) =>
      // What is wrong in a package, another check says.
      resolve(stdout.split("\n").filter((line) => line.includes("/readme-"))),
    )
  })

/** The TypeScript blocks of the READMEs, each a module in a folder of this workspace; their compiler's complaints, by README. */
it("the programs that the READMEs show compile as they are written", async () => {
  await mkdir(join(root, "node_modules/.cache"), { recursive: true })
  const folder = await mkdtemp(join(root, "node_modules/.cache/readme-"))
  try {
    const readmes = globSync(["README.md", "packages/*/README.md"], { cwd: root })
    const examples = await Promise.all(
      readmes.map(async (readme) => {
        const text = await readFile(join(root, readme), "utf8")
        return Array.from(text.matchAll(/^```ts\n([^]*?)^```$/gm), ([, code = ""], index) => ({
          file: `${readme.replaceAll("/", "__")}.${index}.ts`,
          code,
        }))
      }),
    ).then((found) => found.flat())
    assert.isAtLeast(examples.length, readmes.length, "each README shows a program")
    for (const { file, code } of examples) await writeFile(join(folder, file), code)
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "tsconfig.checks.json"),
        compilerOptions: { noUnusedLocals: false, types: ["node"], typeRoots: [join(root, "node_modules/@types")] },
        include: ["./*.ts"],
      }),
    )
    assert.deepStrictEqual(await typeCheck(folder), [])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)
