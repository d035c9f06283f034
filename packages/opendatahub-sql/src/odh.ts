#!/usr/bin/env node
/** The `odh` command: only what prints help is loaded before a command is known. */
import { enableCompileCache } from "node:module"
import { parse } from "./cli/arguments.ts"
import { commands } from "./cli/commands.ts"
import { commandHelp, generalHelp } from "./cli/help.ts"
import { version } from "./version.ts"

const asked = parse(process.argv.slice(2), commands)
switch (asked._tag) {
  case "Version":
    process.stdout.write(`${version}\n`)
    break
  case "Help":
    process.stdout.write(asked.command === undefined ? generalHelp(commands, version) : commandHelp(asked.command))
    break
  case "Mistake":
    process.stderr.write(`odh: ${asked.message}\n`)
    if (asked.command !== undefined)
      process.stderr.write(`\`odh ${asked.command.name} --help\` tells how it is used.\n`)
    process.exitCode = 64
    break
  case "Command": {
    // Kept by Node in the folder for temporary files: a sixth of the CPU of a command on a small file is the compilation of its modules.
    enableCompileCache()
    const { main } = await import("./cli/main.ts")
    await main(asked.command, asked.positionals, asked.values)
  }
}
