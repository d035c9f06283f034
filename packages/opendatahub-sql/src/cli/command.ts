/** What a command is: data for the help text and the parser, and the module that does the work, imported only when it runs. */
import type { ConfigError } from "@opendatahub-sql/core"
import type { Effect } from "effect/Effect"
import type { Hub } from "@opendatahub-sql/core/config"
import type { Output } from "./output.ts"

/** An option of a command. `value` names what it takes; without it the option is a flag. */
export interface OptionSpec {
  readonly value?: string
  readonly short?: string
  readonly multiple?: boolean
  readonly help: string
}

/** What a command was called with. */
export interface Invocation {
  readonly positionals: ReadonlyArray<string>
  readonly text: (option: string) => string | undefined
  readonly texts: (option: string) => ReadonlyArray<string>
  readonly flag: (option: string) => boolean
  readonly output: Output
  /** The configuration: read and checked when it is asked for. */
  readonly hub: Effect<Hub, ConfigError>
}

/** The work of a command; its value is the exit code. */
export type Work = (invocation: Invocation) => Effect<number, unknown>

/** A command. */
export interface CommandSpec {
  readonly name: string
  readonly takes: string
  readonly summary: string
  readonly details?: string
  readonly options: Readonly<Record<string, OptionSpec>>
  readonly examples: ReadonlyArray<string>
  /** How many positional arguments it accepts. */
  readonly positionals: readonly [least: number, most: number]
  readonly load: () => Promise<{ readonly work: Work }>
}

/** Options of every command. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  config: { value: "FILE", short: "c", help: "the configuration (odh.config.ts of this folder, if there is one)" },
  lake: { value: "DIR", help: "the lake, instead of the configuration's (also ODH_LAKE)" },
  json: { help: "the result as JSON on standard output, log lines as JSON on standard error" },
  quiet: { short: "q", help: "no progress" },
  result: { value: "FILE", help: "also write the result there, as JSON; a failure is written too" },
  "exit-with-parent": { help: "stop when standard input closes" },
  help: { short: "h", help: "this text" },
}
