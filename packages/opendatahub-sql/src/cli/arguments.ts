/** The command line, taken apart. */
import { parseArgs } from "node:util"
import { type CommandSpec, commonOptions } from "./command.ts"

/** What was asked: a command with its arguments, a help text, or a mistake to tell. */
export type Asked =
  | {
      readonly _tag: "Command"
      readonly command: CommandSpec
      readonly positionals: ReadonlyArray<string>
      readonly values: Readonly<Record<string, string | boolean | ReadonlyArray<string | boolean> | undefined>>
    }
  | { readonly _tag: "Help"; readonly command: CommandSpec | undefined }
  | { readonly _tag: "Version" }
  | { readonly _tag: "Mistake"; readonly message: string; readonly command: CommandSpec | undefined }

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    }
    row = next
  }
  return row[b.length] ?? 0
}

const nearest = (word: string, commands: ReadonlyArray<CommandSpec>): string => {
  const close = commands
    .map((command) => command.name)
    .filter((name) => distance(word, name) <= 2 || name.startsWith(word))
  return close.length === 0
    ? "`odh --help` lists the commands"
    : `did you mean ${close.map((name) => `\`odh ${name}\``).join(" or ")}?`
}

/** Finds the command (of one or two words) and its options. */
export const parse = (argv: ReadonlyArray<string>, commands: ReadonlyArray<CommandSpec>): Asked => {
  const [first, second] = argv
  if (first === undefined || first === "--help" || first === "-h") return { _tag: "Help", command: undefined }
  if (first === "--version" || first === "-v") return { _tag: "Version" }
  if (first === "help") return { _tag: "Help", command: commands.find((one) => one.name === argv.slice(1).join(" ")) }
  const command =
    commands.find((one) => one.name === `${first} ${second ?? ""}`) ?? commands.find((one) => one.name === first)
  if (command === undefined)
    return {
      _tag: "Mistake",
      message: `there is no command "${first}": ${nearest(first, commands)}`,
      command: undefined,
    }
  try {
    const { values, positionals } = parseArgs({
      args: argv.slice(command.name.split(" ").length),
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries({ ...command.options, ...commonOptions }).map(([name, option]) => [
          name,
          {
            type: option.value === undefined ? ("boolean" as const) : ("string" as const),
            ...(option.short === undefined ? {} : { short: option.short }),
            ...(option.multiple === undefined ? {} : { multiple: option.multiple }),
          },
        ]),
      ),
    })
    if (values["help"] === true) return { _tag: "Help", command }
    const [least, most] = command.positionals
    if (positionals.length < least)
      return { _tag: "Mistake", message: `\`odh ${command.name}\` needs ${command.takes}`, command }
    if (positionals.length > most)
      return {
        _tag: "Mistake",
        message: `\`odh ${command.name}\` takes ${most === 0 ? "no argument" : command.takes}; "${positionals[most]}" is too much`,
        command,
      }
    return { _tag: "Command", command, positionals, values }
  } catch (error) {
    return {
      _tag: "Mistake",
      message: error instanceof Error ? (error.message.split(". To specify")[0] ?? error.message) : String(error),
      command,
    }
  }
}
