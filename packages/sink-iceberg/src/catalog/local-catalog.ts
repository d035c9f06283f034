/**
 * A folder as a catalog, without a server: `catalog.db` is SQLite with the tables of Java's JDBC catalog, so pyiceberg (`type: sql`) and Spark
 * (`JdbcCatalog`) open the same folder. A commit writes the next metadata file, then moves the pointer if it is still where it was.
 */
import { type SinkError, transient } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { randomUUID } from "node:crypto"
import { mkdir, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { decide, failure, onDisk, thrown } from "../failure.ts"
import { localFiles, locationOf, pathOf } from "../files/local-files.ts"
import { newMetadata, type TableMetadata } from "../table/metadata/metadata.ts"
import { applyUpdates, unmet } from "../table/metadata/updates.ts"
import { formatJson, parseJson } from "../table/values/json.ts"
import { type Catalog, type CatalogTable, CommitConflict, nameOf, type TableIdentifier } from "./catalog.ts"

/** How long a statement waits for another process that writes, in ms. */
const BUSY_TIMEOUT = 30_000

const tables = `
  pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = ${BUSY_TIMEOUT};
  create table if not exists iceberg_tables (
    catalog_name varchar(255) not null, table_namespace varchar(255) not null, table_name varchar(255) not null,
    metadata_location varchar(1000), previous_metadata_location varchar(1000), iceberg_type varchar(5),
    primary key (catalog_name, table_namespace, table_name));
  create table if not exists iceberg_namespace_properties (
    catalog_name varchar(255) not null, namespace varchar(255) not null, property_key varchar(255),
    property_value varchar(1000), primary key (catalog_name, namespace, property_key))`

/** Where a catalog is: an absolute folder, and the name under which others open it. */
export interface LocalCatalogOptions {
  readonly folder: string
  readonly name: string
}

const openDatabase = (folder: string): Effect.Effect<DatabaseSync, SinkError, Scope.Scope> =>
  Effect.acquireRelease(
    onDisk("open", `open the catalog in ${folder}`, async () => {
      await mkdir(folder, { recursive: true })
      const database = new DatabaseSync(join(folder, "catalog.db"), { timeout: BUSY_TIMEOUT })
      database.exec(tables)
      return database
    }),
    (database) => Effect.sync(() => database.close()),
  )

/** `00012-<uuid>.metadata.json` is version 12. Names of other forms count as 0. */
const versionOf = (location: string): number => Number(/\/v?(\d+)[^/]*\.metadata\.json$/.exec(location)?.[1] ?? 0)

const metadataLocation = (metadata: TableMetadata, version: number): string =>
  `${metadata.location}/metadata/${String(version).padStart(5, "0")}-${randomUUID()}.metadata.json`

/** For readers of a bare folder. Never read by us: other writers do not keep it. */
const writeHint = (metadata: TableMetadata, location: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    const hint = join(pathOf(metadata.location), "metadata", "version-hint.text")
    const version = location.slice(location.lastIndexOf("/") + 1).replace(".metadata.json", "")
    const temporary = `${hint}.${randomUUID()}`
    await writeFile(temporary, version)
    await rename(temporary, hint)
  }).pipe(Effect.ignoreCause)

/** Opens the catalog of a folder for the scope; the folder is made when it is missing. */
export const openLocalCatalog = Effect.fn("LocalCatalog.open")(function* (
  options: LocalCatalogOptions,
): Effect.fn.Return<Catalog, SinkError, Scope.Scope> {
  const { folder, name: catalog } = options
  const database = yield* openDatabase(folder)
  const files = localFiles(folder)
  /** Metadata files never change, so one that was read once is known. */
  const known = new Map<string, CatalogTable>()

  const ask = <A>(purpose: string, run: () => A): Effect.Effect<A, SinkError> =>
    Effect.try({
      try: run,
      catch: (cause) =>
        /database is locked|SQLITE_BUSY/.test(String(cause))
          ? failure("catalog", `the catalog in ${folder} is locked by another process: try again`, transient(), cause)
          : thrown("catalog", `${purpose} in the catalog of ${folder}`, cause),
    })

  const pointer = (table: TableIdentifier) =>
    ask(`look up ${nameOf(table)}`, () =>
      database
        .prepare(
          "select metadata_location as location from iceberg_tables where catalog_name = ? and table_namespace = ? and table_name = ?",
        )
        .get(catalog, table.namespace, table.name),
    )

  const load = Effect.fnUntraced(function* (identifier: TableIdentifier) {
    const row = yield* pointer(identifier)
    if (row === undefined) return undefined
    const metadataLocation = String(row["location"])
    const before = known.get(nameOf(identifier))
    if (before?.metadataLocation === metadataLocation) return before
    const bytes = yield* files.read(metadataLocation)
    const metadata = yield* decide(
      "load",
      `read the metadata of ${nameOf(identifier)}`,
      () => parseJson(Buffer.from(bytes).toString("utf8")) as TableMetadata,
    )
    const table = { identifier, metadataLocation, metadata }
    known.set(nameOf(identifier), table)
    return table
  })

  const insertTable = (identifier: TableIdentifier, location: string) =>
    ask(`add ${nameOf(identifier)}`, () => {
      database
        .prepare("insert or ignore into iceberg_namespace_properties values (?, ?, 'exists', 'true')")
        .run(catalog, identifier.namespace)
      database
        .prepare("insert or ignore into iceberg_tables values (?, ?, ?, ?, null, 'TABLE')")
        .run(catalog, identifier.namespace, identifier.name, location)
    })

  /** Moves all pointers, or none: `false` when one was moved by someone else. */
  const movePointers = (moves: ReadonlyArray<{ readonly from: CatalogTable; readonly to: string }>) =>
    ask("move the tables on", () => {
      const move = database.prepare(
        `update iceberg_tables set metadata_location = ?, previous_metadata_location = metadata_location
         where catalog_name = ? and table_namespace = ? and table_name = ? and metadata_location = ?`,
      )
      database.exec("begin immediate")
      try {
        const moved = moves.every(
          ({ from, to }) =>
            Number(
              move.run(to, catalog, from.identifier.namespace, from.identifier.name, from.metadataLocation).changes,
            ) === 1,
        )
        if (moved) database.exec("commit")
        return moved
      } finally {
        if (database.isTransaction) database.exec("rollback")
      }
    })

  return {
    target: `iceberg:${folder}`,
    commitsTogether: true,
    files,
    list: (namespace) =>
      Effect.map(
        ask("list the tables", () =>
          database
            .prepare(
              "select table_name from iceberg_tables where catalog_name = ? and table_namespace = ? and coalesce(iceberg_type, 'TABLE') = 'TABLE' order by table_name",
            )
            .all(catalog, namespace),
        ),
        (rows) => rows.map((row) => String(row["table_name"])),
      ),
    load,
    create: Effect.fnUntraced(function* (identifier, { schema, partitionBy, properties }) {
      const existing = yield* load(identifier)
      if (existing !== undefined) return existing
      const now = yield* Clock.currentTimeMillis
      const metadata = yield* decide("create", `make the table ${nameOf(identifier)}`, () =>
        newMetadata({
          uuid: randomUUID(),
          location: `${locationOf(folder)}/${identifier.namespace}/${identifier.name}`,
          schema,
          partitionBy,
          properties,
          now,
        }),
      )
      const location = metadataLocation(metadata, 0)
      yield* files.write(location, Buffer.from(formatJson(metadata)))
      yield* insertTable(identifier, location)
      const created = yield* load(identifier)
      if (created === undefined)
        return yield* failure("create", `the table ${nameOf(identifier)} vanished while it was made`)
      if (created.metadataLocation !== location) yield* files.remove([location])
      return created
    }),
    commit: Effect.fnUntraced(function* (commits) {
      const now = yield* Clock.currentTimeMillis
      const moves: Array<{ from: CatalogTable; to: string; metadata: TableMetadata }> = []
      for (const { table, change } of commits) {
        const current = yield* load(table.identifier)
        if (current === undefined)
          return yield* failure(
            "commit",
            `the table ${nameOf(table.identifier)} is no longer in the catalog of ${folder}`,
          )
        // Stricter than the requirements, which do not tell that properties changed: the ledger is one.
        if (current.metadataLocation !== table.metadataLocation)
          return yield* new CommitConflict({ message: `${nameOf(table.identifier)} was changed by another writer` })
        const missed = unmet(current.metadata, change.requirements)
        if (missed !== undefined)
          return yield* new CommitConflict({
            message: `${nameOf(table.identifier)} was changed by another writer (${missed.type})`,
          })
        const metadata = yield* decide("commit", `change ${nameOf(table.identifier)}`, () =>
          applyUpdates(current.metadata, change.updates, { previous: current.metadataLocation, now }),
        )
        moves.push({ from: current, to: metadataLocation(metadata, versionOf(current.metadataLocation) + 1), metadata })
      }
      for (const { to, metadata } of moves) yield* files.write(to, Buffer.from(formatJson(metadata)))
      if (!(yield* movePointers(moves))) {
        yield* files.remove(moves.map(({ to }) => to))
        return yield* new CommitConflict({ message: "another writer was faster" })
      }
      for (const { from, to, metadata } of moves) {
        known.set(nameOf(from.identifier), { ...from, metadataLocation: to, metadata })
        yield* writeHint(metadata, to)
      }
      return undefined
    }),
  }
})
