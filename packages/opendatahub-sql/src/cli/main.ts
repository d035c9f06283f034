/** Runs a command: configuration on demand, Ctrl-C as an interruption, errors as words and an exit code. */
import { ConfigError, describeError, type HubError, Progress } from "@opendatahub-sql/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import { writeFileSync } from "node:fs"
import type { CommandSpec, Invocation } from "./command.ts"
import { loadHub } from "./load-config.ts"
import { exactJson, makeOutput, type Output } from "./output.ts"
import { UsageError } from "./usage-error.ts"

type Values = Readonly<Record<string, string | boolean | ReadonlyArray<string | boolean> | undefined>>

const isHubError = (error: unknown): error is HubError =>
  typeof error === "object" &&
  error !== null &&
  "_tag" in error &&
  typeof error._tag === "string" &&
  ["SourceError", "FetchError", "FormatError", "LakeError", "EngineError", "SinkError"].includes(error._tag)

const codeOfReason = { Transient: 75, Config: 78, DataQuality: 65, Terminal: 75 } as const

/** Interrupted once standard input has ended: who started this process is gone. */
const untilParentGone: Effect.Effect<never> = Effect.callback<never>((resume) => {
  const gone = (): void => resume(Effect.interrupt)
  process.stdin.resume().once("end", gone).once("close", gone)
  return Effect.sync(() => {
    process.stdin.off("end", gone).off("close", gone).pause()
  })
})

/** What `--result` says of a command that gave no result: a run's result with a failure. */
const failedResult = (exit: Exit.Exit<number, unknown>, code: number, startedAt: string) => {
  const error = Exit.isSuccess(exit) ? undefined : Cause.squash(exit.cause)
  return {
    schemaVersion: 1,
    status: "failed",
    source: "",
    resources: [],
    warnings: [],
    startedAt,
    endedAt: new Date().toISOString(),
    failure: isHubError(error)
      ? describeError(error)
      : {
          error: code === 130 ? "Interrupted" : code === 78 ? "ConfigError" : code === 64 ? "UsageError" : "Bug",
          plugin: "odh",
          operation: "command",
          reason: code === 130 || code === 75 ? "Transient" : "Config",
          message: code === 130 ? "interrupted" : error instanceof Error ? error.message : `ended with ${code}`,
        },
  }
}

const explain = (error: unknown, output: Output): number => {
  if (error instanceof UsageError) {
    output.note(`odh: ${error.message}`, { level: "error" })
    return 64
  }
  if (
    error instanceof ConfigError ||
    (typeof error === "object" && error !== null && "_tag" in error && error._tag === "ConfigError")
  ) {
    const { message, issues } = error as ConfigError
    const lines = issues.map(
      (issue) =>
        `  ${issue.path === "" ? "" : `${issue.path}: `}${issue.message}${issue.hint === undefined ? "" : ` (${issue.hint})`}`,
    )
    output.note([`odh: ${message}`, ...lines].join("\n"), { level: "error", issues })
    return 78
  }
  if (isHubError(error)) {
    output.note(`odh: ${error.message}`, {
      level: "error",
      error: error._tag,
      plugin: error.plugin,
      operation: error.operation,
      reason: error.reason._tag,
    })
    return codeOfReason[error.reason._tag]
  }
  return 70
}

/** Warnings of the packages are remarks on standard error: the default logger would write them among the results. */
const remarks = (output: Output): Logger.Logger<unknown, void> =>
  Logger.make(({ message, logLevel }) => {
    const text = (Array.isArray(message) ? message : [message]).map(String).join(" ")
    output.note(logLevel === "Warn" ? `warning: ${text}` : text, { level: logLevel.toLowerCase() })
  })

/** Runs the command to its exit code. */
export const main = async (command: CommandSpec, positionals: ReadonlyArray<string>, values: Values): Promise<void> => {
  const text = (option: string): string | undefined => (typeof values[option] === "string" ? values[option] : undefined)
  const output = makeOutput({ json: values["json"] === true, quiet: values["quiet"] === true })
  const lake = text("lake") ?? process.env["ODH_LAKE"]
  const invocation: Invocation = {
    positionals,
    text,
    texts: (option) => {
      const value = values[option]
      return Array.isArray(value)
        ? value.filter((one): one is string => typeof one === "string")
        : typeof value === "string"
          ? [value]
          : []
    },
    flag: (option) => values[option] === true,
    output,
    hub: loadHub({
      ...(text("config") === undefined ? {} : { file: text("config") ?? "" }),
      ...(lake === undefined || lake === "" ? {} : { lake }),
    }),
  }
  const { work } = await command.load()
  const startedAt = new Date().toISOString()
  const plain = Effect.suspend(() => work(invocation))
  const isTraced = Object.keys(process.env).some((name) => /^OTEL_EXPORTER_OTLP_(\w+_)?ENDPOINT$/.test(name))
  const working = isTraced ? (await import("./telemetry.ts")).traced(command.name, plain) : plain
  const fiber = (values["exit-with-parent"] === true ? Effect.raceFirst(working, untilParentGone) : working).pipe(
    Effect.provideService(Progress, output.progress),
    Effect.provideService(Logger.CurrentLoggers, new Set([remarks(output)])),
    Effect.runFork,
  )
  let interrupted = false
  const stop = (): void => {
    if (interrupted) process.exit(130)
    interrupted = true
    output.note("stopping (again: at once)…")
    Effect.runFork(Fiber.interrupt(fiber))
  }
  process.on("SIGINT", stop)
  process.on("SIGTERM", stop)
  const exit = await Effect.runPromise(Fiber.await(fiber))
  process.off("SIGINT", stop)
  process.off("SIGTERM", stop)
  output.finish()
  if (Exit.isSuccess(exit)) process.exitCode = exit.value
  else if (Cause.hasInterruptsOnly(exit.cause)) process.exitCode = 130
  else {
    const error: unknown = Cause.squash(exit.cause)
    process.exitCode = explain(error, output)
    if (process.exitCode === 70) {
      output.note(`odh: this is a bug, please report it with what follows\n${Cause.pretty(exit.cause)}`, {
        level: "error",
      })
    }
  }
  const file = text("result")
  if (file === undefined) return
  try {
    const result = output.kept() ?? failedResult(exit, process.exitCode ?? 0, startedAt)
    writeFileSync(file, `${exactJson(result)}\n`)
  } catch (error) {
    output.note(`odh: ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      level: "error",
    })
    process.exitCode = 64
  }
}
