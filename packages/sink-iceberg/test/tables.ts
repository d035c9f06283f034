/** Reading tables back as another session does, without any extension. */
import type { SinkError } from "@opendatahub-sql/core"
import { type Connection, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import type { Catalog } from "../src/catalog/catalog.ts"
import { openLocalCatalog } from "../src/catalog/local-catalog.ts"
import { stateSql } from "../src/history/states.ts"
import { dataFilesOf, scanSql } from "../src/read/scan.ts"
import { stateOf } from "../src/sink/table-state.ts"
import { currentSnapshot, schemaOf } from "../src/table/metadata/metadata.ts"

const folders: Array<string> = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}, 300_000)

/** A folder that goes with the tests of a file. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "odh-iceberg-"))
  folders.push(folder)
  return folder
}

/** Runs in a scope. */
export const run = <A>(effect: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> =>
  Effect.runPromise(Effect.scoped(effect))

/** A connection that may read below a folder. */
export const connect = Effect.fnUntraced(function* (folder: string) {
  const database = yield* openDatabase({ workFolder: tmpdir(), allowedFolders: [folder] })
  return yield* database.connect
})

/** A query over the newest state of a table. */
export const queryOf = Effect.fnUntraced(function* (
  catalog: Catalog,
  name: string,
  at: { readonly at?: string } = {},
): Effect.fn.Return<string, SinkError, Scope.Scope> {
  const table = yield* catalog.load({ namespace: "bronze", name })
  if (table === undefined) return "select 1 where false"
  const live = yield* dataFilesOf(catalog.files, table.metadata, currentSnapshot(table.metadata))
  const paths = yield* catalog.files.local(live.map(({ file }) => file.file_path))
  const schema = schemaOf(table.metadata)
  const { mode, children } = stateOf(table.metadata)
  const rows = scanSql(schema, paths)
  return mode === "history" ? stateSql(schema, rows, { hasChildren: children.length > 0, ...at }) : rows
})

/** The rows of a table, all values as text. */
export const readRows = (
  folder: string,
  name: string,
  at?: string,
): Promise<ReadonlyArray<Readonly<Record<string, string | null>>>> =>
  run(
    Effect.gen(function* () {
      const catalog = yield* openLocalCatalog({ folder, name: "odh" })
      const connection: Connection = yield* connect(folder)
      const rows = yield* connection.all(
        `select columns(*)::varchar from (${yield* queryOf(catalog, name, at === undefined ? {} : { at: `timestamptz '${at}'` })})`,
      )
      return rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, value]) => [column, value === null ? null : String(value)]),
        ),
      )
    }),
  )
