/** `node scripts/test-lane.ts [test|check|long]`: runs every step of a lane, goes on after a failure, and ends with `N passed, N failed`. */
import { spawn } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Tally, tally } from "./vitest-report.ts"

interface Step {
  readonly name: string
  readonly command: ReadonlyArray<string>
  /** Counts the tests of the run; any other step counts as one. */
  readonly vitest?: boolean
  readonly env?: Readonly<Record<string, string>>
}

const checks: ReadonlyArray<Step> = [
  { name: "lint", command: ["oxlint"] },
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "lock file", command: ["node", "scripts/lock-completeness.ts"] },
  { name: "build", command: ["nx", "run-many", "-t", "build", "--outputStyle=stream"] },
  { name: "types of tests and scripts", command: ["tsc", "-p", "tsconfig.checks.json"] },

  { name: "unused code and dependencies", command: ["knip"] },
  { name: "packages", command: ["nx", "run-many", "-t", "lint:pkg", "--outputStyle=stream"] },
]
const tests: Step = { name: "tests", command: ["vitest", "run"], vitest: true }
const publishing: Step = {
  name: "publishing",
  command: ["vitest", "run", "--config", "e2e/vitest.config.ts"],
  vitest: true,
}

const lanes: Readonly<Record<string, ReadonlyArray<Step>>> = {
  check: checks,
  test: [...checks, tests, publishing],
  long: [{ ...tests, name: "tests, 5,000 runs of each property", env: { ODH_LONG: "1" } }],
}

const run = async (step: Step, reportPath: string): Promise<{ readonly tally: Tally; readonly output: string }> => {
  const [program = "", ...args] = step.command
  const reporters =
    step.vitest === true ? ["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`] : []
  const child = spawn(program, [...args, ...reporters], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 15 * 60_000,
    env: { ...process.env, NX_DAEMON: "false", NX_NO_CLOUD: "true", NO_COLOR: "1", ...step.env },
  })
  const output: Array<Buffer> = []
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk))
  const exitCode = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      output.push(Buffer.from(`${error.message}\n`))
      resolve(127)
    })
    child.on("close", (code) => resolve(code ?? 1))
  })
  const text = Buffer.concat(output).toString("utf8")
  if (step.vitest !== true) {
    const failed = exitCode === 0 ? 0 : 1
    return {
      tally: { passed: 1 - failed, failed, failures: failed === 1 ? [step.name] : [], skipped: [] },
      output: text,
    }
  }
  const json = await readFile(reportPath, "utf8").catch(() => undefined)
  return { tally: tally(json, exitCode), output: text }
}

const lane = process.argv[2] ?? "test"
const steps = lanes[lane]
if (steps === undefined) throw new Error(`no lane "${lane}": choose one of ${Object.keys(lanes).join(", ")}`)

const folder = await mkdtemp(join(tmpdir(), "lane-"))
let passed = 0
let failed = 0
for (const [index, step] of steps.entries()) {
  const started = performance.now()
  process.stdout.write(`[${index + 1}/${steps.length}] ${step.name} … `)
  const result = await run(step, join(folder, `${index}.json`))
  passed += result.tally.passed
  failed += result.tally.failed
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${result.tally.passed} passed, ${result.tally.failed} failed (${seconds} s)`)
  for (const name of result.tally.skipped) console.log(`  skipped: ${name}`)
  if (result.tally.failed > 0) {
    console.log(result.output.trimEnd().replaceAll(/^/gm, "  | "))
    for (const name of result.tally.failures) console.log(`  failed: ${name}`)
  }
}
await rm(folder, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
