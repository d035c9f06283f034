/** What a run of vitest amounts to, read from its JSON report. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  /** Full names of what failed: tests, and files that could not be loaded. */
  readonly failures: ReadonlyArray<string>
  readonly skipped: ReadonlyArray<string>
}

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly fullName: string }>
  }>
}

const isReport = (value: unknown): value is Report =>
  typeof value === "object" && value !== null && Array.isArray((value as Partial<Report>).testResults)

const parse = (json: string | undefined): Report | undefined => {
  if (json === undefined) return undefined
  try {
    const value: unknown = JSON.parse(json)
    return isReport(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Counts every test once. A file that fails without a failed test (it does not load, a hook throws), a run that exits with an error
 * though all its tests passed (an unhandled rejection), a run that leaves no report, and a run without a single test each count as one failure.
 */
export const tally = (json: string | undefined, exitCode: number): Tally => {
  const report = parse(json)
  if (report === undefined) return { passed: 0, failed: 1, failures: ["the run left no readable report"], skipped: [] }
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const named = (...statuses: ReadonlyArray<string>) =>
    tests.filter((test) => statuses.includes(test.status)).map((test) => test.fullName)
  const passed = named("passed")
  const failures = [
    ...named("failed"),
    ...report.testResults
      .filter((file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"))
      .map((file) => file.name),
  ]
  if (failures.length === 0 && exitCode !== 0) failures.push(`the run ended with exit code ${exitCode}`)
  if (failures.length === 0 && passed.length === 0) failures.push("the run held no test")
  return {
    passed: passed.length,
    failed: failures.length,
    failures,
    skipped: named("pending", "skipped", "todo", "disabled"),
  }
}
