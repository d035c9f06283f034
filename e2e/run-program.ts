import { spawn } from "node:child_process"
import { delimiter } from "node:path"

/** In milliseconds, and less than a test may take: what a program said before it hung is then part of the failure. */
const longest = 4 * 60_000

/** Runs a program to its end and gives what it printed; fails with everything it said. */
export const run = (
  program: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
) =>
  new Promise<string>((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: longest,
    })
    const stdout: Array<Buffer> = []
    const stderr: Array<Buffer> = []
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk))
    child.on("error", reject)
    child.on("close", (code) => {
      const printed = Buffer.concat(stdout).toString("utf8")
      if (code === 0) return resolve(printed)
      const command = [program, ...args].join(" ")
      reject(new Error(`${command} ended with ${code} in ${cwd}\n${printed}${Buffer.concat(stderr).toString("utf8")}`))
    })
  })

/**
 * Runs the machine's own npm under the machine's own Node: npm finds its global settings (registry, certificates, proxy) beside the Node
 * that runs it, and there are none beside the one of the workspace.
 */
export const npm = (args: ReadonlyArray<string>, cwd: string, env: Readonly<Record<string, string>> = {}) => {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.endsWith("node_modules/.bin"))
  return run("npm", args, cwd, { ...env, PATH: folders.join(delimiter) })
}
