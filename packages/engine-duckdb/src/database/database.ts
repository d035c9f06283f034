/** DuckDB, locked down: no network, no extensions, no files outside the folders it was given, UTC, one instance per file and process. */
import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from "@duckdb/node-api"
import { type Cell, EngineError, misconfigured } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { mkdir, realpath } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { engineError } from "./failure.ts"
import { listLiteral } from "./sql.ts"
import { appendCells } from "./values.ts"

/** How a database is opened. Folders must exist. */
export interface DatabaseOptions {
  /** The database file; in memory when left out. Opened once per process, whoever asks. */
  readonly path?: string
  readonly readOnly?: boolean
  /** Bytes DuckDB may use for its buffers (1 GB). The process holds more: see the README. */
  readonly memoryLimit?: number
  readonly threads?: number
  /** Gives freed memory back at once: a third less at the peak, a seventh more CPU when it reads large files. */
  readonly frugal?: boolean
  /** The caller sets `memory_limit` as its work needs it; everything else is as closed as ever. */
  readonly adjustable?: boolean
  /** Where it spills, and where it may read and write files. */
  readonly workFolder: string
  /** Other folders it may read and write. */
  readonly allowedFolders?: ReadonlyArray<string>
}

/** What a query gives, up to 8,192 rows at a time, column by column. */
export interface QueryBatch {
  readonly names: ReadonlyArray<string>
  /** As the engine writes them: `DECIMAL(18,2)`, `VARCHAR`. */
  readonly types: ReadonlyArray<string>
  readonly size: number
  readonly columns: ReadonlyArray<ReadonlyArray<Cell>>
}

/** A row by column name; decimals are text, 64-bit integers bigint, dates and instants ISO text, nested values JSON text. */
export type QueryRow = Readonly<Record<string, Cell>>

/**
 * One connection: one query at a time. `purpose` continues "could not" in the error. Interrupting an effect stops its query and waits until
 * the engine has let go.
 */
export interface Connection {
  readonly run: (sql: string, purpose?: string) => Effect.Effect<void, EngineError>
  readonly all: (sql: string, purpose?: string) => Effect.Effect<ReadonlyArray<QueryRow>, EngineError>
  /** The first row; fails when there is none. */
  readonly one: (sql: string, purpose?: string) => Effect.Effect<QueryRow, EngineError>
  /** Reads on a connection of its own: another query on the same one would cut the result short without an error. */
  readonly batches: (sql: string, purpose?: string) => Stream.Stream<QueryBatch, EngineError>
}

/** An open database. */
export interface Database {
  readonly connect: Effect.Effect<Connection, EngineError, Scope.Scope>
  readonly batches: (sql: string, purpose?: string) => Stream.Stream<QueryBatch, EngineError>
}

const BATCH_ROWS = 8192
/** UTF-16 units of text after which a batch is full, checked after every 2,048 rows. */
const BATCH_TEXT = 4 * 1024 * 1024

const textLength = (columns: ReadonlyArray<ReadonlyArray<Cell>>): number =>
  columns.reduce(
    (sum, cells) =>
      cells.reduce<number>((length, cell) => (typeof cell === "string" ? length + cell.length : length), sum),
    0,
  )

/**
 * An interrupt that arrives before the engine has started the query is forgotten by it, so it is repeated until the query has ended. Closing
 * a connection under a running query would crash the process.
 */
const stop = (connection: DuckDBConnection, query: Promise<unknown>): Effect.Effect<void> =>
  Effect.promise(async () => {
    connection.interrupt()
    const again = setInterval(() => connection.interrupt(), 10)
    await query.catch(() => undefined)
    clearInterval(again)
  })

const ask = <A>(
  connection: DuckDBConnection,
  purpose: string,
  query: () => Promise<A>,
): Effect.Effect<A, EngineError> =>
  Effect.callback<A, EngineError>((resume) => {
    const running = query()
    running.then(
      (result) => resume(Effect.succeed(result)),
      (cause: unknown) => resume(Effect.fail(engineError("query", purpose, cause))),
    )
    return stop(connection, running)
  })

const open = (instance: DuckDBInstance): Effect.Effect<DuckDBConnection, EngineError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => instance.connect(),
      catch: (cause) => engineError("connect", "connect to the engine", cause),
    }),
    (connection) => Effect.sync(() => connection.closeSync()),
  )

const nextBatch = Effect.fnUntraced(function* (connection: DuckDBConnection, result: DuckDBResult, purpose: string) {
  const names = result.columnNames()
  const columns = names.map((): Array<Cell> => [])
  let size = 0
  while (size <= BATCH_ROWS - 2048 && textLength(columns) < BATCH_TEXT) {
    const chunk = yield* ask(connection, purpose, () => result.fetchChunk())
    if (chunk === null || chunk.rowCount === 0) break
    columns.forEach((cells, index) => appendCells(chunk, index, cells))
    size += chunk.rowCount
  }
  return { names, types: result.columnTypes().map(String), size, columns }
})

const batchesOf = (instance: DuckDBInstance, sql: string, purpose: string): Stream.Stream<QueryBatch, EngineError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const connection = yield* open(instance)
      const result = yield* ask(connection, purpose, () => connection.stream(sql))
      return Stream.paginate(undefined, () =>
        Effect.map(
          nextBatch(connection, result, purpose),
          (batch): readonly [ReadonlyArray<QueryBatch>, Option.Option<undefined>] =>
            batch.size === 0 ? [[], Option.none()] : [[batch], Option.some(undefined)],
        ),
      )
    }),
  )

const rowsOf = (
  result: DuckDBResult,
  chunks: Awaited<ReturnType<DuckDBResult["fetchAllChunks"]>>,
): ReadonlyArray<QueryRow> => {
  const names = result.deduplicatedColumnNames()
  const columns = names.map((): Array<Cell> => [])
  for (const chunk of chunks) columns.forEach((cells, index) => appendCells(chunk, index, cells))
  const size = columns[0]?.length ?? 0
  return Array.from({ length: size }, (_, row) =>
    Object.fromEntries(names.map((name, index) => [name, columns[index]?.[row] ?? null])),
  )
}

const makeConnection = (instance: DuckDBInstance, connection: DuckDBConnection): Connection => {
  const all: Connection["all"] = (sql, purpose = "run a query") =>
    ask(connection, purpose, async () => {
      const result = await connection.run(sql)
      return rowsOf(result, await result.fetchAllChunks())
    })
  return {
    run: (sql, purpose = "run a statement") => Effect.asVoid(ask(connection, purpose, () => connection.run(sql))),
    all,
    one: (sql, purpose = "read a row") =>
      Effect.flatMap(all(sql, purpose), ([row]) =>
        row === undefined
          ? Effect.fail(engineError("query", purpose, new Error("the query gave no row")))
          : Effect.succeed(row),
      ),
    batches: (sql, purpose = "read rows") => batchesOf(instance, sql, purpose),
  }
}

/**
 * Settings that need a list, ICU or Parquet cannot be given while opening. They are locked afterwards, so whoever opens the same file next in this
 * process finds them locked and only checks that its folders are among the allowed ones.
 */
const lockDown = Effect.fnUntraced(function* (
  connection: Connection,
  folders: ReadonlyArray<string>,
  adjustable: boolean,
) {
  const state = yield* connection.one(
    "select not current_setting('enable_external_access') as closed, array_to_string(current_setting('allowed_directories'), chr(10)) as folders",
    "read the engine's settings",
  )
  if (state["closed"] !== true) {
    yield* connection.run(
      // Geometries are bytes to us; else a file with the key `geo` would come back as another type than was written.
      `set global TimeZone = 'UTC'; set global enable_geoparquet_conversion = false; set global allowed_directories = ${listLiteral(folders)}; set global enable_external_access = false; set global lock_configuration = ${String(!adjustable)}`,
      "lock the engine's settings",
    )
    return
  }
  const allowed = String(state["folders"]).split("\n")
  const missing = folders.filter((folder) => !allowed.some((other) => folder.startsWith(other)))
  if (missing.length > 0) {
    return yield* new EngineError({
      plugin: "duckdb",
      operation: "open",
      message: `the database is already open in this process, without access to ${missing.join(", ")}: give the same folders everywhere it is opened`,
      reason: misconfigured,
    })
  }
})

/**
 * Opens a database for the scope. Fails as `Transient` when another process holds the file, as `Config` when this process has it open with
 * other settings.
 */
export const openDatabase = Effect.fn("Engine.openDatabase")(function* (
  options: DatabaseOptions,
): Effect.fn.Return<Database, EngineError, Scope.Scope> {
  const at = options.path ?? ":memory:"
  const purpose = options.path === undefined ? "start the engine" : `open ${options.path}`
  const folders = yield* Effect.tryPromise({
    try: async () => {
      await mkdir(options.workFolder, { recursive: true })
      // The engine compares real paths, and by prefix: the slash keeps `/work` from allowing `/workshop`.
      return Promise.all(
        [options.workFolder, ...(options.allowedFolders ?? [])].map(async (folder) =>
          join(await realpath(folder), "/"),
        ),
      )
    },
    catch: (cause) => engineError("open", purpose, cause),
  })
  const settings = {
    access_mode: options.readOnly === true ? "READ_ONLY" : "AUTOMATIC",
    threads: String(options.threads ?? availableParallelism()),
    memory_limit: `${options.memoryLimit ?? 1_000_000_000}B`,
    temp_directory: join(options.workFolder, "spill"),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
    preserve_insertion_order: "true",
    ...(options.frugal === true
      ? {
          allocator_flush_threshold: "1MB",
          allocator_bulk_deallocation_flush_threshold: "1MB",
          allocator_background_threads: "true",
        }
      : {}),
  }
  const instance = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () =>
        options.path === undefined ? DuckDBInstance.create(at, settings) : DuckDBInstance.fromCache(at, settings),
      catch: (cause) => engineError("open", purpose, cause),
    }),
    (opened) => Effect.sync(() => opened.closeSync()),
  )
  const connect = Effect.map(open(instance), (connection) => makeConnection(instance, connection))
  yield* Effect.scoped(
    Effect.flatMap(connect, (connection) => lockDown(connection, folders, options.adjustable === true)),
  )
  return { connect, batches: (sql, purpose = "read rows") => batchesOf(instance, sql, purpose) }
})
