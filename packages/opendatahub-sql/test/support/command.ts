/** The command as its users run it: a process of its own. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const source = new URL("../../src/", import.meta.url).pathname
/** Types are stripped once, not in every process. */
const compiled = join(tmpdir(), "odh-test-compile-cache")

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

export interface CommandOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** What is typed in; left out: standard input is closed. */
  readonly input?: string
  /** A module to load before the command. */
  readonly preload?: string
  /** Called with the process once it runs. */
  readonly onStart?: (child: ChildProcess) => void
}

/** Runs `odh` from its sources. A process that is interrupted with the effect is killed. */
export const odh = (args: ReadonlyArray<string>, options: CommandOptions): Effect.Effect<Ended> =>
  Effect.callback<Ended>((resume) => {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !name.startsWith("ODH_") && !name.startsWith("VITEST") && name !== "DATAGOUV_API_KEY",
      ),
    )
    const child = spawn(
      process.execPath,
      [
        "--conditions=@opendatahub-sql/source",
        ...(options.preload === undefined ? [] : ["--import", options.preload]),
        join(source, "odh.ts"),
        ...args,
      ],
      {
        cwd: options.cwd,
        env: { ...env, NO_COLOR: "1", NODE_COMPILE_CACHE: compiled, ...options.env },
        stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      },
    )
    let out = ""
    let err = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.stderr?.on("data", (chunk: Buffer) => {
      err += chunk.toString()
    })
    child.on("close", (code, signal) => resume(Effect.succeed({ code, signal, out, err })))
    if (options.input !== undefined) child.stdin?.end(options.input)
    options.onStart?.(child)
    return Effect.sync(() => {
      child.kill("SIGKILL")
    })
  })

/** Writes `odh.config.ts`: the text of an object, in which `portal` is the portal's address and every plugin is at hand. */
export const writeConfig = (folder: string, portal: string, body: string): Effect.Effect<void> =>
  Effect.promise(() =>
    writeFile(
      join(folder, "odh.config.ts"),
      `
import { csv, datagouv, defineConfig, duckdb, gzip, iceberg, json, zip } from ${JSON.stringify(join(source, "index.ts"))}
const portal = ${JSON.stringify(portal)}
void [csv, datagouv, duckdb, gzip, iceberg, json, zip, portal]
export default defineConfig(${body})
`,
    ),
  )

/** Lines of JSON. */
export const jsonLines = (text: string): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)

/** Runs with `--json`: one value a line on standard output, JSON lines on standard error. */
export const odhJson = Effect.fnUntraced(function* (args: ReadonlyArray<string>, options: CommandOptions) {
  const { code, out, err } = yield* odh([...args, "--json"], options)
  for (const line of jsonLines(err)) assert.containsAllKeys(line, ["at", "level", "message"])
  return { code, values: jsonLines(out), log: jsonLines(err) }
})
