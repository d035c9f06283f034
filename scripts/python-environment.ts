/**
 * `node scripts/python-environment.ts NAME REQUIREMENTS`: a virtual environment `.venvs/NAME` with exactly what a hash-locked requirements file
 * says, made anew when that file changes. A lock is whole, so pip resolves nothing. Needs Python 3.11 with `venv`; a Python whose `ensurepip` was taken out uses its own pip from outside.
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { readFile, rm, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** Where an environment is, or why there is none. */
export type PythonEnvironment =
  | { readonly _tag: "Ready"; readonly python: string; readonly folder: string }
  | { readonly _tag: "Missing"; readonly why: string }

const folderOf = (name: string): string => join(root, ".venvs", name)
const stampOf = (name: string): string => join(folderOf(name), ".lock-hash")
const ready = (name: string): PythonEnvironment => ({
  _tag: "Ready",
  folder: folderOf(name),
  python: join(folderOf(name), "bin", "python"),
})

const hashOf = async (requirements: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(resolve(root, requirements)))
    .digest("hex")

/** The environment as an earlier call made it: nothing is installed. */
export const findPythonEnvironment = async (name: string, requirements: string): Promise<PythonEnvironment> => {
  const stamp = await readFile(stampOf(name), "utf8").catch(() => "")
  return stamp === (await hashOf(requirements))
    ? ready(name)
    : { _tag: "Missing", why: `the Python environment ${name} is not installed: \`make test-platform\` says why` }
}

const run = (
  program: string,
  ...args: ReadonlyArray<string>
): Promise<{ readonly ok: boolean; readonly output: string }> =>
  new Promise((done) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.on("error", (error) => done({ ok: false, output: error.message }))
    child.on("close", (code) => done({ ok: code === 0, output: output.trim() }))
  })

const lastLine = (output: string): string => output.split("\n").at(-1) ?? ""

const findPython = async (): Promise<string | undefined> => {
  for (const program of ["python3.13", "python3.12", "python3.11", "python3"]) {
    const { ok } = await run(program, "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))")
    if (ok) return program
  }
  return undefined
}

/** Makes the environment, unless it is there already. */
export const makePythonEnvironment = async (name: string, requirements: string): Promise<PythonEnvironment> => {
  const found = await findPythonEnvironment(name, requirements)
  if (found._tag === "Ready") return found
  const python = await findPython()
  if (python === undefined) return { _tag: "Missing", why: "there is no Python from 3.11 on with the module venv" }
  const folder = folderOf(name)
  const inside = join(folder, "bin", "python")
  await rm(folder, { recursive: true, force: true })
  const whole = await run(python, "-m", "venv", folder)
  const made = whole.ok ? whole : await run(python, "-m", "venv", "--clear", "--without-pip", folder)
  if (!made.ok) return { _tag: "Missing", why: `no virtual environment can be made: ${lastLine(made.output)}` }
  const pip = whole.ok ? [inside, "-m", "pip"] : [python, "-m", "pip", "--python", inside]
  const [program = python, ...args] = pip
  const lock = resolve(root, requirements)
  const options = [
    "install",
    "--quiet",
    "--require-hashes",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--requirement",
    lock,
  ]
  const installed = await run(program, ...args, ...options)
  if (!installed.ok)
    return { _tag: "Missing", why: `pip could not install ${requirements}: ${lastLine(installed.output)}` }
  await writeFile(stampOf(name), await hashOf(requirements))
  return ready(name)
}

if (import.meta.main) {
  const [name, requirements] = process.argv.slice(2)
  if (name === undefined || requirements === undefined)
    throw new Error("node scripts/python-environment.ts NAME REQUIREMENTS")
  const environment = await makePythonEnvironment(name, requirements)
  console.log(
    environment._tag === "Ready"
      ? `${environment.folder} is ready`
      : `NOT INSTALLED, so its tests are skipped: ${name}: ${environment.why}`,
  )
}
