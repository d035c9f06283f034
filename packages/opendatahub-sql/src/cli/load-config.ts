/** From `odh.config.ts` to a hub. */
import { ConfigError } from "@opendatahub-sql/core"
import { decodeConfig, type Hub } from "@opendatahub-sql/core/config"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { preset } from "../preset.ts"

const names = ["odh.config.ts", "odh.config.mts", "odh.config.js", "odh.config.mjs"]

const broken = (file: string, problem: string, hint?: string): ConfigError =>
  new ConfigError({
    message: `${file} could not be loaded`,
    issues: [{ path: "", message: problem, ...(hint === undefined ? {} : { hint }) }],
  })

/** The configuration file that is meant; `undefined` for none. */
const findConfig = (asked: string | undefined): Effect.Effect<string | undefined, ConfigError> => {
  if (asked !== undefined) {
    const file = resolve(asked)
    return existsSync(file)
      ? Effect.succeed(file)
      : Effect.fail(broken(asked, "there is no such file", "`odh init` writes one"))
  }
  return Effect.succeed(names.map((name) => resolve(name)).find((file) => existsSync(file)))
}

/** Scalar options as environment variables: they win over the file, the command line wins over them. */
const fromEnvironment = (config: unknown, overrides: { readonly lake?: string }): unknown => {
  if (typeof config !== "object" || config === null) return config
  const number = (name: string): Readonly<Record<string, number | string>> | undefined => {
    const value = process.env[name]
    return value === undefined || value === ""
      ? undefined
      : { value: Number.isNaN(Number(value)) ? value : Number(value) }
  }
  const concurrency = number("ODH_CONCURRENCY")?.["value"]
  const memoryLimit = number("ODH_MEMORY_LIMIT")?.["value"]
  return {
    ...config,
    ...(overrides.lake === undefined ? {} : { lake: overrides.lake }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  }
}

/** Loads the configuration (Node reads TypeScript as it is), or the preset when there is none. */
export const loadHub = Effect.fnUntraced(function* (options: {
  readonly file?: string
  readonly lake?: string
}): Effect.fn.Return<Hub, ConfigError> {
  const file = yield* findConfig(options.file)
  const config: unknown =
    file === undefined
      ? {}
      : yield* Effect.tryPromise({
          try: async () => ((await import(pathToFileURL(file).href)) as { readonly default?: unknown }).default,
          catch: (cause) =>
            broken(
              file,
              cause instanceof Error ? cause.message : String(cause),
              "it must be TypeScript that Node runs as it is, or JavaScript",
            ),
        })
  if (config === undefined)
    return yield* broken(file ?? "", "it has no default export", "`export default defineConfig({...})`")
  return yield* decodeConfig(fromEnvironment(config, options), preset())
})
