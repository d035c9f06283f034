/**
 * `node bench/run.ts [NAME…] [--size 1GiB] [--json-size 200MB] [--history-rows 1000000] [--pairs 3] [--source] [--keep]`
 *
 * Without arguments, what `make bench` does: everything at full size, and RESULTS.md and results.json written anew.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { archives } from "./archive/benchmark.ts"
import { dbtFact } from "./dbt/benchmark.ts"
import { fetchMany } from "./fetch/benchmark.ts"
import { frenchCsv } from "./french-csv/benchmark.ts"
import { geojson } from "./geojson/benchmark.ts"
import { history } from "./history/benchmark.ts"
import { iceberg } from "./iceberg/benchmark.ts"
import { historyPeers } from "./history/peers/benchmark.ts"
import { jsonChildren } from "./json-children/benchmark.ts"
import { jsonMemory } from "./json-memory/benchmark.ts"
import { odhCommand } from "./measure/odh.ts"
import { bytesOf } from "./measure/size.ts"
import { kept, type Outcome, type Setting } from "./outcome.ts"
import { asMarkdown, describeMachine } from "./report.ts"
import { startup } from "./startup/benchmark.ts"
import { wideCsv } from "./wide-csv/benchmark.ts"
import { xlsx } from "./xlsx/benchmark.ts"

const benchmarks: Readonly<Record<string, (setting: Setting) => Promise<ReadonlyArray<Outcome>>>> = {
  startup,
  fetch: fetchMany,
  "french-csv": frenchCsv,
  "wide-csv": wideCsv,
  "json-children": jsonChildren,
  archive: archives,
  "json-memory": jsonMemory,
  geojson,
  xlsx,
  history,
  iceberg,
  "history-peers": historyPeers,
  dbt: dbtFact,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: "string", default: "1GiB" },
    "json-size": { type: "string", default: "200MB" },
    "history-rows": { type: "string", default: "1000000" },
    pairs: { type: "string", default: "3" },
    source: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
})

const chosen = positionals.length === 0 ? Object.keys(benchmarks) : positionals
const machine = await describeMachine()
await mkdir(join(import.meta.dirname, ".work"), { recursive: true })
/** Of this run alone: another one may be under way. */
const work = await mkdtemp(join(import.meta.dirname, ".work", "run-"))
const outcomes: Array<Outcome> = []
try {
  for (const name of chosen) {
    const benchmark = benchmarks[name]
    if (benchmark === undefined) throw new Error(`no benchmark "${name}": ${Object.keys(benchmarks).join(", ")}`)
    const folder = join(work, name)
    await mkdir(folder)
    const setting = {
      folder,
      odh: odhCommand(values.source ? "source" : "build"),
      pairs: Number(values.pairs),
      csvBytes: bytesOf(values.size),
      jsonBytes: bytesOf(values["json-size"]),
      historyRows: Number(values["history-rows"]),
      note: (text: string) => console.error(text),
    }
    outcomes.push(...(await benchmark(setting)))
    if (!values.keep) await rm(folder, { recursive: true })
  }
} finally {
  if (values.keep) console.error(`kept: ${work}`)
  else await rm(work, { recursive: true, force: true })
}

const page = asMarkdown(machine, outcomes)
console.log(page)
if (process.argv.length === 2) {
  await writeFile(join(import.meta.dirname, "RESULTS.md"), page)
  await writeFile(join(import.meta.dirname, "results.json"), `${JSON.stringify({ machine, outcomes }, undefined, 2)}\n`)
}
process.exitCode = outcomes.every(kept) ? 0 : 1
