/** A folder, a portal and a warehouse of a test's own. */
import { openDatabase, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import { type Portal, type PortalOptions, startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The real files of this repository. */
export const corpus = new URL("../../../../fixtures/corpus", import.meta.url).pathname

/** A folder that goes with the scope. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "odh-test-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
)

/** A portal that answers while the scope lives; with `files`, the pilot datasets are on it. */
export const portalWith = (options: PortalOptions) =>
  Effect.acquireRelease(
    Effect.promise(() => startDatagouv(options)),
    (portal) => Effect.promise(() => portal.close()),
  )

/** A portal to fill. */
export const emptyPortal = portalWith({ catalogue: false })

/** Requests for files, not for descriptions. */
export const fileRequests = (portal: Portal) =>
  portal.requests.filter(
    ({ path }) =>
      path.startsWith("/resources/") || path.startsWith("/remote/") || path.startsWith("/api/1/datasets/r/"),
  )

/** What a database file answers, to a reader of its own. */
export const ask = (path: string, sql: string): Effect.Effect<ReadonlyArray<QueryRow>, unknown> =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* openDatabase({ path, readOnly: true, workFolder: tmpdir() })
      const connection = yield* database.connect
      return yield* connection.all(sql)
    }),
  )

/** Every table of a warehouse, system columns, differences and ledger included, as one hash each; `loaded_at` is when, not what. */
export const contentsOf = Effect.fnUntraced(function* (path: string) {
  const tables = yield* ask(
    path,
    "select schema_name as s, table_name as t from duckdb_tables() where schema_name in ('bronze', 'history_added', 'history_removed', 'odh') order by all",
  )
  const contents: Record<string, unknown> = {}
  for (const { s, t } of tables) {
    const what = s === "odh" && t === "loads" ? "* exclude (loaded_at)" : "*"
    const [row] = yield* ask(
      path,
      `select count(*) as rows, md5(coalesce(string_agg(md5(to_json(x)::varchar), '' order by md5(to_json(x)::varchar)), '')) as hash from (select ${what} from "${String(s)}"."${String(t)}") x`,
    )
    const columns = yield* ask(
      path,
      `select string_agg(column_name || ' ' || data_type || coalesce(' ' || comment, ''), ', ' order by column_index) as columns from duckdb_columns() where schema_name = '${String(s)}' and table_name = '${String(t)}'`,
    )
    contents[`${String(s)}.${String(t)}`] = { ...row, ...columns[0] }
  }
  return contents
})
