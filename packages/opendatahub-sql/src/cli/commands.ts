/** Every command of `odh`. */
import type { CommandSpec } from "./command.ts"
import { askingCommands } from "./list/asking.ts"
import { decidingCommands } from "./list/deciding.ts"
import { fileCommands } from "./list/files.ts"
import { icebergCommands } from "./list/iceberg.ts"
import { lakeCommands } from "./list/lake.ts"
import { loadingCommands } from "./list/loading.ts"
import { modellingCommands } from "./list/modelling.ts"
import { upkeepCommands } from "./list/upkeep.ts"

/** In the order of the help text. */
export const commands: ReadonlyArray<CommandSpec> = [
  ...loadingCommands,
  ...fileCommands,
  ...askingCommands,
  ...decidingCommands,
  ...lakeCommands,
  ...icebergCommands,
  ...modellingCommands,
  ...upkeepCommands,
]
