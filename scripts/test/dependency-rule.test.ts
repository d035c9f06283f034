import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

const root = new URL("../..", import.meta.url).pathname

interface Diagnostic {
  readonly code: string
  readonly filename: string
}

/** Lints one module per specifier, as a source of the package, under the rules of the repository; gives those it refuses. */
const refused = async (
  folder: string,
  directory: string,
  specifiers: ReadonlyArray<string>,
): Promise<ReadonlyArray<string>> => {
  const sources = join(folder, "packages", directory, "src")
  await mkdir(sources, { recursive: true })
  for (const [index, specifier] of specifiers.entries()) {
    await writeFile(join(sources, `case-${index}.ts`), `export * from "${specifier}"\n`)
  }
  const output = await new Promise<string>((resolve) => {
    const oxlint = join(root, "node_modules/oxlint/bin/oxlint")
    execFile(
      process.execPath,
      [oxlint, "--format=json", sources],
      { cwd: folder, maxBuffer: 2 ** 26 },
      (_error, stdout) => resolve(stdout),
    )
  })
  const { diagnostics } = JSON.parse(output) as { readonly diagnostics: ReadonlyArray<Diagnostic> }
  const files = new Set(
    diagnostics
      .filter(({ code }) => code.includes("no-restricted-imports"))
      .map(({ filename }) => filename.split("/").at(-1)),
  )
  return specifiers.filter((_, index) => files.has(`case-${index}.ts`))
}

describe("the dependency rule", () => {
  let folder = ""
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lint-"))
    await writeFile(
      join(folder, "oxlint.config.ts"),
      `export { default } from ${JSON.stringify(join(root, "oxlint.config.ts"))}\n`,
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const everything = [
    "@opendatahub-sql/core",
    "@opendatahub-sql/core/testing",
    "@opendatahub-sql/engine-duckdb",
    "@opendatahub-sql/format-zip",
    "opendatahub-sql",
    "@duckdb/node-api",
    "../../core/src/index.ts",
    "../../../core/src/contracts/table.ts",
  ]
  const allowed: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["core", []],
    ["testkit", ["@opendatahub-sql/core", "@opendatahub-sql/core/testing", "@opendatahub-sql/engine-duckdb"]],
    ["engine-duckdb", ["@opendatahub-sql/core", "@opendatahub-sql/core/testing", "@duckdb/node-api"]],
    ["sink-duckdb", ["@opendatahub-sql/core", "@opendatahub-sql/core/testing", "@opendatahub-sql/engine-duckdb"]],
    ["format-json", ["@opendatahub-sql/core", "@opendatahub-sql/core/testing"]],
    ["a-plugin-of-tomorrow", ["@opendatahub-sql/core", "@opendatahub-sql/core/testing"]],
    [
      "opendatahub-sql",
      [
        "@opendatahub-sql/core",
        "@opendatahub-sql/core/testing",
        "@opendatahub-sql/engine-duckdb",
        "@opendatahub-sql/format-zip",
        "opendatahub-sql",
      ],
    ],
  ]
  for (const [directory, good] of allowed) {
    it(`holds in ${directory}`, async () => {
      const bad = await refused(folder, directory, everything)
      assert.deepStrictEqual(
        everything.filter((specifier) => !bad.includes(specifier)),
        good,
      )
    })
  }

  it("keeps libraries on the stable modules of the installed Effect, by deep path", async () => {
    const dist = join(root, "node_modules/effect/dist")
    const modules = (await readdir(dist, { recursive: true })).filter(
      (path) => path.endsWith(".d.ts") && !path.includes("internal/") && !/\/.*\//.test(path),
    )
    const unstable: Array<string> = []
    const stable: Array<string> = []
    for (const path of modules) {
      const specifier = `effect/${path.replace(/(\/?index)?\.d\.ts$/, "")}`.replace(/\/$/, "")
      const isBarrel = path.endsWith("index.d.ts")
      const isStable = !isBarrel && (await readFile(join(dist, path), "utf8")).includes("@stability stable")
      ;(isStable ? stable : unstable).push(specifier)
    }
    assert.include(stable, "effect/Stream")
    assert.include(unstable, "effect/http/HttpClient")
    const bad = await refused(folder, "format-csv", [...stable, ...unstable])
    assert.deepStrictEqual([...bad].toSorted(), unstable.toSorted())
    assert.deepStrictEqual(await refused(folder, "opendatahub-sql", unstable), [])
  })
})
