/** The whole way of a large JSON file: portal on loopback, `odh sync`, lake, DuckDB file; the memory of the `odh` process. */
import { dataset, startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { measure } from "../measure/usage.ts"
import { megabytes, orFailure, type Outcome, type Setting } from "../outcome.ts"
import { check } from "./check.ts"
import { generate } from "./generate.ts"

/** MB, of 10^6 bytes. */
const limit = 500

const benchmark = "json-memory"
const subject = "parents and children, portal to warehouse"

const configuration = (portal: string): string => `import { datagouv, defineConfig, duckdb } from "opendatahub-sql"

export default defineConfig({
  lake: "./lake",
  network: { allowPrivate: ["127.0.0.1"] },
  sources: [datagouv({ url: ${JSON.stringify(portal)}, datasets: [{ id: "marches-publics", into: "marches" }] })],
  sinks: [duckdb({ path: "./warehouse.duckdb" })],
})
`

const run = async (setting: Setting): Promise<Outcome> => {
  const file = join(setting.folder, "marches.json")
  setting.note(`json-memory: writing ${megabytes(setting.jsonBytes).toFixed(0)} MB`)
  const oracle = generate(file, setting.jsonBytes, 5, "marches")
  const hub = join(setting.folder, "hub")
  await mkdir(hub)
  const portal = await startDatagouv({ catalogue: false, files: setting.folder })
  const resources = [{ title: "marches.json", content: { file: "marches.json" } }]
  portal.add(dataset({ slug: "marches-publics", title: "Marchés publics", resources }))
  await writeFile(join(hub, "odh.config.ts"), configuration(portal.url))
  setting.note(`json-memory: odh sync of ${oracle.contracts} contracts with ${oracle.holders} holders`)
  const usage = await measure([...setting.odh, "sync"], hub).finally(() => portal.close())
  return {
    benchmark,
    subject,
    pairs: [],
    runs: [usage],
    promises: [{ what: "peak memory", value: megabytes(usage.peak), limit, unit: "MB" }],
    problems: await check(join(hub, "warehouse.duckdb"), oracle),
  }
}

/** One run: memory is bounded or it is not. */
export const jsonMemory = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => [
  await orFailure(benchmark, subject, run(setting)),
]
