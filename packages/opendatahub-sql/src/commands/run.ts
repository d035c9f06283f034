/** `odh run`: one work item end to end, for orchestrators. */
import { exitCodeOf, type WorkItem } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { readFile } from "node:fs/promises"
import { text as readText } from "node:stream/consumers"
import type { Work } from "../cli/command.ts"
import { UsageError } from "../cli/usage-error.ts"
import { inHub, run } from "../hub.ts"
import { summaryText } from "./summary.ts"

const UNCHANGED = 99

const readItem = (argument: string): Effect.Effect<WorkItem, UsageError> =>
  Effect.tryPromise({
    try: async () => {
      const json =
        argument === "@-"
          ? await readText(process.stdin)
          : argument.startsWith("@")
            ? await readFile(argument.slice(1), "utf8")
            : argument
      const item: unknown = JSON.parse(json)
      if (
        typeof item !== "object" ||
        item === null ||
        !("schemaVersion" in item) ||
        item.schemaVersion !== 1 ||
        !("resources" in item) ||
        !Array.isArray(item.resources)
      ) {
        throw new Error("it is not a work item of schema version 1")
      }
      return item as WorkItem
    },
    catch: (error) =>
      new UsageError(
        `the work item cannot be read: ${error instanceof Error ? error.message : String(error)}; give a line of \`odh plan\``,
      ),
  })

/** Runs the item; the result is JSON of the published schema. */
export const work: Work = ({ positionals: [argument = ""], flag, output, hub: config }) =>
  Effect.gen(function* () {
    if (flag("exit-with-parent") && argument === "@-")
      return yield* Effect.fail(
        new UsageError("--exit-with-parent watches standard input: give the item as an argument or a file"),
      )
    const item = yield* readItem(argument)
    const hub = yield* config
    const result = yield* inHub(hub, "run", run(hub, item))
    output.finish()
    if (result === undefined) return 70
    output.result(result, () => summaryText(result.resources))
    const code = exitCodeOf(result.resources)
    return code === 0 && result.status === "unchanged" ? UNCHANGED : code
  })
