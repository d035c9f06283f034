/** `odh dbt generate`: sources, silver models and tests out of what the pipeline learnt. */
import { resources, status } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import type { Work } from "../cli/command.ts"
import { describeTables } from "../dbt/described-table.ts"
import { driftOf, place } from "../dbt/place.ts"
import { render } from "../dbt/render.ts"
import { dbtProject } from "./dbt-project.ts"
import { connectWarehouse } from "./warehouse.ts"
import { writing } from "./writing.ts"
import { lakePlace } from "../lake-place.ts"

const DRIFTED = 65

/** With `--check` nothing is written: exit 65 when the files are not what would be generated now. */
export const work: Work = ({ text, flag, output, hub: config }) =>
  Effect.gen(function* () {
    const hub = yield* config
    const project = yield* dbtProject(text("project"))
    const lake = lakePlace(hub)
    const statuses = yield* status(lake)
    const summaries = yield* resources(lake)
    const tables = yield* Effect.scoped(
      Effect.flatMap(connectWarehouse(hub, text("sink")), (connection) =>
        describeTables(connection, statuses, summaries),
      ),
    )
    const folder = join(project, "models", "generated")
    const files = render(tables)
    const check = flag("check")
    const drift = yield* writing(folder, () => (check ? driftOf(folder, files) : place(folder, files)))
    output.result({ tables: tables.length, drift }, () =>
      [
        ...drift.map(
          ({ path, what }) => `${what === "orphan" && !check ? "removed" : check ? what : "written"}: ${path}`,
        ),
        drift.length === 0
          ? `${tables.length} tables: every file is as it should be`
          : check
            ? `${drift.length} files differ: \`odh dbt generate\` brings them up to date`
            : `${tables.length} tables: ${drift.length} files changed in ${folder}`,
      ].join("\n"),
    )
    return check && drift.length > 0 ? DRIFTED : 0
  })
