/** Reads local files as the pipeline would, without a lake. */
import { defaultTableSettings, readTables, resolve, WorkFolder } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { layer as engineLayer } from "@opendatahub-sql/engine-duckdb"
import type { Engine } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { mkdtemp, rm } from "node:fs/promises"
import { extname, join } from "node:path"
import type { Input } from "./inputs.ts"
import { localFile } from "./local-file.ts"

/** The typed tables of one input, their names starting with its own. */
export const readLocal = Effect.fnUntraced(function* (hub: Hub, { path, name }: Input, types: "auto" | "text") {
  const file = yield* localFile(path)
  const resolved = yield* resolve(file, extname(path).slice(1).toLowerCase() || undefined, hub.readers)
  const { tables, skipped } = yield* readTables(resolved.leaves, {
    base: name,
    pinned: [],
    settings: (table) => ({ ...defaultTableSettings, ...hub.settings(table) }),
    existing: () => Effect.succeed({}),
    types,
  })
  return { file, tables, skipped: [...resolved.skipped, ...skipped], leaves: resolved.leaves }
})

/** Runs `use` with an engine whose work folder is beside `near`, so that results can be moved there without a copy. */
export const withEngine = <A, E>(hub: Hub, near: string, use: Effect.Effect<A, E, Engine | Scope.Scope>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const workFolder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(near, ".odh-"))),
        (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
      )
      return yield* Effect.scoped(use).pipe(
        Effect.provideService(WorkFolder, workFolder),
        Effect.provide(engineLayer({ workFolder, memoryLimit: hub.memoryLimit })),
      )
    }),
  )
