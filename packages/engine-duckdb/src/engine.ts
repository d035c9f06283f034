/** Core's engine on DuckDB. */
import {
  Engine,
  type EngineError,
  type ReadError,
  rejectColumns,
  type Relation,
  type SkippedMember,
  type TableEvent,
  type TypedTable,
  type Typing,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { join } from "node:path"
import { type Database, openDatabase } from "./database/database.ts"
import { literal } from "./database/sql.ts"
import { prove } from "./tables/proving.ts"
import { untypedRelation } from "./tables/relations.ts"
import { untypedEvents } from "./tables/staging.ts"
import { finish } from "./tables/typed-table.ts"
import { engineFolder, scopedFolder } from "./tables/work-folder.ts"

/** How the engine runs. */
export interface EngineOptions {
  /** Where tables and spilled data live while they are needed; created when missing. Best on the disk of the lake. */
  readonly workFolder: string
  /** Bytes (1 GB). */
  readonly memoryLimit?: number
  /** All cores when left out. */
  readonly threads?: number
}

const relationTable = Effect.fnUntraced(function* (
  relation: Relation,
  typing: Typing,
  database: Database,
  root: string,
): Effect.fn.Return<TypedTable, EngineError | ReadError, Scope.Scope> {
  const folder = yield* scopedFolder(root, "table")
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const { untyped, refused } = yield* untypedRelation(relation, database, folder)
      const proven = yield* prove(untyped, typing, database, folder)
      return yield* finish(untyped, proven, refused(), database, folder)
    }),
  )
})

const eventTables = Effect.fnUntraced(function* (
  events: Stream.Stream<TableEvent, ReadError>,
  typing: Typing,
  database: Database,
  root: string,
): Effect.fn.Return<ReadonlyArray<TypedTable>, EngineError | ReadError, Scope.Scope> {
  const scope = yield* Effect.scope
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const staged = yield* untypedEvents(events, database, yield* scopedFolder(root, "staged"))
      return yield* Effect.forEach(
        staged,
        Effect.fnUntraced(function* ({ untyped, refused }) {
          const folder = yield* Effect.provideService(scopedFolder(root, "table"), Scope.Scope, scope)
          const proven = yield* prove(untyped, typing, database, folder)
          return yield* finish(untyped, proven, refused(proven.names), database, folder)
        }),
      )
    }),
  )
})

const memberRejects = (members: ReadonlyArray<SkippedMember>): string => {
  const given: Readonly<Record<string, string>> = { kind: "'member'", code: "code", message: "why" }
  const columns = Object.entries(rejectColumns).map(([name, type]) => `${given[name] ?? "null"}::${type} as ${name}`)
  const values = members.map(
    ({ name, why, code = "foreign-member" }) => `(${literal(name)}, ${literal(code)}, ${literal(why)})`,
  )
  return `select null::varchar as table_name, name as _member, ${columns.join(", ")} from (values ${values.join(", ")}) as t(name, code, why)`
}

const rejectsParquet = Effect.fnUntraced(function* (
  tables: ReadonlyArray<TypedTable>,
  members: ReadonlyArray<SkippedMember>,
  database: Database,
  root: string,
): Effect.fn.Return<string | undefined, EngineError, Scope.Scope> {
  const rejected = tables.filter((table) => table.rowRejects + table.cellRejects > 0)
  if (rejected.length + members.length === 0) return undefined
  const path = join(yield* scopedFolder(root, "rejects"), "rejects.parquet")
  const each = [
    ...rejected.map(
      (table) =>
        `select ${literal(table.name)} as table_name, ${literal(table.member ?? null)}::varchar as _member, * from (${table.rejects})`,
    ),
    ...(members.length === 0 ? [] : [memberRejects(members)]),
  ]
  const connection = yield* database.connect
  yield* connection.run(
    `copy (${each.join(" union all ")}) to ${literal(path)} (format parquet, compression zstd)`,
    "write the rejects",
  )
  return path
})

/** Types relations, or what the format offers otherwise; `undefined` when all was declined. */
const relationTables = (
  relations: ReadonlyArray<Relation>,
  typing: Typing,
  database: Database,
  root: string,
): Effect.Effect<ReadonlyArray<TypedTable> | undefined, EngineError | ReadError, Scope.Scope> =>
  Effect.forEach(relations, (relation) => relationTable(relation, typing, database, root)).pipe(
    Effect.catchTag("EngineError", (error) =>
      Effect.logDebug(`read otherwise: ${error.message}`).pipe(
        Effect.andThen((relations.length === 1 ? relations[0]?.otherwise : undefined) ?? Effect.succeed(undefined)),
        Effect.flatMap((others) =>
          others === undefined ? Effect.succeed(undefined) : relationTables(others, typing, database, root),
        ),
      ),
    ),
  )

const make = (database: Database, lean: Database, root: string): Engine["Service"] => ({
  fingerprint: 1,
  typeRelations: (relations, typing) =>
    Effect.withSpan(relationTables(relations, typing, database, root), "Engine.typeRelations"),
  typeEvents: (events, typing) => Effect.withSpan(eventTables(events, typing, lean, root), "Engine.typeEvents"),
  rejectsParquet: (tables, members = []) =>
    Effect.withSpan(rejectsParquet(tables, members, database, root), "Engine.rejectsParquet"),
})

/**
 * The engine, in a folder of its own under `workFolder` that goes when the layer does; folders that killed processes left are removed first.
 * Fails with `EngineError` when the folder cannot be used.
 */
export const layer = (options: EngineOptions): Layer.Layer<Engine, EngineError> =>
  Layer.effect(
    Engine,
    Effect.gen(function* () {
      const root = yield* engineFolder(options.workFolder)
      const limits = {
        workFolder: root,
        ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
      }
      const database = yield* openDatabase({
        ...limits,
        ...(options.threads === undefined ? {} : { threads: options.threads }),
      })
      // Tables that come through JavaScript share the process with its heap: there, memory is worth more than a second thread.
      const lean = yield* openDatabase({ ...limits, threads: 1, frugal: true })
      return make(database, lean, root)
    }),
  )
