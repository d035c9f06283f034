/** What the columns of a warehouse say about a star schema. */
import type { Connection } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { readdir } from "node:fs/promises"
import { basename, join } from "node:path"
import type { DescribedTable } from "../dbt/described-table.ts"
import { comparedTables } from "./compared-table.ts"
import { containments, misses } from "./containment.ts"
import { innerDimensions, sharedCodes } from "./dimensions.ts"
import { joinsOf } from "./joins.ts"
import { profiles } from "./profile.ts"
import { type JoinProposal, type Proposal, proposalsOf } from "./proposals.ts"

/** The names of the models of a dbt project. */
export const modelsOf = async (project: string): Promise<ReadonlySet<string>> => {
  const files = await readdir(join(project, "models"), { recursive: true }).catch(() => [])
  return new Set(files.filter((file) => file.endsWith(".sql")).map((file) => basename(file, ".sql")))
}

/** Proposals by their number, from 1. Temporary tables of the connection hold the sketches, so its memory limit holds for them. */
export const suggest = Effect.fn("star.suggest")(function* (
  connection: Connection,
  project: { readonly folder: string; readonly models: ReadonlySet<string> },
  described: ReadonlyArray<DescribedTable>,
) {
  const tables = yield* comparedTables(connection, project, described)
  const columns = yield* profiles(connection, tables)
  const joins = joinsOf(yield* containments(connection, columns))
  const inner = yield* innerDimensions(connection, columns)
  const shared = yield* sharedCodes(connection, columns)
  const joinProposals = yield* Effect.forEach(joins, (one) =>
    Effect.map(misses(connection, one.from, one.to), (missing): JoinProposal => ({
      kind: "join",
      join: one,
      misses: missing,
    })),
  )
  const proposals: ReadonlyArray<Proposal> = [...proposalsOf(columns, joins, inner, shared), ...joinProposals]
  return proposals
})
