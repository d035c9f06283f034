/** A sink on a folder of its own, with all that tests look at it with. */
import type { Mode, SinkError, SinkSession } from "@opendatahub-sql/core"
import { iceberg, lakehouseOf } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import type { CatalogTable } from "../src/catalog/catalog.ts"
import type { Lakehouse } from "../src/lakehouse.ts"
import { dataFilesOf, scanSql } from "../src/read/scan.ts"
import { makeSession } from "../src/sink/session.ts"
import { currentSnapshot, schemaOf, type Snapshot } from "../src/table/metadata/metadata.ts"
import { loadQuery, sliceOf } from "./loading.ts"
import { run, temporaryFolder } from "./tables.ts"

/** The sink, its tables, and short words for what tests do all the time. */
export interface Scene {
  readonly folder: string
  readonly lakehouse: Lakehouse
  readonly session: SinkSession
  /** Loads the rows of a query as the extraction of a day. */
  readonly load: (
    day: string,
    sql: string,
    options?: { readonly key?: string; readonly mode?: Mode },
  ) => ReturnType<typeof loadQuery>
  readonly table: Effect.Effect<CatalogTable, SinkError>
  /** A query over the table, now or at a snapshot. */
  readonly rows: (snapshot?: Snapshot) => Effect.Effect<string, SinkError, Scope.Scope>
  /** How many values a query has that another lacks, both ways. */
  readonly differences: (left: string, right: string) => Effect.Effect<number, unknown>
  /** All files below the folder of the table, without SQLite's. */
  readonly files: () => ReadonlyArray<string>
}

/** Opens a scene in a folder. */
export const openScene = Effect.fnUntraced(function* (folder: string, name = "t") {
  const lakehouse = yield* (
    lakehouseOf(yield* Effect.orDie(iceberg({ path: folder }).decode)) ?? Effect.die("no lakehouse")
  )
  const { catalog, connection } = lakehouse
  const session = makeSession(lakehouse)
  const identifier = { namespace: "bronze", name }
  const table = Effect.flatMap(catalog.load(identifier), (found) =>
    found === undefined ? Effect.die(`there is no table ${name}`) : Effect.succeed(found),
  )
  const scene: Scene = {
    folder,
    lakehouse,
    session,
    table,
    load: (day, sql, options = {}) =>
      loadQuery(session, connection, {
        key: options.key ?? `key of ${day}`,
        slice: sliceOf(day),
        table: name,
        sql,
        ...(options.mode === undefined ? {} : { mode: options.mode }),
      }),
    rows: (snapshot) =>
      Effect.gen(function* () {
        const { metadata } = yield* table
        const at = snapshot ?? currentSnapshot(metadata)
        const live = yield* dataFilesOf(catalog.files, metadata, at)
        return scanSql(schemaOf(metadata, snapshot), yield* catalog.files.local(live.map(({ file }) => file.file_path)))
      }),
    differences: Effect.fnUntraced(function* (left, right) {
      const described = yield* connection.all(`describe (${right})`)
      const columns = described.map((row) => `"${String(row["column_name"])}"`).join(", ")
      const { n } = yield* connection.one(
        `select (select count(*) from (select ${columns} from (${left}) except all select ${columns} from (${right})))
              + (select count(*) from (select ${columns} from (${right}) except all select ${columns} from (${left}))) as n`,
      )
      return Number(n)
    }),
    files: () =>
      readdirSync(join(folder, "bronze", name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .toSorted(),
  }
  return scene
})

/** Runs in a scene of its own. */
export const inScene = <A>(use: (scene: Scene) => Effect.Effect<A, unknown, Scope.Scope>): Promise<A> =>
  run(Effect.flatMap(openScene(temporaryFolder()), use))
