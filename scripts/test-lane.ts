/** `node scripts/test-lane.ts check|test|platform|long`: runs each step, goes on after a failure, ends with `N passed, N failed`. */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pytestTally } from "./pytest-report.ts"
import { type Tally, tally } from "./vitest-report.ts"

interface Step {
  readonly name: string
  readonly command: ReadonlyArray<string>
  /** How much it adds to the total: a check counts as one, a suite by its tests, what only prepares the others not at all. */
  readonly counts: "one" | "tests" | "pytest" | "nothing"
}

const check = (name: string, ...command: ReadonlyArray<string>): Step => ({ name, command, counts: "one" })
const suite = (name: string, ...options: ReadonlyArray<string>): Step => ({
  name,
  command: ["vitest", "run", ...options],
  counts: "tests",
})

/** What cannot be installed on a machine is said, and the tests that need it are skipped: that is no failure of ours. */
const pythonEnvironment = (name: string, requirements: string): Step => ({
  name: `Python environment: ${name}`,
  command: ["node", "scripts/python-environment.ts", name, requirements],
  counts: "nothing",
})

/** Tests in Python, in an environment that a step before made; they are skipped where it cannot be made. */
const pytest = (name: string, environment: string, folder: string): Step => ({
  name,
  command: [
    `.venvs/${environment}/bin/python`,
    "-m",
    "pytest",
    "-q",
    "-rfEs",
    "--color=no",
    "-p",
    "no:cacheprovider",
    folder,
  ],
  counts: "pytest",
})

const checks = [
  // First: rules that know types read the declarations of the other packages.
  check("build", "nx", "run-many", "-t", "build", "--outputStyle=stream"),
  check("lint", "oxlint"),
  check("format", "oxfmt", "--check"),
  check("lock file", "node", "scripts/lock-completeness.ts"),
  check("types of tests and scripts", "tsc", "-p", "tsconfig.checks.json"),
  check("unused code and dependencies", "knip"),
  check("packages as they are published", "nx", "run-many", "-t", "lint:pkg", "--outputStyle=stream"),
  suite("type tests", "--config", "typetest/vitest.config.ts"),
]

const lanes: Readonly<Record<string, ReadonlyArray<Step>>> = {
  check: checks,
  test: [...checks, suite("tests"), suite("publishing", "--config", "e2e/vitest.config.ts")],
  platform: [
    pythonEnvironment("iceberg", "packages/sink-iceberg/test/python/requirements.txt"),
    pythonEnvironment("dbt", "dbt/requirements.txt"),
    pythonEnvironment("fakesnow", "dbt/fakesnow/requirements.txt"),
    pythonEnvironment("airflow", "apps/airflow-runner/requirements.txt"),
    suite("tests against other tools"),
    pytest("Airflow: the package, the whole pipeline, a live instance", "airflow", "apps/airflow-runner"),
  ],
  long: [
    suite("tests with many runs of each property, 100,000 damaged files among them"),
    pythonEnvironment("iceberg", "packages/sink-iceberg/test/python/requirements.txt"),
    pythonEnvironment("spark", "packages/sink-iceberg/test/python/spark-requirements.txt"),
    {
      name: "jars of Apache's Iceberg",
      command: ["node", "scripts/maven-classpath.ts", "iceberg-java", "packages/sink-iceberg/test/java/pom.xml"],
      counts: "nothing",
    },
    {
      name: "Iceberg tests at length, with Spark and Apache's REST catalog",
      command: ["env", "ODH_PLATFORM=1", "vitest", "run", "--project", "sink-iceberg"],
      counts: "tests",
    },
  ],
}

/** Of the output of a failed step, the last lines only. */
const shownLines = 200
/** A step that hangs fails, in milliseconds; in the long lane one step is hours of fuzzing. */
const stepTimeout = process.argv[2] === "long" ? 8 * 3_600_000 : 30 * 60_000

const run = async (step: Step, reportPath: string): Promise<{ readonly tally: Tally; readonly output: string }> => {
  const [program = "", ...args] = step.command
  if (step.counts === "pytest" && !existsSync(program))
    return { tally: { passed: 0, failed: 0, failures: [], skipped: [`all: there is no ${program}`] }, output: "" }
  if (step.counts === "tests") args.push("--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`)
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: stepTimeout })
  const chunks: Array<Buffer> = []
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk))
  const exitCode = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      chunks.push(Buffer.from(error.message))
      resolve(127)
    })
    child.on("close", (code) => resolve(code ?? 1))
  })
  const output = Buffer.concat(chunks).toString("utf8").trimEnd()
  if (step.counts === "tests") {
    const json = await readFile(reportPath, "utf8").catch(() => undefined)
    return { tally: tally(json, exitCode), output }
  }
  if (step.counts === "pytest") {
    return { tally: pytestTally(output, exitCode), output }
  }
  if (step.counts === "nothing") {
    const failures = exitCode === 0 ? [] : [`${step.command.join(" ")} ended with ${exitCode}`]
    return { tally: { passed: 0, failed: failures.length, failures, skipped: [] }, output }
  }
  const failures = exitCode === 0 ? [] : [`${step.command.join(" ")} ended with ${exitCode}`]
  return { tally: { passed: 1 - failures.length, failed: failures.length, failures, skipped: [] }, output }
}

const lane = process.argv[2] ?? ""
const steps = lanes[lane]
if (steps === undefined) throw new Error(`no lane "${lane}": choose one of ${Object.keys(lanes).join(", ")}`)
Object.assign(process.env, { NX_DAEMON: "false", NX_NO_CLOUD: "true", FORCE_COLOR: "0" })
if (lane === "long") process.env["ODH_LONG"] = "1"
if (lane === "platform") process.env["ODH_PLATFORM"] = "1"

const folder = await mkdtemp(join(tmpdir(), "lane-"))
let passed = 0
let failed = 0
for (const [index, step] of steps.entries()) {
  process.stdout.write(`[${index + 1}/${steps.length}] ${step.name} … `)
  const started = performance.now()
  const { tally: result, output } = await run(step, join(folder, `${index}.json`))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  passed += result.passed
  failed += result.failed
  console.log(`${result.passed} passed, ${result.failed} failed (${seconds} s)`)
  if (step.counts === "nothing") console.log(`  ${output}`)
  for (const name of result.skipped) console.log(`  skipped: ${name}`)
  if (result.failed === 0) continue
  const lines = output.split("\n")
  if (lines.length > shownLines) console.log(`  … ${lines.length - shownLines} lines before`)
  for (const line of lines.slice(-shownLines)) console.log(`  | ${line}`)
  for (const name of result.failures) console.log(`  failed: ${name}`)
}
await rm(folder, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
