/** Commits changes of tables: together where the catalog can, else one after the other; tried again when another writer was faster. */
import { type SinkError, type Slice, transient } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type Catalog, nameOf } from "../catalog/catalog.ts"
import { failure } from "../failure.ts"
import type { Attempt, TableChanging } from "./table-change.ts"

/** How long a writer tries to get its turn, in ms. */
const PATIENCE = 300_000

const attemptAll = Effect.fnUntraced(function* (catalog: Catalog, changes: ReadonlyArray<TableChanging>) {
  const attempts: Array<Attempt> = []
  for (const change of changes) {
    const attempt = yield* change.attempt()
    if (attempt !== undefined) attempts.push(attempt)
  }
  if (attempts.length > 0) yield* catalog.commit(attempts.map(({ commit }) => commit))
  return attempts
})

const commitGroup = Effect.fnUntraced(function* (catalog: Catalog, changes: ReadonlyArray<TableChanging>) {
  const stale = new Map<string, Slice>()
  const attempts = yield* attemptAll(catalog, changes).pipe(
    Effect.tapError((error) =>
      error._tag === "CommitConflict" ? Effect.logDebug(`commit again: ${error.message}`) : Effect.void,
    ),
    Effect.retry({
      while: (error) => error._tag === "CommitConflict",
      schedule: Schedule.upTo(Schedule.jittered(Schedule.spaced(60)), { duration: PATIENCE }),
    }),
    Effect.catchTag("CommitConflict", (error) =>
      Effect.fail(
        failure(
          "commit",
          `other writers kept changing ${changes.map(({ name }) => nameOf(name)).join(", ")} for ${PATIENCE / 1000} s: ${error.message}; try again`,
          transient(),
        ),
      ),
    ),
  )
  for (const attempt of attempts) for (const slice of attempt.stale) stale.set(JSON.stringify(slice), slice)
  let isOurs = attempts.length > 0
  for (const change of changes) {
    const table = yield* catalog.load(change.name)
    if (table === undefined) continue
    isOurs ||= change.isIn(table.metadata)
    yield* change.clean(table.metadata)
  }
  return { isOurs, stale: [...stale.values()] }
})

/** Commits. `isOurs`: at least one table was changed now, and not by another attempt at the same load. */
export const commitChanges = Effect.fn("IcebergSink.commit")(function* (
  catalog: Catalog,
  changes: ReadonlyArray<TableChanging>,
): Effect.fn.Return<{ readonly isOurs: boolean; readonly stale: ReadonlyArray<Slice> }, SinkError> {
  const groups = catalog.commitsTogether ? [changes] : changes.map((change) => [change])
  const results = yield* Effect.forEach(groups, (group) => commitGroup(catalog, group))
  const stale = new Map(results.flatMap((result) => result.stale).map((slice) => [JSON.stringify(slice), slice]))
  const inOrder = [...stale.values()].toSorted((a, b) => (a.extractedAt < b.extractedAt ? -1 : 1))
  return { isOurs: results.some((result) => result.isOurs), stale: inOrder }
})
