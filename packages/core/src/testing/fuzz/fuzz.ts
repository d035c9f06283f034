/** Runs a check over many damaged files. Each has a number, its seed: a failure says it, and the file can be made again from it alone. */
import { setImmediate as immediate } from "node:timers/promises"
import { Worker } from "node:worker_threads"
import { mutate, type MutationOptions } from "./mutate.ts"
import { type Random, seeded } from "./random.ts"

/** What to run, on what. */
export interface FuzzOptions extends MutationOptions {
  /** Files to make. */
  readonly runs: number
  /** The number of the first (0). */
  readonly first?: number
  /** Rejects, with a message, when a promise is broken; the outcomes are counted by name. `random` goes on with the choices of the seed. */
  readonly check: (bytes: Uint8Array, random: Random) => Promise<string>
  /** Files that must end so, at least: else the corpus proves little. Not asked when seeds were told. */
  readonly expects?: Readonly<Record<string, number>>
  /** Milliseconds that one file may take before it counts as a hang (60,000): what takes milliseconds, with a wide margin for busy machines. */
  readonly longest?: number
}

/** How many files ended how. */
export type FuzzTally = Readonly<Record<string, number>>

/** A tally as text: `31 refused, 19 read`. */
export const inWords = (tally: FuzzTally): string =>
  Object.entries(tally)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ")

/** Which to run alone, set by whoever looks into a failure: a seed (`417`) or several (`0-9999`). */
const SEED = "ODH_FUZZ_SEED"

const seedsOf = ({ first = 0, runs }: FuzzOptions): readonly [first: number, last: number] => {
  const told = process.env[SEED]
  if (told === undefined) return [first, first + runs - 1]
  const [from = 0, to = from] = told.split("-").map(Number)
  return [from, to]
}

/** A loop that never ends in the thread that reads can only be seen from another one. */
const watchman = `
const { workerData: { shared, longest } } = require("node:worker_threads")
const state = new Int32Array(shared)
for (;;) {
  const seed = Atomics.load(state, 0)
  if (Atomics.wait(state, 0, seed, longest) === "timed-out" && Atomics.load(state, 0) === seed && seed >= 0) {
    require("node:fs").writeSync(2, "\\nfuzz: the file of seed " + seed + " has not been read to its end in " + longest + " ms; rerun it alone with ${SEED}=" + seed + "\\n")
    process.kill(process.pid, "SIGKILL")
  }
}`

const watch = (longest: number): { readonly now: (seed: number) => void; readonly end: () => Promise<unknown> } => {
  const shared = new SharedArrayBuffer(4)
  const state = new Int32Array(shared).fill(-1)
  const worker = new Worker(watchman, { eval: true, workerData: { shared, longest } })
  worker.unref()
  return {
    now: (seed) => {
      Atomics.store(state, 0, seed)
      Atomics.notify(state, 0)
    },
    end: () => worker.terminate(),
  }
}

/** Failures after which there is no point in going on. */
const ENOUGH = 10

const failureOf = (seed: number, bytes: Uint8Array, cause: unknown): string => {
  const message = cause instanceof Error ? cause.message : String(cause)
  const start = JSON.stringify(Buffer.from(bytes.subarray(0, 120)).toString("latin1"))
  return `seed ${seed}: ${message}\n  the file (${bytes.length} bytes) begins ${start}\n  rerun it alone: ${SEED}=${seed} vitest run <this test file>`
}

/** Fuzzes; the tally tells how the files ended. Rejects when a promise was broken, with the seeds and the way to rerun them. */
export const fuzz = async (options: FuzzOptions): Promise<FuzzTally> => {
  const [first, last] = seedsOf(options)
  const watched = watch(options.longest ?? 60_000)
  const tally: Record<string, number> = {}
  const failures: Array<string> = []
  const unhandled: Array<unknown> = []
  const onUnhandled = (cause: unknown) => unhandled.push(cause)
  process.on("unhandledRejection", onUnhandled)
  for (let seed = first; seed <= last && failures.length < ENOUGH; seed++) {
    watched.now(seed)
    const random = seeded(seed)
    const bytes = mutate(random, options)
    const outcome = await options.check(bytes, random).catch((cause: unknown) => {
      failures.push(failureOf(seed, bytes, cause))
      return "broken"
    })
    tally[outcome] = (tally[outcome] ?? 0) + 1
    // A promise that nobody waits for ends the process of whoever uses the plugin; the event comes when the microtasks are done.
    await immediate()
    for (const cause of unhandled.splice(0))
      failures.push(failureOf(seed, bytes, `a rejection that nobody handles: ${String(cause)}`))
  }
  process.off("unhandledRejection", onUnhandled)
  await watched.end()
  if (failures.length > 0) throw new Error(failures.join("\n"))
  const few = Object.entries(options.expects ?? {}).filter(([outcome, count]) => (tally[outcome] ?? 0) < count)
  if (few.length > 0 && process.env[SEED] === undefined)
    throw new Error(`only ${inWords(tally)}, where ${inWords(Object.fromEntries(few))} were expected at least`)
  return tally
}
