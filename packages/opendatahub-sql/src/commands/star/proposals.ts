/** What both commands do first: read the warehouse and the project, and make the proposals. */
import type { Hub } from "@opendatahub-sql/core/config"
import { openDatabase } from "@opendatahub-sql/engine-duckdb"
import { resources, status } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describeTables } from "../../dbt/described-table.ts"
import { modelsOf, suggest } from "../../star/suggest.ts"
import { dbtProject } from "../dbt-project.ts"
import { warehousePath } from "../warehouse.ts"
import { lakePlace } from "../../lake-place.ts"

/** The proposals, in their order, and the project that they are for. */
export const proposalsFor = Effect.fn("proposalsFor")(function* (
  hub: Hub,
  asked: { readonly sink: string | undefined; readonly project: string | undefined },
) {
  const folder = yield* dbtProject(asked.project)
  const models = yield* Effect.promise(() => modelsOf(folder))
  const path = yield* warehousePath(hub, asked.sink)
  const lake = lakePlace(hub)
  const statuses = yield* status(lake)
  const summaries = yield* resources(lake)
  const proposals = yield* Effect.scoped(
    Effect.gen(function* () {
      const database = yield* openDatabase({
        path,
        readOnly: true,
        workFolder: tmpdir(),
        allowedFolders: [join(folder, "seeds")],
        memoryLimit: hub.memoryLimit,
      })
      const connection = yield* database.connect
      return yield* suggest(connection, { folder, models }, yield* describeTables(connection, statuses, summaries))
    }),
  )
  return { folder, models, proposals }
})
