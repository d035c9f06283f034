/** The SQLite file behind the state: one connection a process, short transactions, and no "database is locked" for anyone. */
import { type LakeError, misconfigured, terminal, transient } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { DatabaseSync } from "node:sqlite"
import { diskFailure, failure } from "../failure.ts"

/** How long a writer waits for the others, in milliseconds. */
const WAIT = 30_000

/**
 * Runs `load` without the one warning that SQLite is experimental in Node 22. All other warnings pass; the filter is there only while the
 * module loads, which is synchronous.
 */
export const withoutSqliteWarning = <A>(load: () => A): A => {
  const emit: unknown = Reflect.get(process, "emitWarning")
  const quiet = (warning: string | Error, ...rest: ReadonlyArray<unknown>): void => {
    const text = typeof warning === "string" ? warning : warning.message
    if (text.includes("SQLite") && text.includes("experimental")) return
    if (typeof emit === "function") Reflect.apply(emit, process, [warning, ...rest])
  }
  process.emitWarning = quiet
  try {
    return load()
  } finally {
    Reflect.set(process, "emitWarning", emit)
  }
}

const numberIn = (cause: unknown): number =>
  typeof cause === "object" && cause !== null && "errcode" in cause && typeof cause.errcode === "number"
    ? cause.errcode & 0xff
    : 0

/** SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: another process is at it. */
const isBusy = (cause: unknown): boolean => [5, 6, 15].includes(numberIn(cause))

const sqliteFailure = (operation: string, cause: unknown): LakeError => {
  const number = numberIn(cause)
  if (number === 0) return diskFailure(operation, "update the state", cause)
  if (isBusy(cause))
    return failure(
      operation,
      "the state of the lake was in use by other processes for 30 seconds: run again later",
      transient(),
      cause,
    )
  // SQLITE_FULL, and SQLITE_IOERR: what a full disk gives where SQLite maps its index of the log into memory.
  if (number === 13 || number === 10)
    return failure(
      operation,
      number === 13
        ? "the disk is full, so the state cannot be written: free some space, then run again"
        : "the disk is full or failing, so the state cannot be written: free some space, then run again",
      transient(),
      cause,
    )
  if (number === 8 || number === 14)
    return failure(
      operation,
      "state.sqlite cannot be opened for writing: let this user write in the lake's folder",
      misconfigured,
      cause,
    )
  const what =
    number === 11 || number === 26 ? "is damaged" : `failed (${cause instanceof Error ? cause.message : String(cause)})`
  return failure(
    operation,
    `state.sqlite ${what}: delete it, then run \`odh state rebuild\`; nothing is lost, it is made from the lake`,
    terminal,
    cause,
  )
}

const patiently = <A>(operation: string, attempt: () => A): Effect.Effect<A, LakeError> =>
  Effect.try({ try: attempt, catch: (cause) => cause }).pipe(
    Effect.retry({
      schedule: Schedule.spaced(50).pipe(Schedule.jittered, Schedule.upTo({ duration: WAIT })),
      while: isBusy,
    }),
    Effect.mapError((cause) => sqliteFailure(operation, cause)),
  )

const connect = (path: string): DatabaseSync => {
  const { DatabaseSync } = withoutSqliteWarning(() => process.getBuiltinModule("node:sqlite"))
  // The wait inside SQLite blocks the whole process, so it is short; the long one is outside.
  const database = new DatabaseSync(path, { timeout: 5 })
  try {
    // NORMAL loses no transaction when a process is killed; after a power cut the events of the lost ones are applied again.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opens the file, and closes it with the scope. */
export const openSqlite = (path: string): Effect.Effect<DatabaseSync, LakeError, Scope.Scope> =>
  Effect.acquireRelease(
    patiently("state", () => connect(path)),
    (database) => Effect.sync(() => database.close()),
  )

const inTransaction = <A>(database: DatabaseSync, body: () => A): A => {
  database.exec("BEGIN IMMEDIATE")
  try {
    const result = body()
    database.exec("COMMIT")
    return result
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK")
    throw error
  }
}

/** Runs `body`, which must be synchronous and short, while no other process writes; all it did or nothing is kept. Fails `Transient` after 30 s. */
export const write = <A>(database: DatabaseSync, operation: string, body: () => A): Effect.Effect<A, LakeError> =>
  patiently(operation, () => inTransaction(database, body))

/** A consistent look at the state. */
export const read = <A>(database: DatabaseSync, operation: string, body: () => A): Effect.Effect<A, LakeError> =>
  patiently(operation, body)

/** The same with another file attached under a name. */
export const attached = (
  database: DatabaseSync,
  path: string,
  name: string,
  body: () => void,
): Effect.Effect<void, LakeError> =>
  Effect.acquireUseRelease(
    patiently("state", () => database.prepare(`ATTACH ? AS ${name}`).run(path)),
    () => write(database, "state", body),
    () => Effect.ignore(patiently("state", () => database.exec(`DETACH ${name}`))),
  )
