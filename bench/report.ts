/** The results as a page, with what one must know of the machine to read them. */
import { cpus, loadavg, release, totalmem, type as system } from "node:os"
import { kept, megabytes, type Outcome, type Promised } from "./outcome.ts"
import { askOne } from "./measure/duckdb.ts"
import { median } from "./measure/pairs.ts"
import type { Usage } from "./measure/usage.ts"

/** Where and when the figures were measured. */
export interface Machine {
  /** ISO, UTC. */
  readonly at: string
  readonly processor: string
  readonly cores: number
  /** GiB. */
  readonly memory: number
  readonly system: string
  readonly node: string
  readonly duckdb: string
  /** Processes that wanted a core when the run began, over one minute. */
  readonly load: number
}

/** The facts of this machine, now. */
export const describeMachine = async (): Promise<Machine> => {
  const { version } = await askOne("select version() as version")
  return {
    at: new Date().toISOString(),
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${system()} ${release()}`,
    node: process.version,
    duckdb: typeof version === "string" ? version : "unknown",
    load: loadavg()[0] ?? 0,
  }
}

const figure = ({ value, limit, unit }: Promised): string =>
  unit === "x" ? `${value.toFixed(2)} x (${limit})` : `${value.toFixed(0)} ${unit} (${limit})`

const middle = (usages: ReadonlyArray<Usage>, of: (usage: Usage) => number, digits: number): string =>
  usages.length === 0 ? "" : median(usages.map(of)).toFixed(digits)

const row = (outcome: Outcome): string => {
  const ours = [...outcome.pairs.map((pair) => pair.ours), ...outcome.runs]
  const reference = outcome.pairs.map((pair) => pair.reference)
  const both = (of: (usage: Usage) => number, digits: number): ReadonlyArray<string> => [
    middle(ours, of, digits),
    middle(reference, of, digits),
  ]
  const cells = [
    outcome.benchmark,
    outcome.subject,
    String(ours.length),
    ...both(({ cpu }) => cpu, 2),
    ...both(({ peak }) => megabytes(peak), 0),
    outcome.promises.map((promised) => `${promised.what} ${figure(promised)}`).join("; "),
    outcome.problems.length === 0 ? "equal" : `**${outcome.problems.length} differences**`,
    kept(outcome) ? "kept" : "**not kept**",
  ]
  return `| ${cells.join(" | ")} |`
}

/** The page. */
export const asMarkdown = (machine: Machine, outcomes: ReadonlyArray<Outcome>): string =>
  [
    "# Results",
    "",
    `${machine.at.slice(0, 16).replace("T", " ")} UTC. ${machine.cores} cores (${machine.processor}), ${machine.memory} GiB, ${machine.system}; Node ${machine.node}, DuckDB ${machine.duckdb}; load ${machine.load.toFixed(1)} at the start.`,
    "Written by `make bench`; README.md says what each benchmark measures. Medians; CPU is user + system in seconds, memory in MB of 10^6 bytes, limits in parentheses.",
    "",
    "| benchmark | case | runs | CPU ours | CPU reference | peak ours | peak reference | measured (limit) | oracle | promise |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...outcomes.map(row),
    "",
    ...outcomes.flatMap(({ benchmark, subject, problems }) =>
      problems.map((problem) => `- ${benchmark}, ${subject}: ${problem}`),
    ),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n")
