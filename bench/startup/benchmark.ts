/** `odh --help` against a Node that does nothing. */
import { interleave, ratioOf } from "../measure/pairs.ts"
import { measure } from "../measure/usage.ts"
import type { Outcome, Setting } from "../outcome.ts"

const limit = 3
/** A run takes a tenth of a second, so the median of many costs nothing. */
const count = 9

/** CPU alone: what a shell or an orchestrator pays before any work. */
export const startup = async ({ odh, folder, note }: Setting): Promise<ReadonlyArray<Outcome>> => {
  note(`startup: ${count} pairs`)
  const pairs = await interleave(
    count,
    () => measure([...odh, "--help"], folder),
    () => measure([process.execPath, "-e", "0"], folder),
  )
  const promises = [{ what: "CPU", value: ratioOf(pairs, ({ cpu }) => cpu), limit, unit: "x" }] as const
  return [{ benchmark: "startup", subject: "odh --help", pairs, runs: [], promises, problems: [] }]
}
