/** pyiceberg and DuckDB's own iceberg extension, in one Python process that answers requests. */
import { join } from "node:path"
import { findPythonEnvironment } from "../../../../scripts/python-environment.ts"
import { type LineProcess, startLineProcess } from "./line-process.ts"

const requirements = "packages/sink-iceberg/test/python/requirements.txt"

/** The Python of the environment; without one, tests say why they are skipped. */
export const environment = await findPythonEnvironment("iceberg", requirements)
export const isMissing = environment._tag === "Missing"
if (environment._tag === "Missing") console.log(`skipped: ${environment.why}`)

/** How pyiceberg opens the catalog of a folder. */
export const localCatalog = (folder: string) => ({
  name: "odh",
  type: "sql",
  uri: `sqlite:///${join(folder, "catalog.db")}`,
  warehouse: `file://${folder}`,
})

export type Engines = LineProcess

/** Starts the process. */
export const startEngines = (): Engines => {
  if (environment._tag === "Missing") throw new Error(environment.why)
  return startLineProcess(environment.python, [join(import.meta.dirname, "../python/engines.py")])
}
