/** A hub and a copy of the dbt project, on the pilots of the replica: what tests of models start from. */
import { assert } from "@effect/vitest"
import { type Portal, startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pilots } from "../../../../scripts/pilots.ts"
import { findPythonEnvironment } from "../../../../scripts/python-environment.ts"
import { odh, writeConfig } from "./command.ts"
import { ask, corpus } from "./place.ts"

/** dbt as it is locked, or why it is not there; a reason is printed once. */
export const dbtEnvironment = await findPythonEnvironment("dbt", "dbt/requirements.txt")
if (dbtEnvironment._tag === "Missing") console.log(`skipped: ${dbtEnvironment.why}`)
const bin = dbtEnvironment._tag === "Ready" ? join(dbtEnvironment.folder, "bin") : ""
const root = new URL("../../../../", import.meta.url).pathname

/** How a program ended, and all that it printed. */
export interface Ran {
  readonly code: number
  readonly output: string
}

/** Runs a program to its end. */
export const run = (
  program: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { cwd: options.cwd, env: { ...process.env, ...options.env }, maxBuffer: 2 ** 28 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    )
  })

export interface DbtHubOptions {
  /** The portal's date. */
  readonly at: string
  /** Entries of `datasets` besides the pilots. */
  readonly more?: string
  /** Fills the portal before the first sync. */
  readonly fill?: (portal: Portal) => void
}

/** Synced and generated; `dbt` runs in the project, `odh` beside the configuration. */
export const startDbtHub = async ({ at, more = "", fill }: DbtHubOptions) => {
  const folder = await mkdtemp(join(tmpdir(), "odh-dbt-"))
  const warehouse = join(folder, "data", "warehouse.duckdb")
  const project = join(folder, "dbt")
  await cp(join(root, "dbt"), project, {
    recursive: true,
    filter: (path) => !/dbt\/(target|logs|models\/generated)/.test(path),
  })
  const portal = await startDatagouv({ files: corpus, at })
  fill?.(portal)
  const datasets = `[...${pilots}, ${more}]`
  await Effect.runPromise(
    writeConfig(
      folder,
      portal.url,
      `{ network: { allowPrivate: ["127.0.0.1"] }, sources: [datagouv({ url: portal, datasets: ${datasets} })], sinks: [duckdb({ path: "./data/warehouse.duckdb" })] }`,
    ),
  )
  const inHub = async (...args: ReadonlyArray<string>) => {
    const { code, out, err } = await Effect.runPromise(odh(args, { cwd: folder }))
    return { code, out, said: `${out}\n${err}` }
  }
  /** Fails, with what was said, when the command does. */
  const must = async (...args: ReadonlyArray<string>): Promise<string> => {
    const { code, out, said } = await inHub(...args)
    assert.strictEqual(code, 0, said)
    return out
  }
  const dbtWith =
    (env: Readonly<Record<string, string>>) =>
    (...args: ReadonlyArray<string>): Promise<Ran> =>
      run(join(bin, "dbt"), ["--no-use-colors", ...args], {
        cwd: project,
        env: { ODH_WAREHOUSE: warehouse, DBT_PROFILES_DIR: project, ...env },
      })
  const dbt = dbtWith({})
  const build = async (...args: ReadonlyArray<string>): Promise<string> => {
    const { code, output } = await dbt("build", ...args)
    assert.strictEqual(code, 0, output.slice(-4_000))
    return output
  }
  /** Every table of gold, as one hash each. */
  const goldHashes = async () => {
    const tables = await Effect.runPromise(
      ask(warehouse, "select table_name as t from duckdb_tables() where schema_name = 'gold' order by 1"),
    )
    const hashes: Record<string, unknown> = {}
    for (const { t } of tables) {
      const [row] = await Effect.runPromise(
        ask(
          warehouse,
          `select count(*) || ' ' || bit_xor(md5_number(to_json(x)::varchar)) as hash from gold.${String(t)} x`,
        ),
      )
      hashes[String(t)] = row?.["hash"]
    }
    return hashes
  }
  await must("sync")
  await must("dbt", "generate")
  return {
    folder,
    warehouse,
    project,
    portal,
    python: join(bin, "python"),
    odh: inHub,
    must,
    dbt,
    /** dbt with other environment variables. */
    dbtWith,
    build,
    goldHashes,
    ask: (sql: string) => Effect.runPromise(ask(warehouse, sql)),
    close: async () => {
      await portal.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type DbtHub = Awaited<ReturnType<typeof startDbtHub>>
