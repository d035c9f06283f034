import { cp, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { npm, run } from "./run-program.ts"
import { packages, pinned } from "./workspace.ts"

const compilerOptions = {
  module: "NodeNext",
  target: "ES2023",
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  allowImportingTsExtensions: true,
  noEmit: true,
  types: ["node"],
}

/**
 * How to ask npm for one of our packages. Our scope is served by the local registry and everything else by the ordinary one; npm has no
 * such switch for a name without a scope, so `opendatahub-sql` is asked for by the address of its archive in the local registry.
 */
const specifier = (registry: string, name: string): string => {
  const found = packages.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`${name} is no package of this repository`)
  return name.startsWith("@") ? found.version : `${registry}${name}/-/${name}-${found.version}.tgz`
}

export interface Consumer extends AsyncDisposable {
  readonly folder: string
  readonly write: (path: string, text: string) => Promise<void>
  /** Type-checks every module, the declarations of the dependencies included. */
  readonly typeCheck: () => Promise<void>
  /** Runs an installed program, `node` being this Node, and gives what it printed. */
  readonly run: (program: string, ...args: ReadonlyArray<string>) => Promise<string>
}

/**
 * A project outside the repository, in a folder that is deleted when the consumer is disposed of: `template` copied, if any, then
 * `ours` installed from the local registry and `tools` (name@version) from the ordinary one.
 */
export const installConsumer = async (options: {
  readonly registry: string
  readonly ours: ReadonlyArray<string>
  readonly tools?: ReadonlyArray<string>
  readonly template?: string
}): Promise<Consumer> => {
  const folder = await mkdtemp(join(tmpdir(), "consumer-"))
  const write = (path: string, text: string) => writeFile(join(folder, path), text)
  const runInstalled = (program: string, ...args: ReadonlyArray<string>) =>
    run(program === "node" ? process.execPath : join("node_modules/.bin", program), args, folder)

  if (options.template === undefined) await write("package.json", JSON.stringify({ private: true, type: "module" }))
  else await cp(options.template, folder, { recursive: true })
  await write(".npmrc", `@opendatahub-sql:registry=${options.registry}\naudit=false\nfund=false\n`)
  const ours = options.ours.map((name) => `${name}@${specifier(options.registry, name)}`)
  const compiler = ["typescript", "@types/node"].map((tool) => `${tool}@${pinned(tool)}`)
  await npm(["install", ...ours, ...compiler, ...(options.tools ?? [])], folder)

  return {
    folder,
    write,
    run: runInstalled,
    typeCheck: async () => {
      await write("tsconfig.json", JSON.stringify({ compilerOptions }))
      await runInstalled("tsc", "-p", ".")
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
