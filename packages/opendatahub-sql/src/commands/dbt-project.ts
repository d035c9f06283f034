/** The folder of the dbt project. */
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { UsageError } from "../cli/usage-error.ts"

/** The project that was asked for, or `dbt` beside the configuration. */
export const dbtProject = (asked: string | undefined): Effect.Effect<string, UsageError> => {
  const project = resolve(asked ?? "dbt")
  return existsSync(join(project, "dbt_project.yml"))
    ? Effect.succeed(project)
    : Effect.fail(
        new UsageError(`${project} is no dbt project: it has no dbt_project.yml; give its folder with --project`),
      )
}
