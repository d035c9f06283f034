import * as Context from "effect/Context"
import { tmpdir } from "node:os"

/** Where plugins may spool: a folder on the local disk, the lake's in a run, the system's temporary folder otherwise. Files there are the plugin's to remove. */
export const WorkFolder = Context.Reference<string>("@opendatahub-sql/core/WorkFolder", { defaultValue: tmpdir })
