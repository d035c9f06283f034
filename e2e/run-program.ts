import { spawn } from "node:child_process"

/** Runs a program to its end and gives what it printed; fails with everything it said. */
export const run = (
  program: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
) =>
  new Promise<string>((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] })
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
