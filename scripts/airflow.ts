/**
 * `make airflow`: the reference deployment on this machine. A replica of data.gouv.fr, a hub, Airflow with the Dags of apps/airflow-runner,
 * and one run from the portal to gold. Ctrl-C ends all of it; `--once` ends after that run. `ODH_AIRFLOW_DATABASE` is a PostgreSQL to use
 * instead of SQLite, `ODH_AIRFLOW_PORT` a port instead of 8080.
 */
import { startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { cp, mkdir, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { delimiter, join, relative, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pilots } from "./pilots.ts"
import { makePythonEnvironment } from "./python-environment.ts"

const root = resolve(import.meta.dirname, "..")
const folder = join(root, ".airflow")
const app = join(root, "apps/airflow-runner")
const odh = [process.execPath, join(root, "packages/opendatahub-sql/dist/odh.js")]
const once = process.argv.includes("--once")
const dag = "odh_datagouv"

const freePort = (wanted: number): Promise<number> =>
  new Promise((done) => {
    const server = createServer()
    server.once("error", () => done(wanted === 0 ? 0 : freePort(0)))
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => done(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const environmentOf = async (name: string, requirements: string): Promise<string> => {
  console.log(`Python environment ${name}: installed the first time, a minute or two`)
  const made = await makePythonEnvironment(name, requirements)
  if (made._tag === "Missing") throw new Error(`${name} cannot be installed: ${made.why}`)
  return join(made.folder, "bin")
}

const run = (command: ReadonlyArray<string>, env: NodeJS.ProcessEnv, cwd: string): Promise<string> =>
  new Promise((done, fail) => {
    const [first = "", ...args] = command
    const child = spawn(first, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
    let [out, err] = ["", ""]
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()))
    child.on("error", fail)
    child.on("close", (code) =>
      code === 0 ? done(out) : fail(new Error(`${command.join(" ")} ended with ${code}\n${out}\n${err}`)),
    )
  })

/** The first answer; a server that is not up yet, or knows the Dag not yet, is asked again. */
const until = async <A>(what: string, ask: () => Promise<A | undefined>): Promise<A> => {
  for (let attempt = 0; attempt < 600; attempt++) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
    await sleep(1_000)
  }
  throw new Error(`${what} did not come in ten minutes: see ${relative(process.cwd(), folder)}`)
}

const airflowBin = await environmentOf("airflow", "apps/airflow-runner/requirements.txt")
const airflowProgram = join(airflowBin, "airflow")
const dbtBin = await environmentOf("dbt", "dbt/requirements.txt")
await rm(folder, { recursive: true, force: true })
const hub = join(folder, "hub")
await mkdir(hub, { recursive: true })
await cp(join(root, "dbt"), join(folder, "dbt"), {
  recursive: true,
  filter: (path) => !/dbt\/(target|logs|models\/generated)/.test(path),
})

const portal = await startDatagouv({ files: join(root, "fixtures/corpus"), at: "2020-06-27" })
await writeFile(
  join(hub, "odh.config.ts"),
  `import { datagouv, defineConfig, duckdb } from "opendatahub-sql"

export default defineConfig({
  lake: "./lake",
  network: { allowPrivate: ["127.0.0.1"] }, // the replica; the real portal needs no such word
  sources: [datagouv({
    url: ${JSON.stringify(portal.url)},
    datasets: ${pilots},
  })],
  sinks: [duckdb({ path: "./warehouse.duckdb" })],
})
`,
)

const port = await freePort(Number(process.env["ODH_AIRFLOW_PORT"] ?? 8080))
const password = randomBytes(6).toString("hex")
const url = `http://127.0.0.1:${port}`
await writeFile(join(folder, "passwords.json"), JSON.stringify({ admin: password }))
const database = process.env["ODH_AIRFLOW_DATABASE"]
const env: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [airflowBin, process.env["PATH"]].join(delimiter),
  PYTHONPATH: join(app, "src"),
  AIRFLOW_HOME: folder,
  AIRFLOW__CORE__DAGS_FOLDER: join(app, "dags"),
  AIRFLOW__CORE__LOAD_EXAMPLES: "False",
  AIRFLOW__CORE__EXECUTOR: "LocalExecutor",
  AIRFLOW__CORE__PARALLELISM: "4",
  AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: "False",
  AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${url}/execution/`,
  AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: "admin:admin",
  AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: join(folder, "passwords.json"),
  AIRFLOW__API__HOST: "127.0.0.1",
  AIRFLOW__API__PORT: String(port),
  AIRFLOW__API__WORKERS: "1",
  AIRFLOW__API__BASE_URL: url,
  AIRFLOW__API__SECRET_KEY: randomBytes(32).toString("hex"),
  AIRFLOW__API_AUTH__JWT_SECRET: randomBytes(64).toString("hex"),
  AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT: String(await freePort(0)),
  AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT: String(await freePort(0)),
  AIRFLOW__OPENLINEAGE__NAMESPACE: "odh",
  AIRFLOW__OPENLINEAGE__TRANSPORT: JSON.stringify({
    type: "file",
    log_file_path: join(folder, "lineage.ndjson"),
    append: true,
  }),
  ...(database === undefined ? {} : { AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: database }),
  ODH_COMMAND: odh.map((word) => `'${word}'`).join(" "),
  ODH_CONFIG: join(hub, "odh.config.ts"),
  ODH_MANIFEST: join(folder, "manifest.json"),
  ODH_WAREHOUSE: join(hub, "warehouse.duckdb"),
  ODH_DBT: `'${join(dbtBin, "dbt")}'`,
  ODH_DBT_PROJECT: join(folder, "dbt"),
  // By hand only: what runs is what is shown.
  ODH_SCHEDULE: "",
}

let airflow: ChildProcess | undefined
const stop = async (): Promise<void> => {
  // Airflow's own SIGTERM leaves its parts alive: the whole group is told.
  if (airflow?.pid !== undefined && airflow.exitCode === null) {
    const ended = new Promise((done) => airflow?.once("close", done))
    process.kill(-airflow.pid, "SIGTERM")
    await Promise.race([ended, sleep(15_000)])
    if (airflow.exitCode === null) process.kill(-airflow.pid, "SIGKILL")
  }
  await portal.close()
}
let isStopping = false
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (isStopping) return
    isStopping = true
    void stop().then(() => process.exit(0))
  })

try {
  await run([...odh, "plan", "--manifest", join(folder, "manifest.json")], env, hub)
  console.log("Airflow's database")
  await run([airflowProgram, "db", "migrate"], env, folder)
  const pools = join(folder, "pools.json")
  const python = join(airflowBin, "python")
  await writeFile(
    pools,
    await run([python, "-m", "opendatahub_sql_airflow", "pools", join(folder, "manifest.json")], env, folder),
  )
  await run([airflowProgram, "pools", "import", pools], env, folder)
  airflow = spawn(airflowProgram, ["standalone"], { cwd: folder, env, detached: true, stdio: "ignore" })

  const ask = async (path: string, token?: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path} answers ${response.status}`)
    return (await response.json()) as Record<string, unknown>
  }
  const token = await until("Airflow", async () =>
    String((await ask("/auth/token", undefined, { username: "admin", password }))["access_token"]),
  )
  console.log(`\nAirflow:   ${url}\nuser:      admin\npassword:  ${password}\n`)

  const started = await until(`Dag ${dag}`, () => ask(`/api/v2/dags/${dag}/dagRuns`, token, { logical_date: null }))
  const follow = async (id: string, runId: string): Promise<void> => {
    console.log(`${id} ${runId}: running`)
    const state = await until(`the end of ${id}`, async () => {
      const { state: now } = await ask(`/api/v2/dags/${id}/dagRuns/${encodeURIComponent(runId)}`, token)
      return now === "success" || now === "failed" ? now : undefined
    })
    console.log(`${id} ${runId}: ${state}`)
    if (state === "failed") throw new Error(`${id} failed: ${url}/dags/${id}/runs`)
  }
  await follow(dag, String(started["dag_run_id"]))
  const marts = await until("the run of dbt", async () => {
    const { dag_runs: runs } = await ask("/api/v2/dags/odh_dbt/dagRuns", token)
    return (runs as ReadonlyArray<{ readonly dag_run_id: string }>)[0]?.dag_run_id
  })
  await follow("odh_dbt", marts)
  const counted = `select count(*) as tables from duckdb_tables() where schema_name = 'gold'`
  console.log(`\ntables in gold:\n${await run([...odh, "query", counted], env, hub)}`)
  if (!once) {
    console.log(`Look at ${url}/dags/${dag}. Ctrl-C ends Airflow and the replica.`)
    await new Promise(() => {})
  }
} finally {
  await stop()
}
