/** DuckDB as a destination: bronze tables, a ledger and the rejects in one file, each load one transaction. */
import {
  defineSink,
  type EngineError,
  misconfigured,
  type Mode,
  SinkError,
  type SinkSession,
  type Slice,
  WorkFolder,
} from "@opendatahub-sql/core"
import { type Connection, type Database, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { mkdir } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { describeTable, ensureCatalog, type KnownTable } from "./catalog.ts"
import { sinkError } from "./failure.ts"
import { prepareTable } from "./history.ts"
import { beginLoad } from "./load.ts"
import { deleteSlice, ledgerEntries } from "./ledger.ts"
import { publishCopy } from "./publish.ts"

const Options = Schema.Struct({
  path: Schema.optionalKey(Schema.String.check(Schema.isNonEmpty())),
  lockTimeout: Schema.optionalKey(Schema.Number.check(Schema.isGreaterThanOrEqualTo(0))),
  publish: Schema.optionalKey(Schema.String.check(Schema.isNonEmpty())),
  memoryLimit: Schema.optionalKey(Schema.Number.check(Schema.isGreaterThan(0))),
  retention: Schema.optionalKey(Schema.Literals(["all", "daily-then-monthly"])),
})

/**
 * `path`: the database file (`./data/warehouse.duckdb`). `lockTimeout`: how long to wait for another writer, in ms (30,000). `publish`: a
 * read-only copy swapped in after each run, for readers that must not block the writer. `memoryLimit`: bytes
 * (128 MB, or 2 MB for each column of a wider table: DuckDB writes 122,880 rows of all columns at once).
 * `retention`: which extractions of a history stay (`all`).
 */
export type DuckdbOptions = typeof Options.Type

const LEAST_MEMORY = 128_000_000
/** What was written since the last checkpoint stays in memory, a block or more a table: 600 small tables fill {@link LEAST_MEMORY}. */
const LOADS_PER_CHECKPOINT = 50
const MEMORY_PER_COLUMN = 2_000_000

const waitForLock = <A, R>(
  effect: Effect.Effect<A, SinkError, R>,
  milliseconds: number,
): Effect.Effect<A, SinkError, R> =>
  Effect.retry(effect, {
    schedule: Schedule.upTo(Schedule.spaced(250), { duration: milliseconds }),
    while: (error) => error.reason._tag === "Transient",
  })

const makeFolder = (folder: string, message: (why: string) => string): Effect.Effect<void, SinkError> =>
  Effect.tryPromise({
    try: () => mkdir(folder, { recursive: true }),
    catch: (cause) =>
      new SinkError({
        plugin: "duckdb",
        operation: "open",
        reason: misconfigured,
        message: message(cause instanceof Error ? cause.message : String(cause)),
        cause,
      }),
  })

const makeSession = Effect.fnUntraced(function* (
  database: Database,
  target: string,
  { memoryLimit, retention = "all" }: DuckdbOptions,
) {
  const oneWriter = yield* Semaphore.make(1)
  let loads = 0
  const inConnection = <A>(
    operation: string,
    use: (connection: Connection) => Effect.Effect<A, EngineError>,
  ): Effect.Effect<A, SinkError> =>
    Effect.scoped(Effect.flatMap(database.connect, use)).pipe(
      Effect.mapError((error) => sinkError(operation, target, error)),
    )
  const inTransaction = (connection: Connection, statements: Effect.Effect<void, EngineError>) =>
    connection.run("begin transaction").pipe(
      Effect.andThen(statements),
      Effect.andThen(connection.run("commit")),
      Effect.onError(() => Effect.ignore(connection.run("rollback"))),
    )
  yield* inConnection("open", (connection) => inTransaction(connection, ensureCatalog(connection)))

  return {
    describe: (table) =>
      Effect.map(
        inConnection("describe", (connection) => describeTable(connection, table)),
        (known: KnownTable | undefined) =>
          known === undefined
            ? undefined
            : {
                table,
                columns: known.columns.flatMap(({ name, type, aliases }) =>
                  [name, ...aliases].map((one) => ({ name: one, type })),
                ),
              },
      ),
    loads: (filter) => inConnection("loads", (connection) => ledgerEntries(connection, filter)),
    prepare: (table, mode: Mode) => inConnection("prepare", (connection) => prepareTable(connection, table, mode)),
    begin: (load) =>
      Effect.gen(function* () {
        yield* Effect.acquireRelease(oneWriter.take(1), () => oneWriter.release(1))
        const connection = yield* database.connect.pipe(Effect.mapError((error) => sinkError("begin", target, error)))
        const widest = Math.max(0, ...load.tables.map((table) => table.columns.length))
        const limit = memoryLimit ?? Math.max(LEAST_MEMORY, MEMORY_PER_COLUMN * widest)
        yield* connection
          .run(`set global memory_limit = '${limit}B'`, "set the memory of a load")
          .pipe(Effect.mapError((error) => sinkError("begin", target, error)))
        loads += 1
        if (loads % LOADS_PER_CHECKPOINT === 0) {
          yield* connection
            .run("checkpoint", "write the tables down")
            .pipe(Effect.mapError((error) => sinkError("begin", target, error)))
        }
        return yield* beginLoad(connection, load, target, retention)
      }),
    remove: (slices: ReadonlyArray<Slice>) =>
      oneWriter.withPermit(
        inConnection("remove", (connection) =>
          inTransaction(
            connection,
            Effect.forEach(slices, (slice) => deleteSlice(connection, slice), { discard: true }),
          ),
        ),
      ),
  } satisfies SinkSession
})

/**
 * A DuckDB file. Tables are in the schema `bronze`: the newest state in mode `history`, every extraction in mode `snapshots`, with a view
 * `<table>_latest`; `odh.loads` is the ledger, `odh.rejects` what could not be taken.
 */
export const duckdb = defineSink({
  id: "duckdb",
  apiVersion: 1,
  config: Schema.toStandardSchemaV1(Options, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  make: (options: DuckdbOptions) => {
    const path = resolve(options.path ?? "./data/warehouse.duckdb")
    const target = `duckdb:${path}`
    const open = Effect.gen(function* (): Effect.fn.Return<SinkSession, SinkError, Scope.Scope> {
      const workFolder = yield* WorkFolder
      yield* makeFolder(dirname(path), (why) => `${target}: its folder cannot be made (${why}); correct \`path\``)
      if (options.publish !== undefined) {
        const copy = resolve(options.publish)
        yield* makeFolder(
          dirname(copy),
          (why) =>
            `${target}: the folder of the copy to publish, ${dirname(copy)}, cannot be made (${why}); correct \`publish\``,
        )
        // Finalizers run in reverse: the copy is made after the database was closed.
        yield* Effect.addFinalizer(() =>
          publishCopy(path, copy).pipe(Effect.catchTag("SinkError", (error) => Effect.logWarning(error.message))),
        )
      }
      const database = yield* waitForLock(
        openDatabase({
          path,
          workFolder,
          memoryLimit: options.memoryLimit ?? LEAST_MEMORY,
          threads: 1,
          frugal: true,
          adjustable: true,
        }).pipe(Effect.mapError((error) => sinkError("open", target, error))),
        options.lockTimeout ?? 30_000,
      )
      return yield* makeSession(database, target, options)
    })
    return {
      target,
      capabilities: {
        modes: ["history", "snapshots", "latest"],
        atomicTables: true,
        parallelLoads: 1,
        oneProcess: true,
        maxIdentifierLength: 63,
      },
      open,
    }
  },
})
