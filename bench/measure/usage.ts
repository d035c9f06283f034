/**
 * CPU and memory of a command, as the kernel counts them: `wait4` of the command's process, asked by a few lines of Python, which
 * this repository needs anyway. `process.resourceUsage()` knows only the process that calls it, and GNU time is not everywhere.
 */
import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { Readable } from "node:stream"

/** What a command used. */
export interface Usage {
  /** Seconds of user and system time, of the process and of the children it waited for. */
  readonly cpu: number
  /** Seconds on the clock. */
  readonly wall: number
  /** Bytes: the largest resident set of the process, or of one child. */
  readonly peak: number
}

/** The standard library's `wait4`; macOS gives the peak in bytes, Linux in KiB. */
const wrapper = `
import json, os, sys, time
os.set_inheritable(3, False)
started = time.monotonic()
_, status, usage = os.wait4(os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ), 0)
os.write(3, json.dumps({
  "code": os.waitstatus_to_exitcode(status),
  "cpu": usage.ru_utime + usage.ru_stime,
  "wall": time.monotonic() - started,
  "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
}).encode())
`

/** Runs a command to its end, measures it and gives what it printed; one that fails is an error with that. */
export const measureWithOutput = async (
  command: ReadonlyArray<string>,
  cwd?: string,
): Promise<Usage & { readonly output: string }> => {
  const child = spawn("python3", ["-c", wrapper, ...command], { cwd, stdio: ["ignore", "pipe", "pipe", "pipe"] })
  const [stdout, stderr, report] = await Promise.all(
    child.stdio.slice(1).map((output) => (output instanceof Readable ? text(output) : Promise.resolve(""))),
  )
  if (report === undefined || report === "") throw new Error(`${command.join(" ")} was not measured: ${stderr}`)
  const { code, ...usage } = JSON.parse(report) as Usage & { readonly code: number }
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}\n${stdout}\n${stderr}`)
  return { ...usage, output: stdout ?? "" }
}

/** Runs a command to its end and measures it; one that fails is an error with what it printed. */
export const measure = async (command: ReadonlyArray<string>, cwd?: string): Promise<Usage> => {
  const { cpu, wall, peak } = await measureWithOutput(command, cwd)
  return { cpu, wall, peak }
}
