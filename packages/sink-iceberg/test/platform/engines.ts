/** pyiceberg and DuckDB's own iceberg extension, in one Python process that answers requests. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { findPythonEnvironment } from "../../../../scripts/python-environment.ts"

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

export interface Engines {
  readonly ask: <Answer>(request: Readonly<Record<string, unknown>>) => Promise<Answer>
  readonly close: () => void
}

/** Starts the process. */
export const startEngines = (): Engines => {
  if (environment._tag === "Missing") throw new Error(environment.why)
  const child = spawn(environment.python, [join(import.meta.dirname, "../python/engines.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let last: Promise<unknown> = Promise.resolve()
  return {
    ask: <Answer>(request: Readonly<Record<string, unknown>>) => {
      const answer = last.then(async () => {
        child.stdin.write(`${JSON.stringify(request)}\n`)
        const { value, done } = await lines.next()
        if (done === true) throw new Error("the Python process ended")
        const reply = JSON.parse(value) as { readonly ok?: Answer; readonly error?: string }
        if (reply.ok === undefined) throw new Error(`${String(request["do"])}: ${reply.error}`)
        return reply.ok
      })
      last = answer.catch(() => undefined)
      return answer
    },
    close: () => child.stdin.end(),
  }
}
