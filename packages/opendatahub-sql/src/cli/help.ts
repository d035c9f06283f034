/** Help texts, made from the commands. */
import { type CommandSpec, commonOptions, type OptionSpec } from "./command.ts"

const columns = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n")
}

const optionRow = ([name, option]: readonly [string, OptionSpec]): readonly [string, string] => [
  `${option.short === undefined ? "    " : `-${option.short}, `}--${name}${option.value === undefined ? "" : ` ${option.value}`}`,
  option.help,
]

const exitCodes = columns([
  ["0", "done (also partly, with warnings)"],
  ["99", "unchanged (`run` only)"],
  ["65", "data was refused"],
  ["75", "failed for now: try again"],
  ["78", "the configuration must change"],
  ["64", "the command line must change"],
  ["130", "interrupted"],
  ["70", "a bug"],
])

/** `odh --help`. */
export const generalHelp = (commands: ReadonlyArray<CommandSpec>, version: string): string =>
  `odh ${version} · French public data, as SQL, with its history

Usage: odh COMMAND [OPTIONS]

Commands
${columns(commands.map((command) => [`${command.name} ${command.takes}`.trim(), command.summary]))}

Options of every command
${columns(Object.entries(commonOptions).map(optionRow))}

Exit codes
${exitCodes}

\`odh COMMAND --help\` tells more. Without a configuration: the official plugins, ./data/lake and ./data/warehouse.duckdb.
`

/** `odh COMMAND --help`. */
export const commandHelp = (command: CommandSpec): string =>
  `odh ${command.name} ${command.takes}`.trim() +
  `

${command.summary}${command.details === undefined ? "" : `\n${command.details}`}

Options
${columns(Object.entries({ ...command.options, ...commonOptions }).map(optionRow))}

Examples
${command.examples.map((example) => `  ${example}`).join("\n")}
`
