/** What a run of pytest amounts to, read from the end of what it prints (`-q -rfEs`). */
import type { Tally } from "./vitest-report.ts"

const named = (output: string, word: string): ReadonlyArray<string> =>
  [...output.matchAll(new RegExp(`^${word} (.+)$`, "gm"))].map(([, text = ""]) => text)

/** A run that ends with an error though no test failed (nothing collected, a broken plugin) counts as one failure. */
export const pytestTally = (output: string, exitCode: number): Tally => {
  const last = /^(?:=+ )?(?:\d+ \w+(?:, )?)+ in [\d.]+s.*$/m.exec(output)?.[0] ?? ""
  const passed = Number(/(\d+) passed/.exec(last)?.[1] ?? 0)
  const failures = [...named(output, "FAILED"), ...named(output, "ERROR")]
  if (failures.length === 0 && (exitCode !== 0 || passed === 0))
    failures.push(`pytest ended with exit code ${exitCode}`)
  return { passed, failed: failures.length, failures, skipped: named(output, "SKIPPED") }
}
